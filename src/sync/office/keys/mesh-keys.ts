/**
 * Which mesh keys this device holds and which of them serve now (PROTOCOL.md, 5 and 6): opened from MESH_REKEYs sealed to it, or taken from a GRANT
 * against a commit in force. The newest generation in force counts; older ones serve to meet and to read.
 */
import { equal, hex } from '../../../crypto/bytes.ts';
import type { DeviceKeys } from '../../../crypto/identity.ts';
import { joinKeys } from '../../../crypto/invite.ts';
import { meshCommit } from '../../../crypto/mesh-key.ts';
import type { GenerationKeys, MeshKeys } from '../../link/mesh-port.ts';
import { idToBytes, type Id } from '../../log/entry.ts';
import type { Clock } from '../../ports.ts';
import { createCell, type Source } from '../../source.ts';
import type { OfficeStore } from '../../store.ts';
import type { ContentRoots } from '../conversations/content-ports.ts';
import { decodeGrant, encodeGrant, maxGranted, type Grant } from './grant.ts';
import { inviteIsHeard, inviteTerms } from '../admission/invite-terms.ts';
import type { Generation, InviteState, MembersState } from '../members/members-state.ts';
import { generationOf, generationRecord, loadGenerations, type HeldGeneration } from './mesh-key-store.ts';
import { openPsk, openRekey, type Door } from './mesh-rekey.ts';

const dayMs = 86_400_000;
/** Signal and topic keys of generations replaced longer ago are not given away. */
const meetingDays = 90;
/** A GRANT may come before the log that proves it. */
const maxPendingGrants = 8;
/** A counter in MESH_REKEY is one byte. */
const maxDoors = 255;
/** Invites open and close with time too. */
const lookAgainMs = 600_000;

export interface MeshKeyring {
	/** For the mesh. `current` is the newest generation held. */
	readonly meshKeys: Source<MeshKeys>;
	/** For office-wide content. */
	readonly roots: ContentRoots;
	/** Whether the newest generation in force is held. */
	isCurrent(): boolean;
	/** The newest generation in force, if held: what new things are sealed under. */
	currentKey(): { readonly keyId: Uint8Array; readonly key: Uint8Array } | undefined;
	/** Payload of a GRANT; `undefined` while this device lacks the key itself. */
	grant(): Uint8Array | undefined;
	/**
	 * Takes a GRANT's payload; `true` if it brought the key of a generation in force. One that is whole and names a commit not known yet is
	 * kept for when it is. Rejects with a `StoreFailure`.
	 */
	accept(payload: Uint8Array): Promise<boolean>;
	/** The psk of an invite, if a key it is sealed under is held: that of its INVITE, or of a MESH_REKEY since. */
	pskOf(invite: InviteState): Uint8Array | undefined;
	/** The invites that a re-keying seals anew, newest first. */
	doors(): readonly Door[];
	stop(): void;
}

