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
import type { LinkInfo, MeshPort } from '../../link/mesh-port.ts';
import { messageTypes } from '../../link/message-types.ts';
import { decodeEntry, verifyEntry, type Id } from '../../log/entry.ts';
import { createCell, type Source } from '../../source.ts';
import { decodeAct } from '../members/acts.ts';
import { decodeJoinState, type JoinStateName } from './join-messages.ts';
import { createJoin } from '../members/join-proof.ts';
import type { MembersState } from '../members/members-state.ts';
import type { MeshKeyring } from '../keys/mesh-keys.ts';

/** A GRANT may come before the log that proves it; of so many the newest are tried. */
const maxGrants = 8;
const maxGrantBytes = 32_768;

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
	readonly mesh: Pick<MeshPort, 'links' | 'send' | 'onMessage' | 'onOpened'>;
	readonly members: Source<MembersState>;
	readonly meshKeys: Pick<MeshKeyring, 'accept' | 'isCurrent' | 'meshKeys'>;
}): JoiningProcess {
	const { invite, keys, mesh, members, meshKeys } = deps;
	const officeId = hex(invite.officeId);
	const device = hex(keys.signPublic);
	const inviteKey = inviteKeys(invite.secret);
	const card = encodeCard({ officeId: invite.officeId, signPublic: keys.signPublic, kemPublic: keys.kemPublic, name: deps.name }, keys.signSecret);
	const joining = createCell<Joining>({ step: 'looking', officeHint: invite.hint });
	let finish = (): void => undefined;
	const done = new Promise<void>((resolve) => {
		finish = resolve;
	});
	/** Sessions on which a JOIN was given. */
	const given = new Set<string>();
	let grants: readonly Uint8Array[] = [];
	let officeName = invite.hint;
	let admitted = false;
	let over = false;

	function giveJoin(link: LinkInfo): void {
		if (given.has(link.session)) return;
		const join = createJoin(
			{ officeId, invitePublic: hex(inviteKey.signPublic), card, witness: link.device, session: link.session },
			{ invite: inviteKey.signSecret, device: keys.signSecret },
		);
		if (mesh.send(link.device, createWriter().u8(messageTypes.join).raw(join).bytes())) given.add(link.session);
	}

	async function onState(payload: Uint8Array): Promise<void> {
		const heard = decodeJoinState(payload.slice());
		if (!heard || over || admitted) return;
		const failure = failures[heard.state];
		if (failure) joining.set({ step: 'failed', code: failure });
		else if (heard.state === 'admitted') receiving();
		else {
			officeName = heard.proof ? (nameOf(heard.proof.genesis, officeId) ?? officeName) : officeName;
			const code = await joinCode(invite.officeId, card);
			// It may have been decided while the digits were computed.
			if (isWaiting()) joining.set({ step: 'waiting', officeName, code });
		}
	}

	const isWaiting = (): boolean => !over && !admitted;

	/** A member says that this device is in; whether it is, the log will show. */
	function receiving(): void {
		admitted = true;
		joining.set({ step: 'receiving', officeName });
		void check();
	}

	function onGrant(payload: Uint8Array): void {
		if (payload.length > maxGrantBytes) return;
		grants = [...grants, payload.slice()].slice(-maxGrants);
		void check();
	}

	let checking: Promise<void> = Promise.resolve();
	function check(): Promise<void> {
		checking = checking.then(async () => {
			if (over || members.get().devices.get(device)?.suspended !== false) return;
			if (!admitted) receiving();
			for (const grant of grants) {
				if (meshKeys.isCurrent()) break;
				await meshKeys.accept(grant).catch(() => false);
			}
			if (!meshKeys.isCurrent()) return;
			over = true;
			stop();
			finish();
		});
		return checking;
	}

	function stop(): void {
		over = true;
		for (const stopOne of stops) stopOne();
	}

	const stops = [
		mesh.onMessage([messageTypes.joinState], (_link, payload) => void onState(payload)),
		mesh.onMessage([messageTypes.grant], (_link, payload) => onGrant(payload)),
		mesh.onOpened(giveJoin),
		members.subscribe(() => void check()),
		meshKeys.meshKeys.subscribe(() => void check()),
	];
	for (const link of mesh.links.get()) giveJoin(link);
	void check();
	return { joining, done, stop };
}

/** The office's name, if these bytes are the GENESIS that the invite names. */
function nameOf(genesis: Uint8Array, officeId: Id): string | undefined {
	const entry = decodeEntry(genesis);
	if (entry?.id !== officeId || !verifyEntry(entry)) return undefined;
	const act = decodeAct(entry.header.kind, entry.body);
	return act?.type === 'genesis' ? act.officeName : undefined;
}
