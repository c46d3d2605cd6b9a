/**
 * A changed client in the browser profile of someone who was taken out. It opens their vault, takes the keys, and then does what the app would not:
 * goes on looking for colleagues by old keys, and writes wherever, whenever and to whomever it likes. Driven through `globalThis.hostile`.
 */
import { createWriter } from '../../src/crypto/codec.ts';
import { hex, utf8 } from '../../src/crypto/bytes.ts';
import type { DeviceKeys } from '../../src/crypto/identity.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import { createMesh, type Mesh } from '../../src/sync/link/mesh.ts';
import { messageTypes } from '../../src/sync/link/message-types.ts';
import { createEntry, decodeEntry, draftPrefix, encodeEntry, kinds, lanes, zeroId, type Entry } from '../../src/sync/log/entry.ts';
import { openLog, type Log } from '../../src/sync/log/log.ts';
import { createReplication } from '../../src/sync/log/replicate.ts';
import type { ContentRoots } from '../../src/sync/office/conversations/content-ports.ts';
import { encodePostInner } from '../../src/sync/office/conversations/inner.ts';
import { createEveryone } from '../../src/sync/office/conversations/everyone.ts';
import { loadDeviceKeys } from '../../src/sync/office/keys/device-keys.ts';
import { createMeshKeyring, type MeshKeyring } from '../../src/sync/office/keys/mesh-keys.ts';
import { createMembersView } from '../../src/sync/office/members/members.ts';
import type { Passkeys } from '../../src/sync/passkeys.ts';
import { systemClock } from '../../src/sync/ports.ts';
import { createStores } from '../../src/sync/stores.ts';

export interface HostilePage {
	start(): Promise<void>;
	/** Devices it has a link to. */
	links(): number;
	/** How often links have been opened to it. */
	opened(): number;
	/** Writes into Everyone with the clock put back. Pushed to all it is linked to, and to whomever it links to later. */
	write(text: string, wallMs: number): void;
	/** Content entries that came in since the start, by whomever. */
	received(): number;
	/** Generations of the mesh key it holds. */
	keys(): number;
}

declare global {
	var hostile: HostilePage;
}

let mesh: Mesh | undefined;
let log: Log | undefined;
let ring: MeshKeyring | undefined;
let keys: DeviceKeys | undefined;
let opened = 0;
let received = 0;
const written: Entry[] = [];

/** What it can seal under: the office may have a newer key long since. */
function newestHeld(): ReturnType<ContentRoots['current']> {
	const { current, older } = ring?.meshKeys.get() ?? { current: undefined, older: [] };
	for (const { keyId } of current ? [current, ...older] : older) {
		const root = ring?.roots.root(hex(keyId));
		if (root) return { keyId, root };
	}
	return undefined;
}

const push = (entry: Entry): Uint8Array => createWriter().u8(messageTypes.entry).raw(encodeEntry(entry)).bytes();

function openSocket(events: { open(): void; message(text: string): void; close(): void }): { send(text: string): void; close(): void } {
	const socket = new WebSocket(`ws://${location.host}/signal`);
	socket.onopen = () => events.open();
	socket.onmessage = (event) => events.message(String(event.data));
	socket.onclose = () => events.close();
	return { send: (text) => socket.send(text), close: () => socket.close() };
}

globalThis.hostile = {
	async start() {
		const clock = systemClock;
		const random = systemRandom;
		const passkeys: Passkeys = { lack: 'browser', create: () => Promise.resolve('passkey-unsupported'), get: () => Promise.resolve('passkey-unsupported') };
		const stores = createStores({ indexedDB, random, clock, passkeys });
		const [office] = await stores.list();
		const found = office && (await stores.open(office.id));
		if (!office || found?.kind !== 'open') throw new Error('no vault to open');
		const { store } = found;
		const own = await loadDeviceKeys(store);
		if (!own) throw new Error('no keys in it');
		keys = own;
		const held = await openLog({ officeId: office.id, keys: own, store, clock });
		const members = createMembersView({ log: held });
		ring = await createMeshKeyring({ officeId: office.id, keys: own, store, members: members.state, clock });
		const ports = { clock, random, openSocket, wrtc: { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate }, signalUrl: '', iceServers: [], appHost: location.hostname, build: 'hostile' };
		// Everybody is a friend.
		mesh = createMesh({ ports, keys: own, officeId: office.id, meshKeys: ring.meshKeys, standing: () => 'member' });
		mesh.onOpened(({ device }) => {
			opened++;
			for (const entry of written) mesh?.send(device, push(entry));
		});
		// What it is pushed, it counts; what it may fetch, it fetches.
		mesh.onMessage([messageTypes.entry], (_from, payload) => {
			if ((decodeEntry(payload.slice())?.header.lane ?? lanes.office) !== lanes.office) received++;
		});
		mesh.onMessage([messageTypes.grant], (_from, payload) => void ring?.accept(payload));
		createReplication({ log: held, mesh, clock, random, keys: own });
		held.subscribe((entries) => {
			received += entries.filter((entry) => entry.header.lane !== lanes.office && entry.header.author !== held.device).length;
		});
		log = held;
		mesh.start();
	},
	links: () => mesh?.links.get().length ?? 0,
	opened: () => opened,
	write(text, wallMs) {
		if (!log || !ring || !keys || !mesh) throw new Error('not started');
		const before = written.at(-1);
		const head = log.head(log.device, lanes.open);
		const place = before ? { seq: before.header.seq + 1, prev: before.id, lamport: before.header.lamport + 1 } : { seq: (head?.seq ?? -1) + 1, prev: head?.id ?? zeroId, lamport: (head?.lamport ?? 0) + 1 };
		const fields = { kind: kinds.post, lane: lanes.open, officeId: log.officeId, author: log.device, wallMs, refs: [], ...place };
		const everyone = createEveryone({ roots: { ...ring.roots, current: newestHeld }, random: systemRandom });
		const body = everyone.seal({ author: log.device, seq: place.seq, prefix: draftPrefix(fields) }, encodePostInner({ type: 1, follows: [], content: utf8(text) }));
		if (!body) throw new Error('no root to seal under');
		const entry = createEntry(fields, body, keys.signSecret);
		written.push(entry);
		mesh.broadcast(push(entry));
	},
	received: () => received,
	keys: () => {
		const now = ring?.meshKeys.get();
		return (now?.current ? 1 : 0) + (now?.older.length ?? 0);
	},
};
