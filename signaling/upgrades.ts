/** The way into `/signal`: path, host, origin and a free seat are checked before a WebSocket exists (LAN.md, section 10). */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { unwrapAddress } from './addresses.ts';
import { isOwnOrigin, parseHost, type HostHeader } from './gate.ts';
import type { Seats } from './limits.ts';
import type { Sockets } from './sockets.ts';

export const signalPath = '/signal';

export type UpgradeDeps = {
	readonly isOurs: (host: HostHeader) => boolean;
	readonly seats: Seats;
	readonly sockets: Sockets;
	readonly report: (sentence: string) => void;
};

export function createUpgradeListener(deps: UpgradeDeps): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
	return (request, socket, head) => {
		// Until `ws` takes over nobody else hears this socket's errors.
		socket.on('error', () => socket.destroy());
		try {
			const refusal = enter(deps, request, socket, head);
			if (refusal) refuse(socket, ...refusal);
		} catch (error) {
			deps.report(`A socket could not be opened: ${error instanceof Error ? error.message : String(error)}`);
			socket.destroy();
		}
	};
}

type Refusal = readonly [status: string, sentence: string];

function enter({ isOurs, seats, sockets }: UpgradeDeps, request: IncomingMessage, socket: Duplex, head: Buffer): Refusal | undefined {
	const host = parseHost(request.headers.host);
	if (!host) return ['400 Bad Request', 'The request names no host.'];
	if (!isOurs(host)) return ['421 Misdirected Request', `This server does not answer to the name "${host.name}".`];
	if ((request.url ?? '').replace(/\?.*$/s, '') !== signalPath) return ['404 Not Found', `Signals are exchanged at ${signalPath}.`];
	if (!isOwnOrigin(request.headers.origin, host)) return ['403 Forbidden', 'This page may not use this server.'];
	const address = unwrapAddress(request.socket.remoteAddress);
	const leave = seats.take(address);
	if (!leave) return ['503 Service Unavailable', 'Too many connections.'];
	sockets.accept(request, socket, head, address, leave);
	return undefined;
}

function refuse(socket: Duplex, status: string, sentence: string): void {
	const body = `${sentence}\n`;
	const lines = [
		`HTTP/1.1 ${status}`,
		'Connection: close',
		'Content-Type: text/plain; charset=utf-8',
		'X-Content-Type-Options: nosniff',
		`Content-Length: ${Buffer.byteLength(body)}`,
		'',
		body,
	];
	socket.once('finish', () => socket.destroy());
	socket.end(lines.join('\r\n'));
}
