/**
 * The RTCPeerConnection that y-webrtc's simple-peer is handed for a room. Everybody in the room holds its key, so what comes through a
 * signal or the channel is an insider's word:
 * - the SDP is reduced to its fields and written anew (DESIGN.md, D6), and a candidate is used only if the mesh would use it;
 * - each message is looked at before y-webrtc reads it, and one that is refused closes the connection;
 * - y-webrtc dials again in the very moment a connection closes: an offer or answer waits here while that happens too often.
 */
import { type CandidateRule, formatCandidate, parseCandidate } from '../../link/candidate.ts';
import { formatDescription, parseDescription } from '../../link/description.ts';
import type { Wrtc } from '../../ports.ts';

export interface ConnectionGuard {
	readonly allowed: CandidateRule;
	/** Whether the message may be read. */
	readonly mayRead: (data: unknown) => boolean;
	/** Resolves when the next description may be made. */
	readonly turn: () => Promise<void>;
}

/** simple-peer reads the answer of each of these as a promise; the old callback forms are not used. */
export function guardedWrtc(wrtc: Wrtc, guard: ConnectionGuard): Wrtc {
	class Guarded extends wrtc.RTCPeerConnection {
		#foundation = 0;

		override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
			const channel = super.createDataChannel(label, init);
			// Added before simple-peer's own listener, hence heard before it.
			channel.addEventListener('message', (event: MessageEvent<unknown>) => {
				if (guard.mayRead(event.data)) return;
				event.stopImmediatePropagation();
				channel.close();
			});
			return channel;
		}

		override createOffer = (async (options?: RTCOfferOptions) => {
			await guard.turn();
			return super.createOffer(options);
		}) as RTCPeerConnection['createOffer'];

		override createAnswer = (async (options?: RTCAnswerOptions) => {
			await guard.turn();
			return super.createAnswer(options);
		}) as RTCPeerConnection['createAnswer'];

		override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
			const fields = parseDescription(description.sdp ?? '');
			if (!fields) return Promise.reject(new Error('no description of a data channel'));
			return super.setRemoteDescription({ type: description.type, sdp: formatDescription(fields) });
		}

		override addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
			const fields = parseCandidate(candidate?.candidate ?? '');
			if (!fields || !guard.allowed(fields)) return Promise.resolve();
			return super.addIceCandidate({ candidate: formatCandidate(fields, ++this.#foundation), sdpMLineIndex: 0, sdpMid: '0' });
		}
	}
	return { ...wrtc, RTCPeerConnection: Guarded };
}
