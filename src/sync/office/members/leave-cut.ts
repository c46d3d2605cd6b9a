/**
 * LEAVE is a cut at itself: in the office lane the act itself is the last that counts. Where the leaver's other lanes end it says in an extension,
 * `tag 1 = Cut` (PROTOCOL.md, 4); without it they have no end: who leaves wrote what they wrote.
 */
import { createWriter, decode } from '../../../crypto/codec.ts';
import type { Extension } from '../../extensions.ts';
import { readCut, writeCut, type Cut } from './acts.ts';

const cutTag = 1;

/** The extensions of a LEAVE by who has written up to here. */
export function leaveExtensions(cut: Cut): readonly Extension[] {
	const writer = createWriter();
	writeCut(writer, cut);
	return [{ tag: cutTag, bytes: writer.bytes() }];
}

/** What a LEAVE's extensions say; `undefined` where missing or malformed. */
export function leaveCut(extensions: readonly Extension[]): Cut | undefined {
	const extension = extensions.find(({ tag }) => tag === cutTag);
	return extension && decode(extension.bytes, readCut);
}
