/**
 * JOINs that wait for a manager (PROTOCOL.md, 5): at most 64, for 7 days, kept over restarts, and the refusals that keep them out. What stands
 * here is verified before it comes in.
 */
import { equal } from '../../../crypto/bytes.ts';
import { createWriter, decode } from '../../../crypto/codec.ts';
import type { Card } from '../../../crypto/identity.ts';
import type { Id } from '../../log/entry.ts';
import { createCell, type Source } from '../../source.ts';
import type { OfficeStore } from '../../store.ts';
import { decodeRefusal, decodeWaiting, encodeRefusal, encodeWaiting, type Refusal, type WaitingJoin } from './join-messages.ts';
import { deviceOfJoin, verifyJoin } from '../members/join-proof.ts';

const maxWaiting = 64;
const maxRefusals = 256;
export const waitingLifeMs = 7 * 86_400_000;
const waitingPrefix = 'waiting/';
const refusedPrefix = 'refused/';

export interface Guest extends WaitingJoin {
	readonly device: Id;
	readonly card: Card;
}

export interface WaitingRoom {
	/** Oldest first. */
	readonly guests: Source<readonly Guest[]>;
	get(device: Id): Guest | undefined;
	/** `false` if it is there already, was refused, is too old, or the room is full. */
	add(guest: Guest, nowMs: number): boolean;
	remove(device: Id): void;
	/** `false` if it was known. */
	refuse(refusal: Refusal, nowMs: number): boolean;
	isRefused(device: Id, invitePublic: Id): boolean;
	/** Those that others are told of: of JOINs that waited here. Who only heard of one keeps it for itself, so that it dies out. */
	refusals(): readonly Refusal[];
	/** Drops what is too old. */
	expire(nowMs: number): void;
}

/** Reads what waits from the store. Rejects with a `StoreFailure`. */
export async function openWaitingRoom(store: OfficeStore, nowMs: number): Promise<WaitingRoom> {
	const guests = createCell<readonly Guest[]>([]);
	/** By invite and device: one device may be refused under several, and each refusal is passed on once. */
	const refused = new Map<string, { refusal: Refusal; atMs: number; waited: boolean }>();
	const refusalKey = (device: Id, invitePublic: Id): string => `${invitePublic}/${device}`;

	for (const [key, value] of await store.all('joins')) {
		if (key.startsWith(waitingPrefix)) {
			const [waiting] = decodeWaiting(value.slice()) ?? [];
			const card = waiting && verifyJoin(waiting.join);
			if (waiting && card) guests.set([...guests.get(), { ...waiting, card, device: deviceOfJoin(waiting.join) }]);
		} else if (key.startsWith(refusedPrefix)) {
			const record = decodeRecord(value.slice());
			if (record) refused.set(refusalKey(record.refusal.device, record.refusal.invitePublic), record);
		}
	}
	guests.set([...guests.get()].sort((a, b) => a.sinceMs - b.sinceMs));

	// What cannot be written is asked for again after a restart.
	const put = (key: string, value: Uint8Array): void => void store.put('joins', key, value).catch(() => undefined);
	const drop = (key: string): void => void store.delete('joins', key).catch(() => undefined);
	const get = (device: Id): Guest | undefined => guests.get().find((guest) => guest.device === device);
	const isRefused = (device: Id, invitePublic: Id): boolean => refused.has(refusalKey(device, invitePublic));

	function remove(device: Id): void {
		if (!get(device)) return;
		guests.set(guests.get().filter((guest) => guest.device !== device));
		drop(waitingPrefix + device);
	}

	function expire(now: number): void {
		for (const guest of guests.get()) if (now - guest.sinceMs > waitingLifeMs) remove(guest.device);
		for (const [key, { atMs }] of refused) {
			if (now - atMs <= waitingLifeMs && refused.size <= maxRefusals) continue;
			refused.delete(key);
			drop(refusedPrefix + key);
		}
	}

	expire(nowMs);
	return {
		guests,
		get,
		add(guest, now) {
			const isTooOld = now - guest.sinceMs > waitingLifeMs;
			const known = get(guest.device);
			// The same device with another card: the newcomer has taken another name.
			const isNews = !known || (guest.sinceMs > known.sinceMs && !equal(guest.join.card, known.join.card));
			const others = guests.get().filter((other) => other !== known);
			if (!isNews || isTooOld || isRefused(guest.device, guest.join.invitePublic) || others.length >= maxWaiting) return false;
			// Nobody's clock may keep a JOIN for longer than its time.
			const kept = { ...guest, sinceMs: Math.min(guest.sinceMs, now) };
			guests.set([...others, kept].sort((a, b) => a.sinceMs - b.sinceMs));
			put(waitingPrefix + guest.device, encodeWaiting([kept]));
			return true;
		},
		remove,
		refuse(refusal, now) {
			if (isRefused(refusal.device, refusal.invitePublic)) return false;
			const key = refusalKey(refusal.device, refusal.invitePublic);
			const waited = get(refusal.device)?.join.invitePublic === refusal.invitePublic;
			refused.set(key, { refusal, atMs: now, waited });
			put(refusedPrefix + key, createWriter().u64(Math.max(0, Math.floor(now))).u8(waited ? 1 : 0).raw(encodeRefusal(refusal)).bytes());
			if (waited) remove(refusal.device);
			return true;
		},
		isRefused,
		refusals: () => [...refused.values()].filter(({ waited }) => waited).map(({ refusal }) => refusal),
		expire,
	};
}

/** `undefined` also for a record of an earlier build: a refusal lives for a week. */
function decodeRecord(bytes: Uint8Array): { refusal: Refusal; atMs: number; waited: boolean } | undefined {
	return decode(bytes, (r) => ({ atMs: r.u64(), waited: r.u8() === 1, refusal: decodeRefusal(r.raw(r.remaining())) ?? r.fail() }));
}
