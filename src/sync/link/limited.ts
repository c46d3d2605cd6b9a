/**
 * Limited links (PROTOCOL.md, section 7): a device nobody has vouched for yet gets 1 MiB and 10 s, at most 4 at once. One that waits for
 * a person's word is held: idle, for up to 10 minutes, in a room of its own.
 */
import type { Clock } from '../ports.ts';

const maxLimited = 4;
/** As many as JOINs wait. */
const maxHeld = 64;
const lifeMs = 10_000;
const heldLifeMs = 10 * 60_000;
export const limitedBytes = 1024 * 1024;

export interface LimitedLinks {
	/** Whether one more may be attempted; attempts under way count. */
	hasRoom(attempting: number): boolean;
	/** `over` is called when its time has passed. */
	opened(device: string, over: () => void): void;
	hold(device: string): void;
	/** It is closed, or known by now. */
	settled(device: string): void;
	stop(): void;
}

export function createLimitedLinks(clock: Clock): LimitedLinks {
	const links = new Map<string, { held: boolean; over: () => void; cancel: () => void }>();
	const count = (held: boolean): number => [...links.values()].filter((link) => link.held === held).length;
	return {
		hasRoom: (attempting) => count(false) + attempting < maxLimited,
		opened(device, over) {
			links.get(device)?.cancel();
			links.set(device, { held: false, over, cancel: clock.after(lifeMs, over) });
		},
		hold(device) {
			const link = links.get(device);
			if (!link || (!link.held && count(true) >= maxHeld)) return;
			link.cancel();
			links.set(device, { held: true, over: link.over, cancel: clock.after(heldLifeMs, link.over) });
		},
		settled(device) {
			links.get(device)?.cancel();
			links.delete(device);
		},
		stop() {
			for (const link of links.values()) link.cancel();
			links.clear();
		},
	};
}
