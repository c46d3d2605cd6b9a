/**
 * Whether this device's list of people may be taken for the present one (PROTOCOL.md, 7). Someone just removed can read from a colleague who has
 * not heard of it; a device that heard nobody who keeps the list for 14 days holds what it would send, unless the person says otherwise.
 *
 * The list counts as heard of: with an act by another manager; with a digest equal to that of another manager's device, or to those of two
 * colleagues at once (one alone may be the one removed); with one's own admission. Where no other manager is, there is nobody to hear of.
 * Who came in through a colleague alone is told so until it was level with who invited it, or a manager's device other than its witness: that
 * colleague might be out already and show an old office.
 */
import { createWriter, decode } from '../../../crypto/codec.ts';
import type { Id } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { Connection } from '../../office.ts';
import type { Clock } from '../../ports.ts';
import { createCell, type Source } from '../../source.ts';
import type { OfficeStore } from '../../store.ts';
import type { Member, MembersState } from '../members/members-state.ts';

const currentForMs = 14 * 86_400_000;
/** How long the person's word holds. */
const wordForMs = 86_400_000;
const lookEveryMs = 3_600_000;
/** What was level is written down at most this often. */
const noteEveryMs = 3_600_000;
const markKey = 'list';

export interface ListStanding {
	readonly standing: Source<Connection['list']>;
	/** Whether what one writes may go out. */
	maySend(): boolean;
	sendAnyway(): void;
	/** These devices hold what this one holds. */
	level(devices: ReadonlySet<Id>): void;
	stop(): void;
}

interface Marks {
	/** When the list was last found current by what peers hold, ms. */
	readonly heardMs: number;
	/** Whether one's own admission was seen by another than its witness. */
	readonly confirmed: boolean;
}

/** Rejects with a `StoreFailure`. */
export async function createListStanding(deps: { readonly log: Log; readonly members: Source<MembersState>; readonly store: OfficeStore; readonly clock: Clock }): Promise<ListStanding> {
	const { log, members, store, clock } = deps;
	const saved = await store.get('marks', markKey);
	let marks: Marks = (saved && decode(saved.slice(), (r) => ({ heardMs: r.u64(), confirmed: r.u8() === 1 }))) ?? { heardMs: 0, confirmed: false };
	let wordMs = Number.NEGATIVE_INFINITY;
	const standing = createCell<Connection['list']>('current');

	const memberOf = (device: Id): Member | undefined => {
		const state = members.get();
		return state.members.get((state.devices.get(device) ?? state.formerDevices.get(device))?.memberId ?? '');
	};
	const isManager = (member: Member | undefined): boolean => member !== undefined && member.inForce && !member.suspended && member.role !== 'member';

	/** Wall time of the newest act by another manager, or of one's own admission. */
	function newestActMs(self: Id | undefined): number {
		const state = members.get();
		let newestMs = log.get(state.devices.get(log.device)?.joinedBy ?? '')?.header.wallMs ?? 0;
		for (const device of state.devices.values()) {
			if (device.memberId === self || !isManager(state.members.get(device.memberId))) continue;
			const head = log.head(device.id, 0);
			const wallMs = (head && log.at(device.id, 0, head.seq)?.header.wallMs) ?? 0;
			newestMs = Math.max(newestMs, wallMs);
		}
		return newestMs;
	}

	/** Who witnessed this device's admission, if that was a colleague who did not invite it. */
	function witness(): { readonly device: Id; readonly inviter: Id | undefined } | undefined {
		const state = members.get();
		const self = memberOf(log.device);
		const author = log.get(state.devices.get(log.device)?.joinedBy ?? '')?.header.author;
		if (self?.inviteId === undefined || author === undefined) return undefined;
		const inviter = state.invites.get(self.inviteId)?.createdBy;
		return memberOf(author)?.id === inviter ? undefined : { device: author, inviter };
	}

	function look(): void {
		const self = memberOf(log.device);
		const others = [...members.get().members.values()].some((member) => member.id !== self?.id && isManager(member));
		const nowMs = clock.now();
		const isStale = self?.inForce === true && others && nowMs - Math.max(newestActMs(self.id), marks.heardMs) > currentForMs;
		if (isStale) standing.set(nowMs - wordMs <= wordForMs ? 'stale-sending' : 'stale');
		else standing.set(self?.inForce === true && !marks.confirmed && witness() ? 'unconfirmed' : 'current');
	}

	function note(next: Marks): void {
		const isNews = next.confirmed !== marks.confirmed || Math.abs(next.heardMs - marks.heardMs) >= noteEveryMs;
		if (!isNews) return;
		marks = next;
		// Found out again by the next device that is level.
		void store.put('marks', markKey, createWriter().u64(Math.max(0, Math.floor(marks.heardMs))).u8(marks.confirmed ? 1 : 0).bytes()).catch(() => undefined);
		look();
	}

	let cancelTimer = (): void => undefined;
	function tick(): void {
		look();
		cancelTimer = clock.after(lookEveryMs, tick);
	}

	tick();
	const stopMembers = members.subscribe(look);
	return {
		standing,
		maySend: () => standing.get() !== 'stale',
		sendAnyway() {
			wordMs = clock.now();
			look();
		},
		level(devices) {
			const self = memberOf(log.device)?.id;
			if (self === undefined) return;
			const people = new Map([...devices].map((device) => [device, memberOf(device)] as const).filter(([, member]) => member !== undefined && member.id !== self));
			const isHeard = [...people.values()].some(isManager) || new Set([...people.values()].map((member) => member?.id)).size > 1;
			const through = witness();
			const isConfirmed = through === undefined || [...people].some(([device, member]) => member?.id === through.inviter || (isManager(member) && device !== through.device));
			note({ heardMs: isHeard ? clock.now() : marks.heardMs, confirmed: marks.confirmed || isConfirmed });
		},
		stop() {
			cancelTimer();
			stopMembers();
		},
	};
}
