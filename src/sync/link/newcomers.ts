/**
 * Who answers a newcomer's hello (PROTOCOL.md, section 5): the members online take turns by rank, 200 ms apart, until a bye of that
 * hello says that the newcomer is served.
 */
import { compare, fromHex } from '../../crypto/bytes.ts';
import { tag } from '../../crypto/hash.ts';
import { labels } from '../../crypto/labels.ts';
import type { Clock } from '../ports.ts';
import type { ReceivedSignal } from './signal.ts';

const rankDelayMs = 200;
const maxRanked = 8;
const maxPending = 64;

export interface Newcomers {
	/** A newcomer said hello; `offer` is called when this device's turn has come. */
	heard(hello: ReceivedSignal, online: readonly string[], offer: () => void): void;
	/** The newcomer is served. */
	served(device: string): void;
	stop(): void;
}

export function createNewcomers(clock: Clock, self: string): Newcomers {
	const pending = new Map<string, () => void>();
	return {
		heard(hello, online, offer) {
			const rank = rankOf(self, hello.session, online);
			if (rank >= maxRanked || (pending.size >= maxPending && !pending.has(hello.device))) return;
			pending.get(hello.device)?.();
			const cancel = clock.after(rank * rankDelayMs, () => {
				pending.delete(hello.device);
				offer();
			});
			pending.set(hello.device, cancel);
		},
		served(device) {
			pending.get(device)?.();
			pending.delete(device);
		},
		stop() {
			for (const cancel of pending.values()) cancel();
			pending.clear();
		},
	};
}

/** This device's place among those online, itself included: by hash, so that no one is always first. */
export function rankOf(self: string, session: Uint8Array, online: readonly string[]): number {
	const order = (device: string): Uint8Array => tag(labels.joinSignal, session, fromHex(device) ?? new Uint8Array(32));
	const own = order(self);
	return online.filter((device) => device !== self && compare(order(device), own) < 0).length;
}
