/**
 * IP literals as candidates name them, and which of them a browser of this office may be pointed at (PROTOCOL.md, section 7;
 * ATTACKS.md A58: a hostile candidate otherwise aims every browser at printers or the internet).
 */

/** `never`: any, multicast, broadcast, reserved, documentation, embedded IPv4. `local` as browsers count it (LAN.md, section 3). */
export type AddressClass = 'local' | 'loopback' | 'public' | 'never';

const mdnsName = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.local$/;

/** A name that Chromium or Firefox made to hide an address. */
export function isMdnsName(address: string): boolean {
	return mdnsName.test(address);
}

/** The class of an IP literal in its plain spelling; `undefined` when it is none. */
export function classifyAddress(address: string): AddressClass | undefined {
	const four = parseIpv4(address);
	if (four) return classifyIpv4(four);
	const six = parseIpv6(address);
	return six && classifyIpv6(six);
}

/** One spelling for each IP literal, so that two who write the same address differently mean the same; `undefined` for anything no browser has. */
export function canonicalAddress(text: string): string | undefined {
	const four = parseIpv4(text);
	if (four) return classifyIpv4(four) === 'never' ? undefined : four.join('.');
	const six = parseIpv6(text);
	return six && classifyIpv6(six) !== 'never' ? six.map((group) => group.toString(16)).join(':') : undefined;
}

/** What the app's own host is: it decides whether loopback and public addresses are acceptable. Names count as local. */
export function classifyHost(host: string): AddressClass {
	const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
	if (bare === 'localhost' || bare.endsWith('.localhost')) return 'loopback';
	return classifyAddress(bare) ?? 'local';
}

function parseIpv4(text: string): readonly number[] | undefined {
	if (!/^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(text)) return undefined;
	const bytes = text.split('.').map(Number);
	return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function classifyIpv4([a = 0, b = 0, c = 0]: readonly number[]): AddressClass {
	if (a === 127) return 'loopback';
	if (a === 0 || a >= 224) return 'never';
	if ((a === 192 && b === 0 && (c === 0 || c === 2)) || (a === 198 && b === 51 && c === 100) || (a === 203 && b === 0 && c === 113)) return 'never';
	if (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)) return 'local';
	if ((a === 100 && b >= 64 && b < 128) || (a === 169 && b === 254)) return 'local';
	return 'public';
}

/** Eight groups; dotted quads and zones are refused, as no browser writes them into a candidate. */
function parseIpv6(text: string): readonly number[] | undefined {
	if (!/^[0-9a-f:]{2,39}$/i.test(text)) return undefined;
	const halves = text.split('::');
	if (halves.length > 2) return undefined;
	const groups = (half: string | undefined): string[] => (half === undefined || half === '' ? [] : half.split(':'));
	const head = groups(halves[0]);
	const tail = groups(halves[1]);
	const missing = 8 - head.length - tail.length;
	if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
	const all = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
	return all.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) ? all.map((group) => Number.parseInt(group, 16)) : undefined;
}

function classifyIpv6(groups: readonly number[]): AddressClass {
	const first = groups[0] ?? 0;
	if (groups.slice(0, 7).every((group) => group === 0)) return groups[7] === 1 ? 'loopback' : 'never';
	// IPv4-mapped and -compatible, NAT64, 6to4 and Teredo carry an IPv4 address past the rules above.
	if (groups.slice(0, 5).every((group) => group === 0) || first === 0x64 || first === 0x2002) return 'never';
	if (first === 0x2001 && (groups[1] === 0 || groups[1] === 0xdb8)) return 'never';
	if (first >= 0xff00) return 'never';
	if ((first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80) return 'local';
	return (first & 0xe000) === 0x2000 ? 'public' : 'never';
}
