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

/** One who waits: outside with a JOIN, or inside and held. */
export interface Applicant {
	readonly device: Id;
	readonly name: string;
	/** Bytes of the card: the digits stand for all of it. */
	readonly card: Uint8Array;
	readonly sinceMs: number;
	readonly contested: boolean;
	/** Name of the member they come back as; else empty. */
	readonly bringsBack: string;
}

export interface NewcomerList {
	readonly newcomers: Source<readonly Newcomer[]>;
	stop(): void;
}

export function createNewcomerList(deps: {
	readonly officeId: Id;
	readonly applicants: Source<readonly Applicant[]>;
	readonly isManager: () => boolean;
	/** Changes when `isManager` may answer otherwise. */
	readonly members: Source<unknown>;
}): NewcomerList {
	const { applicants, isManager } = deps;
	const newcomers = createCell<readonly Newcomer[]>([]);
	/** By card: the digits stand for all of it. */
	const codes = new Map<string, string>();
	const keyOf = (guest: Applicant): string => hex(guest.card);
	let computing = false;
	let stopped = false;

	function show(): void {
		const shown = isManager() ? applicants.get() : [];
		const next = shown.flatMap((guest): Newcomer[] => {
			const code = codes.get(keyOf(guest));
			return code === undefined ? [] : [{ id: guest.device, name: withoutInvisible(guest.name), code, sinceMs: guest.sinceMs, contested: guest.contested, bringsBack: withoutInvisible(guest.bringsBack) }];
		});
		const before = newcomers.get();
		if (next.length !== before.length || next.some((one, index) => one.code !== before[index]?.code)) newcomers.set(next);
		if (!computing && shown.some((guest) => !codes.has(keyOf(guest)))) void compute();
	}

	async function compute(): Promise<void> {
		computing = true;
		for (;;) {
			const guest = applicants.get().find((candidate) => !codes.has(keyOf(candidate)));
			if (!guest || stopped || !isManager()) break;
			codes.set(keyOf(guest), await joinCode(idToBytes(deps.officeId), guest.card));
			show();
		}
		computing = false;
	}

	const stops = [applicants.subscribe(show), deps.members.subscribe(show)];
	show();
	return {
		newcomers,
		stop() {
			stopped = true;
			for (const stop of stops) stop();
		},
	};
}
