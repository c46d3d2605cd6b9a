/**
 * `ext = n u8 | n × (tag u16 | lp)` (PROTOCOL.md, 1): room for later fields. Unknown tags are kept, so that what an old build reads
 * and writes again loses nothing, and ignored.
 */
import type { Reader, Writer } from '../crypto/codec.ts';

export interface Extension {
	readonly tag: number;
	readonly bytes: Uint8Array;
}

/** One extension's cap. What holds them has a cap of its own. */
const maxExtensionBytes = 65_536;

export function writeExtensions(writer: Writer, extensions: readonly Extension[]): Writer {
	writer.u8(extensions.length);
	for (const { tag, bytes } of extensions) writer.u16(tag).lp(bytes);
	return writer;
}

export function readExtensions(reader: Reader): readonly Extension[] {
	return Array.from({ length: reader.u8() }, () => ({ tag: reader.u16(), bytes: reader.lp(maxExtensionBytes) }));
}
