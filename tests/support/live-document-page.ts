/**
 * The page of the live documents' tests: real documents in their rooms, over y-webrtc, WebRTC and the signaling server, on a disk in memory;
 * beside it an unmodified y-webrtc client, as somebody hostile who holds a room's key would use one.
 */
import { systemRandom } from '../../src/crypto/random.ts';
import { createDeviceKeys } from '../../src/crypto/identity.ts';
import { type LiveDocument, openLiveDocument } from '../../src/sync/live/documents/live-document.ts';
import { roomKeys } from '../../src/sync/live/documents/room-keys.ts';
import { systemClock } from '../../src/sync/ports.ts';
import { WebrtcProvider } from 'y-webrtc';
import * as Y from 'yjs';
import { createMemoryDisk, createMemoryStore } from './memory-store.ts';

const officeId = '5a'.repeat(32);
const id = '17'.repeat(16);
const disk = createMemoryDisk();
const url = (): string => `ws://${location.host}/signal`;
const keysOf = (secret: number) => roomKeys(new Uint8Array(32).fill(secret), id);
const iceServers = [{ urls: `stun:${location.hostname}:${location.hash.slice(1)}` }];

let note: LiveDocument;
let hostileDoc: Y.Doc;
let hostile: WebrtcProvider;

const linesOf = (content: Y.XmlFragment): string[] =>
	content.toArray().map((node) => (node instanceof Y.XmlElement ? node.toArray().map((child) => (child instanceof Y.XmlText ? (child.toJSON()) : '')).join('') : ''));

function paragraph(line: string): Y.XmlElement {
	const element = new Y.XmlElement('paragraph');
	element.insert(0, [new Y.XmlText(line)]);
	return element;
}

const page = {
	async open(): Promise<void> {
		note = await openLiveDocument({
			id,
			officeId,
			keys: createDeviceKeys(systemRandom),
			store: createMemoryStore(officeId, disk),
			ports: { clock: systemClock, wrtc: { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate }, iceServers, appHost: location.hostname, signalUrl: url() },
		});
		note.show(true);
	},
	enter: (secret: number) => note.enter(keysOf(secret)),
	leave: () => note.enter(undefined),
	close: () => note.close(),
	write: (line: string) => note.content.push([paragraph(line)]),
	cut: (index: number) => note.content.delete(index, 1),
	lines: () => linesOf(note.content),
	state: () => ({ ...note.state.get(), devices: note.devices.get().size, client: note.content.doc?.clientID ?? 0 }),
	async versions(): Promise<number> {
		await note.flush();
		return (await note.versions()).length;
	},
	restore: async () => note.restore((await note.versions())[0]?.slot ?? -1),

	/** `secret` as in `enter`; or the name of the topic alone, which is all the server knows. */
	async intrude(secret: number, knowsWord = true): Promise<void> {
		const { name, password } = keysOf(secret);
		hostileDoc = new Y.Doc();
		hostile = new WebrtcProvider(name, hostileDoc, { signaling: [url()], password: knowsWord ? password : 'a guess', peerOpts: { channelConfig: { negotiated: true, id: 0 }, config: { iceServers } } });
		await hostile.key;
	},
	/** A frame of any shape on that room's topic, as a hostile server would inject. */
	inject(secret: number, data: unknown): void {
		const socket = new WebSocket(url());
		socket.onopen = () => {
			socket.send(JSON.stringify({ type: 'publish', topic: keysOf(secret).name, data }));
			setTimeout(() => socket.close(), 500);
		};
	},
	intruder: () => ({ connected: [...(hostile.room?.webrtcConns.values() ?? [])].filter((conn) => conn.connected).length, lines: linesOf(hostileDoc.getXmlFragment('note')) }),
	/** Bytes as they are, over every open channel. */
	sendRaw(bytes: readonly number[]): number {
		let sent = 0;
		for (const conn of hostile.room?.webrtcConns.values() ?? []) {
			if (!conn.connected) continue;
			(conn.peer as { send(data: Uint8Array): void }).send(Uint8Array.from(bytes));
			sent += 1;
		}
		return sent;
	},
	/** Writes as whichever client it likes. */
	forge(client: number, line: string): void {
		hostileDoc.clientID = client;
		hostileDoc.getXmlFragment('note').push([paragraph(line)]);
	},
	deleteAll(): void {
		const all = hostileDoc.getXmlFragment('note');
		all.delete(0, all.length);
	},
	stopIntruding: () => hostile.destroy(),
};

export type LiveDocumentPage = typeof page;

Object.assign(globalThis, { page });
