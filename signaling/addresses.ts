/** IP addresses: how the server writes them, which of this computer's to print, and which are public (LAN.md, section 3). */
import { BlockList, isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Addresses that browsers count as local (LAN.md, section 3), and loopback. */
const local = new BlockList();
for (const [network, bits] of [['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16], ['100.64.0.0', 10], ['169.254.0.0', 16], ['127.0.0.0', 8]] as const) {
	local.addSubnet(network, bits, 'ipv4');
}
for (const [network, bits] of [['fc00::', 7], ['fe80::', 10], ['::1', 128]] as const) local.addSubnet(network, bits, 'ipv6');

/** An address as the other side knows it: `::ffff:10.0.0.7` of a dual-stack socket is `10.0.0.7`; a zone (`%eth0`) is cut off. */
export function unwrapAddress(address: string | undefined): string {
	const plain = (address ?? '').replace(/%.*$/, '');
	const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain);
	return mapped?.[1] ?? plain;
}

/** Whether a browser may treat a page from this address as public. Names and the any-address are not. */
export function isPublicAddress(address: string): boolean {
	if (isIP(address) === 0 || address === '0.0.0.0' || address === '::') return false;
	return !local.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** Addresses under which other computers reach this one: IPv4 first, link-local ones left out. */
export function lanAddresses(interfaces = networkInterfaces()): string[] {
	const all = Object.values(interfaces)
		.flatMap((of) => of ?? [])
		.filter((one) => !one.internal && !/^(fe80:|169\.254\.)/i.test(one.address))
		.map((one) => one.address);
	return [...new Set(all)].sort((a, b) => Number(isIPv6(a)) - Number(isIPv6(b)));
}

/** An address as it stands in a URL. */
export function urlHost(address: string): string {
	return isIPv6(address) ? `[${address}]` : address;
}
