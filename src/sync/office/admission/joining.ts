/**
 * The newcomer's side of joining (PROTOCOL.md, 5): on each link to a member it gives a JOIN bound to that member and that link, and believes of the
 * answers only what the office's own entries prove: GENESIS by its id, its admission by its own resolver, the mesh key by a commit in force.
 * Nothing is kept but the invite, the name and the keys, so it begins again after a reload, and a member who finds it admitted already
 * says so.
 */
import { hex } from '../../../crypto/bytes.ts';
import { createWriter } from '../../../crypto/codec.ts';
import { encodeCard, type DeviceKeys } from '../../../crypto/identity.ts';
import { inviteKeys, joinKeys, type Invite } from '../../../crypto/invite.ts';
import { joinCode } from '../../../crypto/join-code.ts';
import type { Joining } from '../../landline.ts';
import type { LinkInfo, Mesh } from '../../link/mesh-port.ts';
import { messageTypes } from '../../link/message-types.ts';
import { decodeEntry, verifyEntry, type Id } from '../../log/entry.ts';
import type { Clock } from '../../ports.ts';
import { createCell, type Source } from '../../source.ts';
import { decodeAct } from '../members/acts.ts';
import { createRefusal, decodeJoinState, encodeRefusal, type JoinStateName } from './join-messages.ts';
import { createReceiving } from './receiving.ts';
import { createJoin } from '../members/join-proof.ts';
import type { MembersState } from '../members/members-state.ts';
import type { MeshKeyring } from '../keys/mesh-keys.ts';

/**
 * Whoever holds the invite can pose as a member, and a newcomer has one link at a time. Members let go after 10 s, or, while a manager is
 * waited for, after 10 minutes; so these are never reached with them. For an answer to the JOIN,
 */
const answerWithinMs = 15_000;
/** for a manager's word, */
const wordWithinMs = 11 * 60_000;
/** and for GENESIS, once this device is said to be admitted. */
const genesisWithinMs = 60_000;
/** How long the word that one does not want to join any more gets to leave the browser. */
const withdrawMs = 200;

type FailedCode = Extract<Joining, { step: 'failed' }>['code'];

const failures: Readonly<Partial<Record<JoinStateName, FailedCode>>> = {
	expired: 'invite-expired',
	usedUp: 'invite-used-up',
	revoked: 'invite-revoked',
	refused: 'invite-refused',
	unknown: 'invite-unknown',
	nameTaken: 'name-taken',
};

export interface JoiningProcess {
	readonly joining: Source<Joining>;
	/** Resolves once this device is a member in force and holds the current mesh key. */
	readonly done: Promise<void>;
	stop(): void;
	/** Tells that one does not want in any more, before `stop`: else the JOIN would wait for days. */
	withdraw(): Promise<void>;
}

/** What `createMesh` takes as `joining`. */
export function joinMeshKeys(invite: Invite): { readonly topicKey: Uint8Array; readonly signalKey: Uint8Array } {
	const { topic, signal } = joinKeys(inviteKeys(invite.secret).psk);
	return { topicKey: topic, signalKey: signal };
}

/**
 * The log behind `members` is opened empty for the invite's office and replicates over the same mesh: once admitted, a member gives it
 * the office lane.
 */
