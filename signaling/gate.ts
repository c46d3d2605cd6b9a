/**
 * Which hosts this server answers for, and which pages may open its socket (LAN.md, section 10).
 *
 * DNS rebinding lets a foreign page reach a LAN server under the attacker's own name, so only names that are known to be ours
 * are answered: IP literals, `localhost`, this computer's name, the certificate's names and those given with `--name`.
 */
import { isIP } from 'node:net';

/** The host and port of a Host header, the name in lower case. `undefined` when it is no such thing. */
export type HostHeader = { readonly name: string; readonly port: string };

export function parseHost(header: string | undefined): HostHeader | undefined {
	const match = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9._-]{1,253}))(?::(\d{1,5}))?$/.exec(header ?? '');
	const name = match?.[1] ?? match?.[2];
	if (name === undefined || (match?.[1] !== undefined && isIP(match[1]) !== 6)) return undefined;
	return { name: name.toLowerCase().replace(/\.$/, ''), port: match?.[3] ?? '' };
}

/** @param names lower-case host names that are ours; `*.example.com` stands for one label in its place, as in certificates */
export function isOwnHost(host: HostHeader, names: Iterable<string>): boolean {
	if (isIP(host.name) !== 0 || host.name === 'localhost') return true;
	for (const name of names) {
		if (name === host.name) return true;
		if (name.startsWith('*.') && host.name.slice(host.name.indexOf('.')) === name.slice(1)) return true;
	}
	return false;
}

/** The names that this computer's host name gives: itself, its first label, and that label under mDNS. */
export function machineNames(hostname: string): string[] {
	const full = hostname.toLowerCase();
	const first = full.split('.')[0] ?? full;
	return [full, first, `${first}.local`];
}

/**
 * Whether a page of this origin may open the socket of this host. A browser always sends Origin with a WebSocket; a program
 * that sends none (y-webrtc under Node, a monitor) carries no foreign page's authority and may.
 */
export function isOwnOrigin(origin: string | undefined, host: HostHeader): boolean {
	if (origin === undefined) return true;
	const match = /^(https?):\/\/(.+)$/.exec(origin);
	const from = parseHost(match?.[2]);
	if (!match || !from) return false;
	const standard = match[1] === 'https' ? '443' : '80';
	return from.name === host.name && (from.port || standard) === (host.port || standard);
}
