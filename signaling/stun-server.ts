/** The UDP sockets of STUN: IPv4 and IPv6 on one port, each source answered so often and no more. Addresses are not logged. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv4, isIPv6 } from 'node:net';
import { createSourceCap } from './limits.ts';
import { StartFailure, startSentence } from './start-failure.ts';
import { answerBinding } from './stun.ts';

/**
 * Answers per source: a mesh of 30 opens 30 connections at once with a few requests each, and a whole branch may sit behind
 * one address. An answer is at most 2.2 times its request, so a forged source gains nobody much.
 */
const replyRate = { burst: 2_000, perSecond: 200 };
const maxSources = 4_096;
const portZeroAttempts = 20;

export type StunServer = {
	readonly port: number;
	readonly answered: number;
	close(): Promise<void>;
};

export type StunDeps = {
	/** Listen on this address alone; `undefined` for all, IPv4 and IPv6. */
	readonly host: string | undefined;
	/** 0 takes any free port, the same for both families. */
	readonly port: number;
	readonly nowMs: () => number;
};

/** @throws StartFailure with a sentence for the operator */
export async function createStunServer(deps: StunDeps): Promise<StunServer> {
	for (let attempt = 1; ; attempt += 1) {
		try {
			return await bindBoth(deps);
		} catch (error) {
			// A free IPv4 port may be taken on IPv6; then another one is drawn.
			if (deps.port === 0 && attempt < portZeroAttempts) continue;
			throw new StartFailure(startSentence(error, { what: 'STUN', transport: 'UDP', port: deps.port, host: deps.host, flag: '--stun-port' }));
		}
	}
}

async function bindBoth({ host, port, nowMs }: StunDeps): Promise<StunServer> {
	const cap = createSourceCap(replyRate, maxSources, nowMs);
	const counters = { answered: 0 };
	const sockets: Socket[] = [];

	const open = async (type: 'udp4' | 'udp6', at: number): Promise<Socket> => {
		const socket = createSocket(type === 'udp6' ? { type, ipv6Only: true } : { type });
		try {
			await new Promise<void>((resolve, reject) => {
				socket.once('error', reject);
				socket.bind({ port: at, ...(host === undefined ? {} : { address: host }) }, () => {
					socket.off('error', reject);
					resolve();
				});
			});
		} catch (error) {
			socket.close();
			throw error;
		}
		// What goes wrong with one packet (an unreachable receiver) concerns that packet alone.
		socket.on('error', () => undefined);
		socket.on('message', (packet, from) => {
			const answer = answerBinding(packet, from);
			if (!answer || !cap.allows(from.address)) return;
			counters.answered += 1;
			socket.send(answer, from.port, from.address, () => undefined);
		});
		sockets.push(socket);
		return socket;
	};

	const v4 = host === undefined || !isIPv6(host);
	const v6 = host === undefined || isIPv6(host) || !isIPv4(host);
	let bound = port;
	try {
		if (v4) bound = (await open('udp4', bound)).address().port;
		if (v6) {
			try {
				bound = (await open('udp6', bound)).address().port;
			} catch (error) {
				// A computer without IPv6, or a name that has no IPv6 address, is served on IPv4 alone.
				if (sockets.length === 0 || (error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw error;
			}
		}
	} catch (error) {
		for (const socket of sockets) socket.close();
		throw error;
	}

	return {
		port: bound,
		get answered() {
			return counters.answered;
		},
		async close() {
			await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
		},
	};
}
