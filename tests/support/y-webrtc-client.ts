/** The page of the y-webrtc test: an unmodified provider on one document, reachable from outside as `start` and `state`. */
import { WebrtcProvider } from 'y-webrtc';
import * as Y from 'yjs';

export type StartOptions = { readonly room: string; readonly password?: string; readonly signaling: string; readonly stun: string };
export type ClientState = { readonly peers: number; readonly peerId: string; readonly text: string };

const doc = new Y.Doc();
let provider: WebrtcProvider | undefined;

const client = {
	start({ room, password, signaling, stun }: StartOptions): void {
		provider = new WebrtcProvider(room, doc, {
			signaling: [signaling],
			...(password === undefined ? {} : { password }),
			peerOpts: { config: { iceServers: [{ urls: stun }] } },
		});
	},
	write(text: string): void {
		const target = doc.getText('text');
		target.insert(target.length, text);
	},
	state(): ClientState {
		const room = provider?.room;
		const connected = [...(room?.webrtcConns.values() ?? [])].filter((conn) => conn.connected);
		return { peers: connected.length, peerId: room?.peerId ?? '', text: doc.getText('text').toJSON() };
	},
};

export type YWebrtcClient = typeof client;

Object.assign(globalThis, { client });
