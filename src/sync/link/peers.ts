/** Which devices are online, as far as this one has heard: from their own signals, or from the list of a neighbour. */
import type { SignalContext } from './contexts.ts';

/** After its last signal a device counts as online this long, unless a neighbour is linked to it. */
const heardLifeMs = 10 * 60_000;
/** A neighbour's list may be older than what the device itself has just said. */
const heardFreshMs = 30_000;
const maxPeers = 2_048;
const maxGone = 4_096;

export interface Peer {
	readonly device: string;
	/** Its present start, as far as known. */
	boot: string;
	/** The newest key both hold, as far as known. */
	context: SignalContext;
	/** When it last signalled itself; 0 = never. */
	heardMs: number;
}

export interface Peers {
	get(device: string): Peer | undefined;
	/** The device itself has signalled. Answers whether this start of it is new. */
	heard(device: string, boot: string, context: SignalContext): boolean;
	/** A neighbour is linked to it. */
	told(device: string, boot: string, context: SignalContext): void;
	/** This start of it has ended, or is not to be dialled again. */
	gone(device: string, boot: string): void;
	isGone(device: string, boot: string): boolean;
	forget(device: string): void;
	/** Whether it may still be online by its own word. */
	fresh(device: string): boolean;
	all(): readonly Peer[];
}

export function createPeers(now: () => number): Peers {
	const peers = new Map<string, Peer>();
	const goneBoots = new Set<string>();

	function put(device: string, boot: string, context: SignalContext, heardMs: number): void {
		peers.set(device, { device, boot, context, heardMs });
		if (peers.size > maxPeers) peers.delete(peers.keys().next().value ?? device);
	}

	return {
		get: (device) => peers.get(device),
		heard(device, boot, context) {
			const known = peers.get(device);
			const isNew = known?.boot !== boot;
			const newest = known && !isNew && known.context.invite === context.invite && known.context.age < context.age ? known.context : context;
			peers.delete(device);
			put(device, boot, newest, now());
			return isNew;
		},
		told(device, boot, context) {
			if (goneBoots.has(`${device}/${boot}`)) return;
			const known = peers.get(device);
			if (!known) put(device, boot, context, 0);
			else if (known.boot !== boot && now() - known.heardMs > heardFreshMs) put(device, boot, context, known.heardMs);
		},
		gone(device, boot) {
			goneBoots.add(`${device}/${boot}`);
			if (goneBoots.size > maxGone) goneBoots.delete(goneBoots.values().next().value ?? '');
			if (peers.get(device)?.boot === boot) peers.delete(device);
		},
		isGone: (device, boot) => goneBoots.has(`${device}/${boot}`),
		forget(device) {
			peers.delete(device);
		},
		fresh: (device) => now() - (peers.get(device)?.heardMs ?? 0) < heardLifeMs,
		all: () => [...peers.values()],
	};
}
