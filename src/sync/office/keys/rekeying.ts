/**
 * Drawing the mesh key anew (PROTOCOL.md, 6): with each removal in its transaction, and by itself where a generation is *tainted*, that is,
 * someone who was given it is in the office no longer. Then the managers' devices that are in take turns, in an order of chance, so that
 * mostly one of them writes; two that write at once do no harm.
 */
import { hex } from '../../../crypto/bytes.ts';
import { tag } from '../../../crypto/hash.ts';
import { labels } from '../../../crypto/labels.ts';
import type { Random } from '../../../crypto/random.ts';
import { idToBytes, type Id } from '../../log/entry.ts';
import type { Clock } from '../../ports.ts';
import type { Source } from '../../source.ts';
import type { ActWriter, PlannedDeed } from '../members/act-writer.ts';
import type { MembersState } from '../members/members-state.ts';
import { ranks } from '../members/roles.ts';
import { generationOf, generationRecord, type HeldGeneration } from './mesh-key-store.ts';
import { createRekey, type Door } from './mesh-rekey.ts';

/** A removal and the re-keying written with it come a moment apart where links are slow. */
const firstTurnMs = 1_500;
const turnMs = 2_500;
/** A disk that failed, or a right that was not there. */
const againMs = 60_000;

export interface Rekeying {
	/** A MESH_REKEY to be written together with what takes these devices out. */
	plan(without: () => ReadonlySet<Id>): PlannedDeed;
	stop(): void;
}

export function createRekeying(deps: {
	readonly officeId: Id;
	readonly device: Id;
	readonly members: Source<MembersState>;
	readonly writer: ActWriter;
	/** Devices this one is linked to in full. */
	readonly linked: () => Iterable<Id>;
	/** Invites that are to stand, and their psk, as far as this device knows it. */
	readonly doors: () => readonly Door[];
	readonly clock: Clock;
	readonly random: Random;
}): Rekeying {
	const { officeId, device, members, writer, clock, random } = deps;
	let cancelTurn: (() => void) | undefined;
	/** The generation whose turn is waited for. */
	let awaited = '';
	let stopped = false;

	function planned(isNeeded: () => boolean, without: () => ReadonlySet<Id>): PlannedDeed {
		let made: HeldGeneration | undefined;
		return {
			type: 'meshRekey',
			make() {
				if (!isNeeded()) return undefined;
				const gone = without();
				const recipients = [...members.get().devices.values()].filter(({ id, suspended }) => !suspended && !gone.has(id));
				const key = random(32);
				made = generationOf(key);
				return { type: 'meshRekey', ...createRekey(random, officeId, key, recipients, deps.doors()) };
			},
			alongside: () => (made ? [generationRecord(made)] : []),
		};
	}

	const tainted = (): Id | undefined => {
		const newest = members.get().generations.at(-1);
		return newest?.tainted === true && writer.rank() >= ranks.manager ? newest.actId : undefined;
	};

	/** This device's place among the managers' devices that are in. */
	function turn(generation: Id): number {
		const state = members.get();
		const place = (id: Id): string => hex(tag(labels.rekeyTurn, idToBytes(generation), idToBytes(id)));
		const isManager = (id: Id): boolean => ranks[state.members.get(state.devices.get(id)?.memberId ?? '')?.role ?? 'member'] >= ranks.manager;
		return [...deps.linked()].filter((id) => id !== device && isManager(id) && place(id) < place(device)).length;
	}

	function look(): void {
		const generation = tainted() ?? '';
		if (generation === awaited || stopped) return;
		cancelTurn?.();
		awaited = generation;
		if (generation !== '') cancelTurn = clock.after(firstTurnMs + turn(generation) * turnMs, () => void rekey(generation));
	}

	async function rekey(generation: Id): Promise<void> {
		const written = await writer.writeAll([planned(() => tainted() === generation, () => new Set())]);
		if (written.ok || stopped || awaited !== generation) return;
		cancelTurn = clock.after(againMs, () => {
			awaited = '';
			look();
		});
	}

	look();
	const stopMembers = members.subscribe(look);
	return {
		plan: (without) => planned(() => true, without),
		stop() {
			stopped = true;
			cancelTurn?.();
			stopMembers();
		},
	};
}
