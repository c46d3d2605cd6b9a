/** Bytes to a server over plain TCP, as no well-behaved client would send them. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export type RawSocket = {
	readonly socket: Socket;
	/** Everything received so far, as Latin-1. */
	text(): string;
	/** Resolves with everything received when the other side has closed. */
	readonly closed: Promise<string>;
	send(data: string | Uint8Array): void;
};

export function openRaw(port: number, host = '127.0.0.1'): RawSocket {
	const socket = connect(port, host);
	const chunks: Buffer[] = [];
	const text = (): string => Buffer.concat(chunks).toString('latin1');
	socket.on('data', (chunk) => chunks.push(chunk));
	// A reset is a way of being closed.
	socket.on('error', () => undefined);
	const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(text())));
	return { socket, text, closed, send: (data) => socket.write(data) };
}

/** One request as written, and all that came back until the server closed. */
export async function exchange(port: number, request: string): Promise<string> {
	const raw = openRaw(port);
	raw.send(request);
	return raw.closed;
}

/** The head of a WebSocket handshake. `undefined` removes a header. */
export function upgradeHead(port: number, changes: Readonly<Record<string, string | undefined>> = {}, path = '/signal'): string {
	const headers: Record<string, string | undefined> = {
		Host: `127.0.0.1:${port}`,
		Connection: 'Upgrade',
		Upgrade: 'websocket',
		'Sec-WebSocket-Version': '13',
		'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
		...changes,
	};
	const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
	return [`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}

/** A client's WebSocket frame, masked with zeros. */
export function frame(opcode: number, payload: Uint8Array | string, fin = true): Uint8Array {
	const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
	const length = body.length < 126 ? [body.length | 0x80] : body.length < 65536 ? [126 | 0x80, body.length >> 8, body.length & 255] : undefined;
	const long = Buffer.alloc(9);
	long[0] = 127 | 0x80;
	long.writeUInt32BE(body.length, 5);
	return Buffer.concat([Buffer.from([(fin ? 0x80 : 0) | opcode]), length ? Buffer.from(length) : long, Buffer.alloc(4), body]);
}

/** An open WebSocket on a raw socket. */
export async function openWebSocket(port: number): Promise<RawSocket> {
	const raw = openRaw(port);
	raw.send(upgradeHead(port));
	while (!raw.text().includes('\r\n\r\n')) await new Promise((resolve) => raw.socket.once('data', resolve));
	return raw;
}
