/**
 * The new device's side of being taken in by another device of the same person (PROTOCOL.md, 5). It talks to that one device alone: the link it
 * was given names it. Of the answers it believes what the office's own entries prove.
 */
import { concat, hex } from '../../../crypto/bytes.ts';
import { deviceLinkKeys, signAddDevice, type DeviceLink } from '../../../crypto/device-link.ts';
import { encodeCard, type DeviceKeys } from '../../../crypto/identity.ts';
import { joinCode } from '../../../crypto/join-code.ts';
import type { Joining } from '../../landline.ts';
import type { LinkInfo, MeshPort } from '../../link/mesh-port.ts';
import { messageTypes } from '../../link/message-types.ts';
import type { Clock } from '../../ports.ts';
import { createCell, type Source } from '../../source.ts';
import type { JoiningProcess } from '../admission/joining.ts';
import { createReceiving } from '../admission/receiving.ts';
import type { MeshKeyring } from '../keys/mesh-keys.ts';
import type { MembersState } from '../members/members-state.ts';
import { decodeDeviceState, encodeDeviceJoin } from './device-messages.ts';
import { deviceLinkLifeMs } from './linking.ts';

/** What `createMesh` takes as `joining`. */
export function deviceMeshKeys(link: DeviceLink): { readonly topicKey: Uint8Array; readonly signalKey: Uint8Array } {
	const { topic, signal } = deviceLinkKeys(link.secret);
	return { topicKey: topic, signalKey: signal };
}

export function createDeviceJoining(deps: {
	readonly link: DeviceLink;
	readonly keys: DeviceKeys;
	/** In join mode. */
	readonly mesh: Pick<MeshPort, 'links' | 'send' | 'onMessage' | 'onOpened'>;
	readonly members: Source<MembersState>;
	readonly meshKeys: Pick<MeshKeyring, 'accept' | 'isCurrent' | 'meshKeys'>;
	readonly clock: Clock;
}): JoiningProcess {
	const { link, keys, mesh } = deps;
	const other = hex(link.device);
	const { officeId, name, hint } = link;
	const card = encodeCard({ officeId, signPublic: keys.signPublic, kemPublic: keys.kemPublic, name }, keys.signSecret);
	const ask = concat(Uint8Array.of(messageTypes.deviceJoin), encodeDeviceJoin({ card, newSignature: signAddDevice(keys, officeId, link.device) }));
	const joining = createCell<Joining>({ step: 'reaching', officeHint: hint, name });
	/** Sessions on which it was asked. */
	const asked = new Set<string>();
	let added = false;

	const isOver = (): boolean => added || joining.get().step === 'failed';
	const failed = (code: 'link-refused' | 'link-over'): void => {
		if (!isOver()) joining.set({ step: 'failed', code });
	};

	function opened(info: LinkInfo): void {
		if (info.device === other && !asked.has(info.session) && mesh.send(other, ask)) asked.add(info.session);
	}

	function receive(): void {
		if (added) return;
		added = true;
		joining.set({ step: 'receiving', officeName: hint });
	}

	async function onState(info: LinkInfo, payload: Uint8Array): Promise<void> {
		const state = info.device === other ? decodeDeviceState(payload) : undefined;
		if (state === 'added') receive();
		else if (state === 'refused') failed('link-refused');
		else if (state === 'over') failed('link-over');
		if (state !== 'waiting' || isOver()) return;
		const code = await joinCode(officeId, card);
		if (!isOver()) joining.set({ step: 'comparing', officeName: hint, code });
	}

	const receiving = createReceiving({
		device: hex(keys.signPublic),
		mesh,
		members: deps.members,
		meshKeys: deps.meshKeys,
		shown(as) {
			if (as === 'in-force') receive();
		},
	});
	const stops = [
		mesh.onMessage([messageTypes.deviceState], (info, payload) => void onState(info, payload)),
		mesh.onOpened(opened),
		// The other device keeps the link in memory alone: if it has gone, nobody would ever say so.
		deps.clock.after(deviceLinkLifeMs, () => failed('link-over')),
		() => receiving.stop(),
	];
	for (const info of mesh.links.get()) opened(info);
	return {
		joining,
		done: receiving.done,
		stop() {
			for (const stop of stops) stop();
		},
		// The other device has a person before it.
		withdraw: () => Promise.resolve(),
	};
}