export function createJoining(deps: {
	readonly invite: Invite;
	/** Has passed `isName`. */
	readonly name: string;
	readonly keys: DeviceKeys;
	/** In join mode. */
	readonly mesh: Pick<Mesh, 'links' | 'send' | 'onMessage' | 'onOpened' | 'disconnect'>;
	readonly members: Source<MembersState>;
	readonly meshKeys: Pick<MeshKeyring, 'accept' | 'isCurrent' | 'meshKeys'>;
	readonly clock: Clock;
}): JoiningProcess {
	const { invite, keys, mesh, members, meshKeys, clock } = deps;
	const officeId = hex(invite.officeId);
	const device = hex(keys.signPublic);
	const inviteKey = inviteKeys(invite.secret);
	const card = encodeCard({ officeId: invite.officeId, signPublic: keys.signPublic, kemPublic: keys.kemPublic, name: deps.name }, keys.signSecret);
	const joining = createCell<Joining>({ step: 'looking', officeHint: invite.hint });
	/** Sessions on which a JOIN was given. */
	const given = new Set<string>();
	/** Links that have to bring something within a time. */
	const awaited = new Map<Id, { readonly session: Id; readonly cancel: () => void }>();
	let officeName = invite.hint;
	/** The own log shows this device: what members say counts no more. */
	let isShown = false;
	/** Counts what was heard: digits that were computed too long are old. */
	let heardCount = 0;
	let over = false;

	/** The link is let go, and that start of the device left alone, unless it brings what is awaited. */
	function expect(link: LinkInfo, withinMs: number, isHere: () => boolean = () => false): void {
		awaited.get(link.device)?.cancel();
		const cancel = clock.after(withinMs, () => {
			if (over || isHere() || !mesh.links.get().some(({ session }) => session === link.session)) return;
			mesh.disconnect(link.device, 'silent');
		});
		awaited.set(link.device, { session: link.session, cancel });
	}

	function giveJoin(link: LinkInfo): void {
		if (given.has(link.session)) return;
		const join = createJoin(
			{ officeId, invitePublic: hex(inviteKey.signPublic), card, witness: link.device, session: link.session },
			{ invite: inviteKey.signSecret, device: keys.signSecret },
		);
		if (!mesh.send(link.device, createWriter().u8(messageTypes.join).raw(join).bytes())) return;
		given.add(link.session);
		expect(link, answerWithinMs);
	}

	const isMoot = (): boolean => over || isShown;

	async function onState(link: LinkInfo, payload: Uint8Array): Promise<void> {
		const heard = decodeJoinState(payload.slice());
		if (!heard || isMoot() || !given.has(link.session)) return;
		const turn = ++heardCount;
		const failure = failures[heard.state];
		awaited.get(link.device)?.cancel();
		if (failure) joining.set({ step: 'failed', code: failure });
		else if (heard.state === 'admitted') {
			// Whether it is, the log will show.
			expect(link, genesisWithinMs, () => members.get().officeName !== '');
			joining.set({ step: 'receiving', officeName });
		} else {
			expect(link, wordWithinMs);
			officeName = heard.proof ? (nameOf(heard.proof.genesis, officeId) ?? officeName) : officeName;
			const code = await joinCode(invite.officeId, card);
			if (turn === heardCount && !isMoot()) joining.set({ step: 'waiting', officeName, code, comesBack: heard.proof !== undefined && bringsBack(heard.proof.invite) });
		}
	}

	function stop(): void {
		over = true;
		for (const stopOne of stops) stopOne();
		for (const { cancel } of awaited.values()) cancel();
	}

	const receiving = createReceiving({
		device,
		mesh,
		members,
		meshKeys,
		shown(as) {
			officeName = members.get().officeName || officeName;
			isShown = true;
			joining.set(as === 'suspended' ? { step: 'suspended', officeName } : { step: 'receiving', officeName });
		},
	});
	const stops = [
		mesh.onMessage([messageTypes.joinState], (link, payload) => void onState(link, payload)),
		mesh.onOpened(giveJoin),
		() => receiving.stop(),
	];
	for (const link of mesh.links.get()) giveJoin(link);
	return {
		joining,
		done: receiving.done.then(stop),
		stop,
		async withdraw() {
			if (over || isShown || given.size === 0) return;
			const word = createRefusal(officeId, { invitePublic: hex(inviteKey.signPublic), device, manager: device }, keys.signSecret);
			for (const link of mesh.links.get()) mesh.send(link.device, createWriter().u8(messageTypes.refused).raw(encodeRefusal(word)).bytes(), true);
			await new Promise<void>((resolve) => clock.after(withdrawMs, resolve));
		},
	};
}

/** Whether the INVITE is one that brings a member back. Only shown: what comes of it the office's acts say. */
function bringsBack(invite: Uint8Array): boolean {
	const entry = decodeEntry(invite);
	const act = entry && decodeAct(entry.header.kind, entry.body);
	return act?.type === 'invite' && act.replaces !== undefined;
}

/** The office's name, if these bytes are the GENESIS that the invite names. */
function nameOf(genesis: Uint8Array, officeId: Id): string | undefined {
	const entry = decodeEntry(genesis);
	if (entry?.id !== officeId || !verifyEntry(entry)) return undefined;
	const act = decodeAct(entry.header.kind, entry.body);
	return act?.type === 'genesis' ? act.officeName : undefined;
}
