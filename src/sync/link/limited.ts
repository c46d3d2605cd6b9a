/**
 * Limited links (PROTOCOL.md, section 7): a device nobody has vouched for yet gets 1 MiB and 10 s, at most 4 at once. One that waits for
 * a person's word is held: idle, for up to 10 minutes, in a room of its own.
 */
import type { Clock } from '../ports.ts';

const maxLimited = 4;
/** Of those places, who came by one invite has so many, */
const maxOfInvite = 2;
/** who came by any invite so many, so that one is left for a colleague whom this device does not know yet, */
const maxOfInvites = 3;
/** and so many are being attempted at once: who holds an invite must not keep colleagues from each other. */
const maxInviteAttempts = 2;
/** As many as JOINs wait. */
const maxHeld = 64;
const lifeMs = 10_000;
const heldLifeMs = 10 * 60_000;
export const limitedBytes = 1024 * 1024;

export interface LimitedLinks {
	/**
	 * Whether one more may be attempted; attempts under way count.
	 * @param invite the invite it came by; `undefined` for a colleague not known yet
	 * @param attempting the invites of those under way
	 */
	hasRoom(invite: string | undefined, attempting: readonly (string | undefined)[]): boolean;
	/** `over` is called when its time has passed. */
	opened(device: string, invite: string | undefined, over: () => void): void;
	hold(device: string): void;
	/** It is closed, or known by now. */
	settled(device: string): void;
	stop(): void;
}

export function createLimitedLinks(clock: Clock): LimitedLinks {
	const links = new Map<string, { held: boolean; invite: string | undefined; over: () => void; cancel: () => void }>();
	const count = (held: boolean): number => [...links.values()].filter((link) => link.held === held).length;
	return {
		hasRoom(invite, attempting) {
			const all = [...[...links.values()].filter(({ held }) => !held).map((link) => link.invite), ...attempting];
			if (all.length >= maxLimited || invite === undefined) return all.length < maxLimited;
			const isInvite = (one: string | undefined): boolean => one !== undefined;
			return all.filter((one) => one === invite).length < maxOfInvite && all.filter(isInvite).length < maxOfInvites && attempting.filter(isInvite).length < maxInviteAttempts;
		},
		opened(device, invite, over) {
			links.get(device)?.cancel();
			links.set(device, { held: false, invite, over, cancel: clock.after(lifeMs, over) });
		},
		hold(device) {
			const link = links.get(device);
			if (!link || (!link.held && count(true) >= maxHeld)) return;
			link.cancel();
			links.set(device, { ...link, held: true, cancel: clock.after(heldLifeMs, link.over) });
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
