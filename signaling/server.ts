/**
 * The signaling server in one piece: HTTP(S) for the app, WebSocket at `/signal`, STUN. Everything it needs is handed in, so a
 * test starts several on port 0. It knows addresses and which socket writes to which; it reads no content (DESIGN.md, D5).
 */
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { unwrapAddress } from './addresses.ts';
import { isOwnHost, type HostHeader } from './gate.ts';
import { createSeats } from './limits.ts';
import { createRequestListener } from './requests.ts';
import { createSockets, socketLimits, type SocketCounters, type SocketLimits } from './sockets.ts';
import { StartFailure, startSentence } from './start-failure.ts';
import { createAppSource } from './static.ts';
import { createStunServer, type StunServer } from './stun-server.ts';
import { watchCertificate, type CertificateFiles, type CertificateWatch, type Credentials } from './tls.ts';
import { createUpgradeListener } from './upgrades.ts';

export type HttpLimits = {
	readonly headersTimeoutMs: number;
	readonly requestTimeoutMs: number;
	/** How often Node looks for requests over these times. */
	readonly checkEveryMs: number;
	/** A connection on which nothing moves, also while a response is being read. */
	readonly idleTimeoutMs: number;
	readonly maxConnections: number;
	readonly maxConnectionsPerAddress: number;
	readonly maxSockets: number;
	/** A whole office may come through one proxy or one NAT. */
	readonly maxSocketsPerAddress: number;
	/** How long sockets may take to close when the server stops. */
	readonly closeGraceMs: number;
};

export const httpLimits: HttpLimits = {
	headersTimeoutMs: 10_000,
	requestTimeoutMs: 15_000,
	checkEveryMs: 2_000,
	idleTimeoutMs: 30_000,
	maxConnections: 8_000,
	maxConnectionsPerAddress: 3_000,
	maxSockets: 6_000,
	maxSocketsPerAddress: 2_000,
	closeGraceMs: 1_000,
};
const maxHeaderBytes = 16 * 1024;

export type SignalingServerDeps = {
	/** Folder of the built app. */
	readonly appDirectory: string;
	/** 0 takes any free port. */
	readonly port: number;
	/** 0 takes any free port; `undefined` is no STUN. */
	readonly stunPort?: number | undefined;
	/** Listen on this address alone; left away: all. */
	readonly host?: string | undefined;
	readonly tls?: CertificateFiles | undefined;
	/** The fragment of the invite that is the door. */
	readonly door?: string | undefined;
	/** Further host names that are ours, lower case. */
	readonly names?: readonly string[];
	readonly limits?: Partial<HttpLimits & SocketLimits>;
	/** How often the certificate's files are looked at. */
	readonly certificateCheckMs?: number;
	/** Takes sentences for the operator while the server runs. */
	readonly report?: (sentence: string) => void;
	/** A clock that never goes back, in milliseconds. */
	readonly nowMs?: () => number;
	/** The time of day, in milliseconds. */
	readonly wallMs?: () => number;
};

export type SignalingServer = {
	readonly port: number;
	/** 0 when STUN is off. */
	readonly stunPort: number;
	/** Build id of the app being served, empty when there is none. */
	readonly build: string;
	/** Open sockets. */
	readonly sockets: number;
	readonly counters: Readonly<SocketCounters>;
	/** The certificate in use. */
	readonly credentials: Credentials | undefined;
	/** Stops listening, closes every socket with 1001 and is done within `closeGraceMs`. */
	close(): Promise<void>;
};

/** @throws StartFailure with a sentence for the operator: a port that is taken, a certificate that does not work */
export async function createSignalingServer(deps: SignalingServerDeps): Promise<SignalingServer> {
	const { nowMs = () => performance.now(), wallMs = () => Date.now(), report = () => undefined } = deps;
	const limits: HttpLimits & SocketLimits = { ...httpLimits, ...socketLimits, ...deps.limits };
	const app = createAppSource(deps.appDirectory);
	const seats = createSeats(limits.maxSockets, limits.maxSocketsPerAddress);
	const startedAtMs = nowMs();
	let stun: StunServer | undefined;
	let certificate: CertificateWatch | undefined;

	const build = (): string => app()?.build ?? '';
	const stunPort = (): number => stun?.port ?? 0;
	const sockets = createSockets({
		limits,
		nowMs,
		welcome: (address) => ({ type: 'welcome', address, build: build(), stunPort: stunPort() }),
	});
	const isOurs = (host: HostHeader): boolean => isOwnHost(host, [...(deps.names ?? []), ...(certificate?.current.names ?? [])]);
	const listener = createRequestListener({
		app,
		isOurs,
		secure: deps.tls !== undefined,
		door: deps.door ?? null,
		stunPort,
		sockets: () => sockets.open,
		uptimeSeconds: () => Math.floor((nowMs() - startedAtMs) / 1000),
		report,
	});
	const timeouts = {
		headersTimeout: limits.headersTimeoutMs,
		requestTimeout: limits.requestTimeoutMs,
		connectionsCheckingInterval: limits.checkEveryMs,
		maxHeaderSize: maxHeaderBytes,
	};

	let http: Server | HttpsServer;
	if (deps.tls) {
		const apply = ({ cert, key }: Credentials): void => secure.setSecureContext({ cert, key });
		const every = deps.certificateCheckMs === undefined ? {} : { everyMs: deps.certificateCheckMs };
		certificate = watchCertificate({ files: deps.tls, apply, report, wallMs, ...every });
		const { cert, key } = certificate.current;
		const secure = createHttpsServer({ ...timeouts, cert, key, handshakeTimeout: limits.headersTimeoutMs }, listener);
		http = secure;
	} else {
		http = createHttpServer(timeouts, listener);
	}
	http.maxConnections = limits.maxConnections;
	http.timeout = limits.idleTimeoutMs;
	const connections = createSeats(limits.maxConnections, limits.maxConnectionsPerAddress);
	http.on('connection', (socket: Socket) => {
		const leave = connections.take(unwrapAddress(socket.remoteAddress));
		if (leave) socket.once('close', leave);
		else socket.destroy();
	});
	http.on('upgrade', createUpgradeListener({ isOurs, seats, sockets, report }));

	try {
		await listen(http, deps.port, deps.host);
		if (deps.stunPort !== undefined) stun = await createStunServer({ host: deps.host, port: deps.stunPort, nowMs });
	} catch (error) {
		certificate?.close();
		sockets.close();
		http.close();
		throw error;
	}
	const bound = http.address() as AddressInfo;

	let closing: Promise<void> | undefined;
	return {
		port: bound.port,
		stunPort: stunPort(),
		get build() {
			return build();
		},
		get sockets() {
			return sockets.open;
		},
		counters: sockets.counters,
		get credentials() {
			return certificate?.current;
		},
		close() {
			closing ??= (async () => {
				certificate?.close();
				const closed = new Promise<void>((resolve) => http.close(() => resolve()));
				sockets.close();
				http.closeIdleConnections();
				const late = setTimeout(() => {
					sockets.terminate();
					http.closeAllConnections();
				}, limits.closeGraceMs);
				await Promise.all([closed, stun?.close()]);
				clearTimeout(late);
			})();
			return closing;
		},
	};
}

async function listen(http: Server | HttpsServer, port: number, host: string | undefined): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		http.once('error', (error) => reject(new StartFailure(startSentence(error, { what: 'Landline', transport: 'TCP', port, host, flag: '--port' }))));
		http.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
	});
	http.removeAllListeners('error');
	// A connection that cannot be accepted (out of file handles) is that connection's misfortune.
	http.on('error', () => undefined);
}
