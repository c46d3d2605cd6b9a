/** FOLDER_ASK and FOLDER_ANSWER (PROTOCOL.md, 11): one part of one directory, asked of the device it lies on or of whoever has read it. */
import { createWriter, decode } from '../../../crypto/codec.ts';
import { messageTypes } from '../../link/message-types.ts';
import { readShortId, shortId } from './folder-body.ts';
import { isPath, maxPageBytes, maxParts, maxPathBytes } from './page.ts';

export interface FolderAsk {
	readonly request: number;
	readonly folder: string;
	readonly path: string;
	readonly part: number;
}

const states = ['page', 'refused', 'gone', 'permission', 'unknown'] as const;
/** `permission`: its owner's browser wants their word first. `unknown`: who was asked has not read it. */
export type AnswerState = (typeof states)[number];

export interface FolderAnswer {
	readonly request: number;
	readonly state: AnswerState;
	/** The page as its owner's device signed it; empty otherwise. */
	readonly page: Uint8Array;
}

export function encodeAsk(ask: FolderAsk): Uint8Array {
	return createWriter().u8(messageTypes.folderAsk).u32(ask.request).raw(shortId(ask.folder)).text(ask.path).u16(ask.part).bytes();
}

export function decodeAsk(payload: Uint8Array): FolderAsk | undefined {
	return decode(payload, (r) => {
		const ask = { request: r.u32(), folder: readShortId(r), path: r.text(maxPathBytes), part: r.u16() };
		return isPath(ask.path) && ask.part < maxParts ? ask : r.fail();
	});
}

export function encodeAnswer(answer: FolderAnswer): Uint8Array {
	return createWriter().u8(messageTypes.folderAnswer).u32(answer.request).u8(states.indexOf(answer.state)).lp(answer.page).bytes();
}

export function decodeAnswer(payload: Uint8Array): FolderAnswer | undefined {
	return decode(payload, (r) => {
		const request = r.u32();
		const state = states[r.u8()] ?? r.fail();
		return { request, state, page: r.lp(maxPageBytes) };
	});
}
