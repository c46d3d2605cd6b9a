/**
 * Knocks as people see them: "<name> would like to talk", with "Answer" and "Ignore". A knock is answered by a person or not at all; who is
 * invisible, away or not there looks the same to who knocks (ATTACKS.md A65). Floods are capped on both sides: what is over the rate is
 * dropped here without a trace, so that the sender learns nothing of that either.
 */
import { concat, fromHex, hex } from '../../../crypto/bytes.ts';
import { fail, done, type Result } from '../../failures.ts';
import { canonicalAddress } from '../../link/address.ts';
import type { KnockHeard, LinkInfo, Mesh } from '../../link/mesh-port.ts';
import { messageTypes } from '../../link/message-types.ts';
import { sessionBytes } from '../../link/signal.ts';
import type { Id } from '../../log/entry.ts';
import type { Knock, Office, OwnKnock } from '../../office.ts';
import type { Clock } from '../../ports.ts';
import { createRateByKey } from '../../rate.ts';
import { createCell, derive, type Source } from '../../source.ts';
import type { OfficeStore } from '../../store.ts';
import type { Member, MembersState } from '../members/members.ts';

const ownRate = { burst: 3, perSecond: 1 / 20 };
/** Of one person, whatever devices they knock from; */
const personRate = { burst: 2, perSecond: 1 / 60 };
/** and of all together. */
const allRate = { burst: 5, perSecond: 1 / 30 };
const maxShown = 3;
/** An unanswered question leaves the screen. */
const shownMs = 2 * 60_000;
/** Who was ignored does not ask again for so long. */
const ignoredMs = 10 * 60_000;
const noAnswerYetMs = 30_000;
/** Knocks that were shown, over restarts: the server may say one again as long as the knocker's start lasts. */
const maxPast = 256;
const pastKey = 'knocks';

export interface Knocks {
	readonly part: Pick<Office, 'address' | 'knocks' | 'ownKnock' | 'knock' | 'endKnock' | 'answerKnock' | 'ignoreKnock'>;
	stop(): void;
}

interface Asking extends Knock {
	readonly device: Id;
	readonly cancel: () => void;
}

/** Rejects with a `StoreFailure`. */
export async function createKnocks(deps: {
	readonly mesh: Pick<Mesh, 'knock' | 'onKnock' | 'onMessage' | 'send' | 'serverInfo' | 'self'>;
	readonly members: Source<MembersState>;
	/** Members this person has blocked: they are not heard, and learn nothing of it. */
	readonly blocked: Source<ReadonlySet<Id>>;
	/** Opens the direct conversation with a member; answers its id. */
	readonly converse: (member: Id) => Promise<Result<string>>;
	readonly clock: Clock;
	readonly store: Pick<OfficeStore, 'get' | 'put'>;
}): Promise<Knocks> {
	const { mesh, members, clock, store } = deps;
	let past = readPast(await store.get('prefs', pastKey));
	const own = createRateByKey(clock, ownRate);
	const persons = createRateByKey(clock, personRate);
	const all = createRateByKey(clock, allRate);
	const asking = createCell<readonly Asking[]>([]);
	const ownKnock = createCell<OwnKnock | undefined>(undefined);
	const ignored = new Map<Id, number>();
	let session: Id | undefined;
	let cancelPatience = (): void => undefined;

	/** Whose device it is, if it is a colleague's in force. */
	function colleagueOf(device: Id): Member | undefined {
		const state = members.get();
		const known = state.devices.get(device);
		const isOwn = known?.memberId === state.devices.get(mesh.self.device)?.memberId;
		return known && !known.suspended && !isOwn ? state.members.get(known.memberId) : undefined;
	}

	function drop(id: string): void {
		asking.get().find((one) => one.id === id)?.cancel();
		asking.set(asking.get().filter((one) => one.id !== id));
	}

	function heard({ device, session: id }: KnockHeard): void {
		const person = past.includes(id) ? undefined : colleagueOf(device);
		if (!person || deps.blocked.get().has(person.id) || Math.abs(clock.now() - (ignored.get(person.id) ?? Number.NEGATIVE_INFINITY)) < ignoredMs) return;
		const before = asking.get().find((one) => one.member === person.id);
		if (!before && asking.get().length >= maxShown) return;
		if (!persons.take(person.id) || !all.take('')) return;
		if (before) drop(before.id);
		past = [...past, id].slice(-maxPast);
		// A disk that fails costs at most a question asked twice.
		store.put('prefs', pastKey, concat(...past.map(sessionOf))).catch(() => undefined);
		const cancel = clock.after(shownMs, () => drop(id));
		asking.set([...asking.get(), { id, device, member: person.id, name: person.name, atMs: clock.now(), cancel }]);
	}

	async function answered(link: LinkInfo, payload: Uint8Array): Promise<void> {
		const person = link.limited || hex(payload) !== session ? undefined : colleagueOf(link.device);
		const shown = ownKnock.get();
		if (!person || !shown) return;
		cancelPatience();
		const opened = await deps.converse(person.id);
		if (opened.ok && ownKnock.get() === shown) ownKnock.set({ ...shown, step: 'answered', name: person.name, conversation: opened.value });
	}

	function end(): void {
		cancelPatience();
		session = undefined;
		ownKnock.set(undefined);
	}

	const stops = [mesh.onKnock(heard), mesh.onMessage([messageTypes.knockAnswer], (link, payload) => void answered(link, payload.slice()))];
	return {
		part: {
			address: derive([mesh.serverInfo], () => mesh.serverInfo.get()?.address),
			knocks: asking,
			ownKnock,
			knock(text) {
				const address = canonicalAddress(text.trim());
				if (address === undefined) return fail('address-wrong');
				if (!own.take('')) return fail('too-often');
				const made = mesh.knock(address);
				if (made === undefined) return fail('no-way');
				end();
				session = made;
				ownKnock.set({ address: text.trim(), step: 'waiting', name: '', conversation: '' });
				cancelPatience = clock.after(noAnswerYetMs, () => {
					const shown = ownKnock.get();
					if (shown?.step === 'waiting') ownKnock.set({ ...shown, step: 'no-answer' });
				});
				return done;
			},
			endKnock: end,
			async answerKnock(id) {
				const one = asking.get().find((candidate) => candidate.id === id);
				if (!one) return fail('not-found');
				drop(id);
				const opened = await deps.converse(one.member);
				if (opened.ok) mesh.send(one.device, concat(Uint8Array.of(messageTypes.knockAnswer), sessionOf(id)), true);
				return opened;
			},
			ignoreKnock(id) {
				const one = asking.get().find((candidate) => candidate.id === id);
				if (one) ignored.set(one.member, clock.now());
				drop(id);
			},
		},
		stop() {
			end();
			for (const stop of stops) stop();
			for (const { id } of asking.get()) drop(id);
		},
	};
}

const sessionOf = (id: Id): Uint8Array => fromHex(id) ?? new Uint8Array(sessionBytes);

function readPast(bytes: Uint8Array | undefined): readonly Id[] {
	const count = Math.floor((bytes?.length ?? 0) / sessionBytes);
	return Array.from({ length: count }, (_, i) => hex((bytes ?? new Uint8Array(0)).subarray(i * sessionBytes, (i + 1) * sessionBytes)));
}
