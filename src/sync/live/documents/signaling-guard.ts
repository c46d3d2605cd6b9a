/**
 * What y-webrtc hears from the signaling server, looked at first. It decrypts whatever comes under one of its topics and lets a failure fall
 * out as an unhandled rejection, which this app shows as a crash; and it reads fields of what it decrypted without looking. So a frame
 * reaches it only if it opens under the room's key and is one of the three things members say (A43: a server can neither join nor inject).
 *
 * The connection to the server, and y-webrtc's rooms, are its module's: shared by all that use it in one page. Hence the one table here.
 */
import * as decoding from 'lib0/decoding';
import type { Room, SignalingConn } from 'y-webrtc';

const maxSignalBytes = 32 * 1024;
const heard = new WeakMap<SignalingConn, Map<string, Room>>();

/** Lets what was published for the room through if it is well-formed. The returned function forgets the room. */
export function guardSignaling(conn: SignalingConn, room: Room): () => void {
	const rooms = heard.get(conn) ?? wrap(conn);
	rooms.set(room.name, room);
	return () => {
		if (rooms.get(room.name) === room) rooms.delete(room.name);
	};
}

function wrap(conn: SignalingConn): Map<string, Room> {
	const rooms = new Map<string, Room>();
	heard.set(conn, rooms);
	const emit = conn.emit.bind(conn);
	conn.emit = (name, args): void => {
		const [message] = args as unknown[];
		if (name !== 'message') {
			emit(name, args);
			return;
		}
		if (typeof message !== 'object' || message === null || !('type' in message) || message.type !== 'publish') return;
		const room = 'topic' in message && typeof message.topic === 'string' ? rooms.get(message.topic) : undefined;
		const data = 'data' in message ? message.data : undefined;
		if (!room || typeof data !== 'string' || data.length > maxSignalBytes * 2) return;
		void isSignal(room, data).then((fine) => {
			if (fine && rooms.get(room.name) === room) emit(name, args);
		});
	};
	return rooms;
}

async function isSignal(room: Room, text: string): Promise<boolean> {
	try {
		const decoder = decoding.createDecoder(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
		if (decoding.readVarString(decoder) !== 'AES-GCM') return false;
		const iv = decoding.readVarUint8Array(decoder).slice();
		const cipher = decoding.readVarUint8Array(decoder).slice();
		const plain = new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, room.key, cipher));
		return isMeant(room, decoding.readAny(decoding.createDecoder(plain)));
	} catch {
		return false;
	}
}

/** `announce`, or a `signal` to this start of the room. An answer to what was never offered would make y-webrtc trip. */
function isMeant(room: Room, said: unknown): boolean {
	if (typeof said !== 'object' || said === null || !('type' in said) || !('from' in said) || typeof said.from !== 'string') return false;
	if (said.type === 'announce') return true;
	if (said.type !== 'signal' || !('to' in said) || said.to !== room.peerId || !('signal' in said) || typeof said.signal !== 'object' || said.signal === null) return false;
	const { signal } = said;
	if ('sdp' in signal) return 'type' in signal && (signal.type === 'offer' || (signal.type === 'answer' && room.webrtcConns.has(said.from)));
	// simple-peer obeys more than these two: it would renegotiate, or take media in.
	return 'candidate' in signal && isCandidate(signal.candidate) && !('renegotiate' in signal) && !('transceiverRequest' in signal);
}

/** What the browser's constructor takes without throwing. */
function isCandidate(value: unknown): boolean {
	return typeof value === 'object' && value !== null && 'candidate' in value && typeof value.candidate === 'string' && 'sdpMLineIndex' in value && value.sdpMLineIndex === 0;
}