/** Reads what the store holds. Rejects with a `StoreFailure`. */
export async function createMeshKeyring(deps: {
	readonly officeId: Id;
	readonly keys: DeviceKeys;
	readonly store: OfficeStore;
	readonly members: Source<MembersState>;
	readonly clock: Clock;
}): Promise<MeshKeyring> {
	const { officeId, keys, store, members, clock } = deps;
	const device = hex(keys.signPublic);
	const held = await loadGenerations(store);
	const psks = new Map<Id, Uint8Array>();
	const rootListeners = new Set<() => void>();
	/** MESH_REKEYs that were looked into for a copy. */
	const looked = new Set<Id>();
	/** GRANTs whose commit is not in force yet. */
	let pending: readonly Grant[] = [];
	let cancelTimer = (): void => undefined;

	const newest = (): Generation | undefined => members.get().generations.at(-1);

	/** Opens the copies sealed to this device in MESH_REKEYs that came in. A disk that fails costs nothing: the entry is there to open again. */
	function openCopies(): void {
		for (const { actId, keyId, rekey } of members.get().generations) {
			if (looked.has(actId)) continue;
			looked.add(actId);
			if (held.get(keyId)?.key) continue;
			const key = openRekey(rekey, officeId, device, keys);
			if (!key) continue;
			const generation = generationOf(key);
			held.set(keyId, generation);
			void store.put('keys', generationRecord(generation).key, generationRecord(generation).value).catch(() => undefined);
		}
	}

	function pskOf(invite: InviteState): Uint8Array | undefined {
		const { invitePublic } = invite;
		const known = psks.get(invitePublic);
		if (known) return known;
		const copies = members.get().generations.flatMap(({ keyId, rekey }) => {
			const copy = rekey.invites.find((candidate) => candidate.invitePublic === invitePublic);
			return copy ? [{ keyId, sealedPsk: copy.sealedPsk }] : [];
		});
		for (const { keyId, sealedPsk } of [{ keyId: hex(invite.keyId), sealedPsk: invite.sealedPsk }, ...copies]) {
			const key = held.get(keyId)?.key;
			const psk = key && openPsk(key, idToBytes(invitePublic), sealedPsk);
			if (!psk) continue;
			psks.set(invitePublic, psk);
			return psk;
		}
		return undefined;
	}

	function doors(): readonly Door[] {
		const state = members.get();
		const standing = [...state.invites.values()].filter((invite) => invite.confirm && inviteTerms(invite, state, clock.now()) === 'open');
		return standing
			.reverse()
			.flatMap((invite): Door[] => {
				const psk = pskOf(invite);
				return psk ? [{ invitePublic: invite.invitePublic, psk }] : [];
			})
			.slice(0, maxDoors);
	}

	function compute(): MeshKeys {
		const generations = [...members.get().generations].reverse().flatMap(({ keyId }): GenerationKeys[] => {
			const { topicKey, signalKey, keyId: bytes } = held.get(keyId) ?? {};
			return topicKey && signalKey && bytes ? [{ keyId: bytes, topicKey, signalKey }] : [];
		});
		const now = clock.now();
		const joins = [...members.get().invites.values()].filter((invite) => inviteIsHeard(invite, members.get(), now)).flatMap((invite) => {
			const psk = pskOf(invite);
			if (!psk) return [];
			const { topic, signal } = joinKeys(psk);
			return [{ topicKey: topic, signalKey: signal, invitePublic: invite.invitePublic }];
		});
		return { current: generations[0], older: generations.slice(1), joins };
	}

	const meshKeys = createCell<MeshKeys>({ current: undefined, older: [], joins: [] });
	let shape = '';

	function refresh(): void {
		openCopies();
		const next = compute();
		// The mesh subscribes anew on every change: only real ones are told.
		const nextShape = [...[next.current, ...next.older].map((one) => (one ? hex(one.keyId) : '')), ...next.joins.map((join) => join.invitePublic)].join();
		if (nextShape !== shape) {
			shape = nextShape;
			meshKeys.set(next);
		}
		const roots = [...held.values()].flatMap(({ keyId, contentRoot }) => (contentRoot ? [`${hex(keyId)}${hex(contentRoot.subarray(0, 8))}`] : []));
		const state = `${roots.join()}/${newest()?.keyId ?? ''}`;
		if (state === rootsState) return;
		rootsState = state;
		for (const listener of [...rootListeners]) listener();
	}
	let rootsState = '';

	function watchTime(): void {
		cancelTimer = clock.after(lookAgainMs, () => {
			refresh();
			watchTime();
		});
	}

	function currentGeneration(): (HeldGeneration & { readonly key: Uint8Array }) | undefined {
		const generation = held.get(newest()?.keyId ?? '');
		return generation?.key ? { ...generation, key: generation.key } : undefined;
	}

	function grant(): Uint8Array | undefined {
		const current = currentGeneration();
		const generations = members.get().generations;
		if (!current) return undefined;
		const { policy } = members.get();
		/** When the generation after this one came: from then on this one was old. */
		const replacedMs = (index: number): number => generations[index + 1]?.wallMs ?? clock.now();
		const within = (index: number, days: number): boolean => replacedMs(index) >= clock.now() - days * dayMs;
		const older = generations.slice(0, -1).map(({ keyId }, index) => ({ index, generation: held.get(keyId) })).slice(-maxGranted);
		return encodeGrant({
			commit: meshCommit(current.key),
			key: current.key,
			meeting: older.flatMap(({ index, generation }) =>
				generation?.signalKey && generation.topicKey && within(index, meetingDays)
					? [{ keyId: generation.keyId, signalKey: generation.signalKey, topicKey: generation.topicKey }]
					: [],
			),
			roots: older.flatMap(({ index, generation }) =>
				generation?.contentRoot && policy.history === 'horizon' && within(index, policy.horizonDays)
					? [{ keyId: generation.keyId, contentRoot: generation.contentRoot }]
					: [],
			),
		});
	}

	const isSure = (generation: HeldGeneration | undefined): boolean => generation !== undefined && (generation.key !== undefined || generation.proven);

	const isAnnounced = (grant: Grant): boolean => members.get().generations.some((generation) => equal(generation.commit, grant.commit));

	async function accept(payload: Uint8Array): Promise<boolean> {
		const given = decodeGrant(payload.slice());
		if (!given || !equal(meshCommit(given.key), given.commit)) return false;
		if (!isAnnounced(given)) {
			pending = [...pending.filter((other) => !equal(other.commit, given.commit)), given].slice(-maxPendingGrants);
			return false;
		}
		await take(given);
		return true;
	}

	function takePending(): void {
		const announced = pending.filter(isAnnounced);
		if (announced.length === 0) return;
		pending = pending.filter((grant) => !announced.includes(grant));
		for (const grant of announced) void take(grant).catch(() => undefined);
	}

	async function take(given: Grant): Promise<void> {
		const inForce = new Set(members.get().generations.map(({ keyId }) => keyId));
		const current = generationOf(given.key);
		const parts = new Map<string, HeldGeneration>();
		if (!held.get(hex(current.keyId))?.key) parts.set(hex(current.keyId), current);
		// Parts of older generations can be checked by use alone. Until then what is granted later replaces them: a wrong one, from a member
		// with a changed client, must not keep the right one out.
		const part = (keyId: Uint8Array): HeldGeneration | undefined => {
			const known = parts.get(hex(keyId)) ?? held.get(hex(keyId)) ?? { keyId, key: undefined, topicKey: undefined, signalKey: undefined, contentRoot: undefined, proven: false };
			return known.key || !inForce.has(hex(keyId)) ? undefined : known;
		};
		const differs = (a: Uint8Array | undefined, b: Uint8Array): boolean => a === undefined || !equal(a, b);
		for (const { keyId, signalKey, topicKey } of given.meeting) {
			const known = part(keyId);
			if (known && (differs(known.signalKey, signalKey) || differs(known.topicKey, topicKey))) parts.set(hex(keyId), { ...known, signalKey, topicKey });
		}
		for (const { keyId, contentRoot } of given.roots) {
			const known = part(keyId);
			if (known && !known.proven && differs(known.contentRoot, contentRoot)) parts.set(hex(keyId), { ...known, contentRoot });
		}
		if (parts.size > 0) {
			await store.putAll([...parts.values()].map(generationRecord), true);
			for (const [keyId, generation] of parts) held.set(keyId, generation);
			refresh();
		}
	}

	refresh();
	watchTime();
	const stopMembers = members.subscribe(() => {
		refresh();
		takePending();
	});
	return {
		meshKeys,
		roots: {
			current() {
				const generation = currentGeneration();
				return generation?.contentRoot && { keyId: generation.keyId, root: generation.contentRoot };
			},
			root: (keyId) => held.get(keyId)?.contentRoot,
			isSure: (keyId) => isSure(held.get(keyId)),
			opened(keyId) {
				const generation = held.get(keyId);
				if (!generation || isSure(generation)) return;
				const proven = { ...generation, proven: true };
				held.set(keyId, proven);
				// Without the disk it is found out again.
				void store.put('keys', generationRecord(proven).key, generationRecord(proven).value).catch(() => undefined);
			},
			subscribe(changed) {
				rootListeners.add(changed);
				return () => rootListeners.delete(changed);
			},
		},
		isCurrent: () => currentGeneration() !== undefined,
		currentKey: currentGeneration,
		grant,
		accept,
		pskOf,
		doors,
		stop() {
			cancelTimer();
			stopMembers();
		},
	};
}
