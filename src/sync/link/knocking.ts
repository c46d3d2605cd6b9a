/**
 * Knocks (PROTOCOL.md, section 7): "whoever sits at this address, I would like to talk", sealed and signed like every signal, said on a topic
 * that only the office can make of the address; without a server to all links, and heard only by those at the address. Nothing is ever
 * answered here, nor dialled: a knock must not show who is in. It counts once a link proves that the knocker's start is its present one;
 * so yesterday's, said again by the server, is dropped.
 */
import { concat, hex } from '../../crypto/bytes.ts';
import { createWriter, decode } from '../../crypto/codec.ts';
import { addressTopic } from '../../crypto/mesh-key.ts';
import type { Clock } from '../ports.ts';
import { canonicalAddress } from './address.ts';
import type { SignalContext } from './contexts.ts';
import type { LiveLinks } from './live-links.ts';
import type { KnockHeard } from './mesh-port.ts';
import { messageTypes } from './message-types.ts';
import type { ReceivedSignal } from './signal.ts';

const maxAddressBytes = 45;
/** How long a knock waits for the link that proves it. */
const proofWithinMs = 30_000;
const maxUnproven = 16;

export interface Knocking {
	/** Knocks at a canonical address; answers the knock's session, `undefined` where there is no way. */
	knock(address: string): string | undefined;
	/** `false` when it is not for this address. */
	heard(signal: ReceivedSignal): boolean;
	onKnock(fn: (knock: KnockHeard) => void): () => void;
	stop(): void;
}

export function createKnocking(deps: {
	readonly clock: Clock;
	/** As the server sees it. */
	readonly ownAddress: () => string | undefined;
	readonly current: () => SignalContext | undefined;
	/** A broadcast signal of this device, sealed, with a new session. */
	readonly makeSignal: (context: SignalContext, body: Uint8Array) => { readonly session: Uint8Array; readonly sealed: Uint8Array };
	/** `false` where there is no server. */
	readonly publish: (topic: string, sealed: Uint8Array) => boolean;
	readonly live: LiveLinks;
}): Knocking {
	const { live } = deps;
	const listeners = new Set<(knock: KnockHeard) => void>();
	const unproven = new Map<string, { readonly boot: string; readonly session: string; readonly cancel: () => void }>();

	const isProven = (device: string, boot: string): boolean => {
		const info = live.get(device)?.info;
		return info !== undefined && !info.limited && info.boot === boot;
	};
	const tell = (device: string, session: string): void => [...listeners].forEach((listener) => listener({ device, session }));

	function drop(device: string): void {
		unproven.get(device)?.cancel();
		unproven.delete(device);
	}

	const stopOpened = live.onOpened(({ device }) => {
		const waiting = unproven.get(device);
		if (!waiting || !isProven(device, waiting.boot)) return;
		drop(device);
		tell(device, waiting.session);
	});

	return {
		knock(address) {
			const context = deps.current();
			if (!context) return undefined;
			const { session, sealed } = deps.makeSignal(context, createWriter().text(address).bytes());
			if (deps.publish(addressTopic(context.topicKey, address), sealed)) return hex(session);
			if (live.full().size === 0) return undefined;
			live.broadcast(concat(Uint8Array.of(messageTypes.knock), createWriter().lp(sealed).bytes()), true);
			return hex(session);
		},
		heard({ device, boot, sessionId: session, body }) {
			const address = decode(body, (r) => r.text(maxAddressBytes));
			if (address === undefined || address !== canonicalAddress(deps.ownAddress() ?? '')) return false;
			if (isProven(device, boot)) tell(device, session);
			else if (unproven.size < maxUnproven || unproven.has(device)) {
				drop(device);
				unproven.set(device, { boot, session, cancel: deps.clock.after(proofWithinMs, () => unproven.delete(device)) });
			}
			return true;
		},
		onKnock(fn) {
			listeners.add(fn);
			return () => listeners.delete(fn);
		},
		stop() {
			stopOpened();
			for (const device of [...unproven.keys()]) drop(device);
		},
	};
}
