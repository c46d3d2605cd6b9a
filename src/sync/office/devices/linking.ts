/**
 * Taking in another device of one's own (PROTOCOL.md, 5): a link for ten minutes and one device, kept in memory alone; the new device says
 * hello where the link points to, both screens show the same 16 digits, and on this one the person adds it. From then on it is a device
 * of the office like any other: the office lane and the key come to it by the ways of admission.
 */
import { concat, hex } from '../../../crypto/bytes.ts';
import { deviceLinkKeys, deviceLinkText, deviceSecretBytes } from '../../../crypto/device-link.ts';
import { joinCode } from '../../../crypto/join-code.ts';
import type { Random } from '../../../crypto/random.ts';
import { done, fail, type Result } from '../../failures.ts';
import type { LinkInfo, Mesh, MeshKeys } from '../../link/mesh-port.ts';
import { messageTypes } from '../../link/message-types.ts';
import { idToBytes, type Id } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { DeviceLinkView } from '../../office.ts';
import type { Clock } from '../../ports.ts';
import { type Cell, createCell, type Source } from '../../source.ts';
import { createActWriter } from '../members/act-writer.ts';
import { actKinds } from '../members/acts.ts';
import type { MembersState } from '../members/members-state.ts';
import { raiseActs } from '../members/raise-acts.ts';
import { ranks } from '../members/roles.ts';
import { decodeDeviceJoin, encodeDeviceState, verifyDeviceJoin, type DeviceJoin, type DeviceStateName } from './device-messages.ts';

/** How long a link serves. */
export const deviceLinkLifeMs = 10 * 60_000;
export const maxDevices = 5;

type Joins = MeshKeys['joins'];

export interface Linking {
	/** For the screen; `undefined` while no link was made, or it was put away. */
	readonly view: Source<DeviceLinkView | undefined>;
	/** Makes a link; one that stood before is over. */
	begin(): Result;
	/** The digits are the same: adds the device. */
	add(): Promise<Result>;
	/** The digits differ, or nobody is to be added: the link is over. After the device was added, only the view is put away. */
	end(): void;
	/** Messages that were malformed or did not hold. */
	refusedMessages(): number;
	stop(): void;
}

interface Session {
	/** What links of this session are known by. */
	readonly id: Id;
	/** The first device that came. */
	candidate: (DeviceJoin & { readonly device: Id }) | undefined;
	isAdded: boolean;
}

const none: Joins = [];

export function createLinking(deps: {
	readonly officeId: Id;
	readonly log: Log;
	readonly mesh: Pick<Mesh, 'send' | 'onMessage' | 'hold' | 'reconsider'>;
	readonly members: Source<MembersState>;
	/** Where the mesh listens: set and emptied here. */
	readonly joins: Cell<Joins>;
	readonly clock: Clock;
	readonly random: Random;
	/** Of the page: the link begins with it. */
	readonly origin: string;
}): Linking {
	const { officeId, log, mesh, members, joins, clock } = deps;
	const writer = createActWriter({ log, members });
	const view = createCell<DeviceLinkView | undefined>(undefined);
	let session: Session | undefined;
	let cancelTimer = (): void => undefined;
	let bad = 0;

	function tell(device: Id, state: DeviceStateName): void {
		mesh.send(device, concat(Uint8Array.of(messageTypes.deviceState), encodeDeviceState(state)));
	}

	function show(fields: Partial<DeviceLinkView>): void {
		const shown = view.get();
		if (shown) view.set({ ...shown, ...fields });
	}

	/** Nobody is listened to any longer. */
	function close(told: DeviceStateName): void {
		cancelTimer();
		if (session?.candidate && !session.isAdded) tell(session.candidate.device, told);
		session = undefined;
		joins.set(none);
	}

	function expire(): void {
		if (view.get()?.step !== 'added') show({ step: 'over' });
		close('over');
	}

	const isRaised = (): boolean => members.get().policy.acts >= actKinds.addDevice;

	/** Why no further device may be added. */
	function hindrance(): Result {
		const self = writer.self();
		if (self === undefined || writer.rank() === 0) return fail('not-allowed');
		if (!isRaised() && writer.rank() < ranks.owner) return fail('needs-owner');
		return self.devices.length < maxDevices ? done : fail('too-many-devices');
	}

	function onJoin(link: LinkInfo, payload: Uint8Array): void {
		if (!session || link.invite !== session.id) {
			bad++;
			return;
		}
		const { candidate } = session;
		if (candidate) {
			if (candidate.device === link.device) mesh.hold(link.device);
			tell(link.device, candidate.device !== link.device ? 'over' : session.isAdded ? 'added' : 'waiting');
			if (session.isAdded) mesh.reconsider();
			return;
		}
		const join = decodeDeviceJoin(payload.slice());
		if (join && verifyDeviceJoin(join, { officeId, device: link.device, author: log.device })) void compare(session, { ...join, device: link.device });
		else bad++;
	}

	async function compare(mine: Session, candidate: NonNullable<Session['candidate']>): Promise<void> {
		mine.candidate = candidate;
		mesh.hold(candidate.device);
		tell(candidate.device, 'waiting');
		const code = await joinCode(idToBytes(officeId), candidate.card);
		if (session === mine) show({ step: 'compare', code });
	}

	const stopMessages = mesh.onMessage([messageTypes.deviceJoin], onJoin);

	return {
		view,
		begin() {
			const allowed = hindrance();
			if (!allowed.ok) return allowed;
			close('over');
			const secret = deps.random(deviceSecretBytes);
			const { topic, signal } = deviceLinkKeys(secret);
			const { officeName } = members.get();
			const name = writer.self()?.name ?? '';
			const link = deviceLinkText(deps.origin, { officeId: idToBytes(officeId), secret, device: idToBytes(log.device), name, hint: officeName });
			const id = hex(topic);
			const untilMs = clock.now() + deviceLinkLifeMs;
			session = { id, candidate: undefined, isAdded: false };
			cancelTimer = clock.after(deviceLinkLifeMs, expire);
			view.set({ link, untilMs, step: 'waiting', code: '' });
			joins.set([{ topicKey: topic, signalKey: signal, invitePublic: id, alone: true }]);
			return done;
		},
		async add() {
			const mine = session;
			const candidate = mine?.candidate;
			if (!mine || !candidate || view.get()?.step !== 'compare') return fail('not-found');
			const allowed = hindrance();
			if (!allowed.ok) return allowed;
			// Written once: the same device is not added twice by two clicks.
			mine.isAdded = true;
			show({ step: 'adding' });
			const { card, newSignature } = candidate;
			const written = await writer.writeAll([...(isRaised() ? [] : [raiseActs(members)]), { type: 'addDevice', make: () => ({ type: 'addDevice', card, newSignature }) }]);
			if (!written.ok) {
				mine.isAdded = false;
				show({ step: 'compare' });
				return written;
			}
			tell(candidate.device, 'added');
			show({ step: 'added' });
			return done;
		},
		end() {
			view.set(undefined);
			// A device that was added may come again to fetch the rest, until the link's time has passed.
			if (!session?.isAdded) close('refused');
		},
		refusedMessages: () => bad,
		stop() {
			stopMessages();
			close('over');
			view.set(undefined);
		},
	};
}
