/** Asking over the links who has how much of a content, and answering (PROTOCOL.md, section 11). Nobody announces what was not asked for. */
import { concat } from '../../../crypto/bytes.ts';
import { createWriter, decode } from '../../../crypto/codec.ts';
import type { LinkInfo, MeshPort } from '../../link/mesh-port.ts';
import { messageTypes } from '../../link/message-types.ts';
import type { Clock } from '../../ports.ts';
import { createRateByKey } from '../../rate.ts';
import { chunkCount } from '../chunk-list.ts';
import { type ChunkSet, createChunkSet } from '../chunk-set.ts';
import type { ContentRef, Holdings } from '../content.ts';
import { cutOf, readRef, writeRef } from '../content-ref.ts';

export const maxContentsAsked = 256;
const answerWithinMs = 3_000;
/** Of an answer; what does not fit is left out and asked for again. */
const maxAnswerBytes = 1024 * 1024;
/** Contents a device may ask about. */
const askRate = { burst: 8_192, perSecond: 1_024 };
const states = ['not-here', 'some', 'all', 'refused', 'changed', 'gone'] as const;

export type Had = ChunkSet | 'refused' | 'not-here' | 'changed' | 'gone';

export interface Have {
	/** Answers in the order of the contents, fewer where not all were answered; none where nothing came within 3 s. At most 256 contents. */
	ask(device: string, refs: readonly ContentRef[]): Promise<readonly Had[]>;
	stop(): void;
}

export function createHave({ clock, mesh, holdings }: { readonly clock: Clock; readonly mesh: MeshPort; readonly holdings: Holdings }): Have {
	const waiting = new Map<number, { readonly device: string; readonly refs: readonly ContentRef[]; readonly done: (answer: readonly Had[]) => void }>();
	const asked = createRateByKey(clock, askRate);
	let last = 0;

	async function answer(from: LinkInfo, payload: Uint8Array): Promise<void> {
		const ask = decode(payload, (r) => {
			const number = r.u32();
			const count = r.u16();
			if (count === 0 || count > maxContentsAsked) r.fail();
			return { number, refs: Array.from({ length: count }, () => readRef(r)) };
		});
		if (!ask || from.limited || !asked.take(from.device, ask.refs.length)) return;
		const parts: Uint8Array[] = [];
		let bytes = 0;
		for (const ref of ask.refs) {
			const opened = await holdings.open(ref, from.device);
			const part = encodeHad(typeof opened === 'string' ? opened : opened.have());
			bytes += part.length;
			if (bytes > maxAnswerBytes) break;
			parts.push(part);
		}
		mesh.send(from.device, createWriter().u8(messageTypes.have).u32(ask.number).u16(parts.length).raw(concat(...parts)).bytes());
	}

	function hear(from: LinkInfo, payload: Uint8Array): void {
		const number = payload.length < 4 ? undefined : new DataView(payload.buffer, payload.byteOffset).getUint32(0);
		const one = number === undefined ? undefined : waiting.get(number);
		if (!one || number === undefined || one.device !== from.device) return;
		const had = decodeHave(payload, one.refs);
		if (!had) return;
		waiting.delete(number);
		one.done(had);
	}

	const stops = [mesh.onMessage([messageTypes.haveAsk], (from, payload) => void answer(from, payload.slice())), mesh.onMessage([messageTypes.have], hear)];

	return {
		ask: (device, refs) =>
			new Promise((resolve) => {
				last = (last + 1) % 2 ** 32;
				const number = last;
				const few = refs.slice(0, maxContentsAsked);
				const writer = createWriter().u8(messageTypes.haveAsk).u32(number).u16(few.length);
				for (const ref of few) writeRef(writer, ref);
				if (few.length === 0 || !mesh.send(device, writer.bytes())) {
					resolve([]);
					return;
				}
				const cancel = clock.after(answerWithinMs, () => {
					if (waiting.delete(number)) resolve([]);
				});
				waiting.set(number, {
					device,
					refs: few,
					done(had) {
						cancel();
						resolve(had);
					},
				});
			}),
		stop() {
			for (const stop of stops) stop();
			for (const { done } of [...waiting.values()]) done([]);
			waiting.clear();
		},
	};
}

function encodeHad(had: Had): Uint8Array {
	if (typeof had === 'string') return createWriter().u8(states.indexOf(had)).bytes();
	if (had.whole) return createWriter().u8(states.indexOf('all')).bytes();
	return createWriter().u8(states.indexOf('some')).lp(had.bytes()).bytes();
}

/** `undefined` for a bad answer. A set is as long as the content that was asked about, whatever the other end says. */
function decodeHave(payload: Uint8Array, refs: readonly ContentRef[]): readonly Had[] | undefined {
	return decode(payload, (r) => {
		r.u32();
		const count = r.u16();
		if (count > refs.length) r.fail();
		return refs.slice(0, count).map((ref): Had => {
			const state = states[r.u8()] ?? r.fail();
			const chunks = chunkCount(cutOf(ref));
			if (state === 'all') return createChunkSet(chunks, 'all');
			if (state !== 'some') return state;
			const bits = r.lp(Math.ceil(chunks / 8));
			if (bits.length !== Math.ceil(chunks / 8)) r.fail();
			return createChunkSet(chunks, bits);
		});
	});
}
