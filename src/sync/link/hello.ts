/**
 * The hellos of this device (PROTOCOL.md, sections 5 and 7): one at the start and at each new socket, repeated only while it is alone,
 * so that thirty that start at once cost the server few deliveries.
 */
import type { Random } from '../../crypto/random.ts';
import type { Clock } from '../ports.ts';
import { createBackoff, jitter } from './backoff.ts';
import { sessionBytes } from './signal.ts';

const aloneFirstMs = 5_000;
const aloneMaxMs = 60_000;
/** A newcomer looks at a screen, and no member says hello to it. */
const newcomerFirstMs = 2_000;
const newcomerMaxMs = 10_000;
/** After the server was away everyone is back at the same moment, and most are linked. */
const returnSpreadMs = 2_000;

export interface Hello {
	/** A new socket stands. */
	socketReady(): void;
	/** There is a link again, or none. */
	linked(alone: boolean): void;
	/** Says it now if alone. */
	again(): void;
	stop(): void;
}

export interface HelloDeps {
	readonly clock: Clock;
	readonly random: Random;
	readonly newcomer: boolean;
	/** Somebody has heard: attempts are under way, so it need not be said again. */
	readonly busy: () => boolean;
	readonly say: (session: Uint8Array) => void;
}

export function createHello({ clock, random, newcomer, busy, say }: HelloDeps): Hello {
	const backoff = createBackoff(newcomer ? { random, firstMs: newcomerFirstMs, maxMs: newcomerMaxMs } : { random, firstMs: aloneFirstMs, maxMs: aloneMaxMs });
	let alone = true;
	let before = false;
	let cancel = (): void => undefined;

	function greet(): void {
		before = true;
		say(random(sessionBytes));
		later();
	}

	function later(): void {
		cancel();
		if (alone) cancel = clock.after(backoff.next(), () => (busy() ? later() : greet()));
	}

	return {
		socketReady() {
			cancel();
			if (alone || !before) greet();
			else cancel = clock.after(jitter(random) * returnSpreadMs, greet);
		},
		linked(nowAlone) {
			if (alone === nowAlone) return;
			alone = nowAlone;
			backoff.reset();
			later();
		},
		again() {
			backoff.reset();
			if (alone) greet();
		},
		stop() {
			cancel();
		},
	};
}
