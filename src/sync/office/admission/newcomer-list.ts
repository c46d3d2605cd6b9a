/**
 * The list a manager sees of those who wait, each with the 16 digits to compare. The digits cost a tenth of a second apiece, so they are computed
 * one after the other, once, and only on managers' devices.
 */
import { hex } from '../../../crypto/bytes.ts';
import { joinCode } from '../../../crypto/join-code.ts';
import { idToBytes, type Id } from '../../log/entry.ts';
import type { Newcomer } from '../../office.ts';
import { createCell, type Source } from '../../source.ts';
import { withoutInvisible } from '../members/skeleton.ts';
import type { Guest } from './waiting-room.ts';

export interface NewcomerList {
	readonly newcomers: Source<readonly Newcomer[]>;
	stop(): void;
}

export function createNewcomerList(deps: {
	readonly officeId: Id;
	readonly guests: Source<readonly Guest[]>;
	readonly isManager: () => boolean;
	/** Changes when `isManager` may answer otherwise. */
	readonly members: Source<unknown>;
}): NewcomerList {
	const { guests, isManager } = deps;
	const newcomers = createCell<readonly Newcomer[]>([]);
	/** By card: the digits stand for all of it. */
	const codes = new Map<string, string>();
	const keyOf = (guest: Guest): string => hex(guest.join.card);
	let computing = false;
	let stopped = false;

	function show(): void {
		const shown = isManager() ? guests.get() : [];
		const next = shown.flatMap((guest): Newcomer[] => {
			const code = codes.get(keyOf(guest));
			return code === undefined ? [] : [{ id: guest.device, name: withoutInvisible(guest.card.name), code, sinceMs: guest.sinceMs }];
		});
		const before = newcomers.get();
		if (next.length !== before.length || next.some((one, index) => one.code !== before[index]?.code)) newcomers.set(next);
		if (!computing && shown.some((guest) => !codes.has(keyOf(guest)))) void compute();
	}

	async function compute(): Promise<void> {
		computing = true;
		for (;;) {
			const guest = guests.get().find((candidate) => !codes.has(keyOf(candidate)));
			if (!guest || stopped || !isManager()) break;
			codes.set(keyOf(guest), await joinCode(idToBytes(deps.officeId), guest.join.card));
			show();
		}
		computing = false;
	}

	const stops = [guests.subscribe(show), deps.members.subscribe(show)];
	show();
	return {
		newcomers,
		stop() {
			stopped = true;
			for (const stop of stops) stop();
		},
	};
}
