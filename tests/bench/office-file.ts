/** An office of `office-year.ts` as one file: made once in Node, read by pages and workers. */
import { createWriter, decode } from '../../src/crypto/codec.ts';
import type { DeviceKeys } from '../../src/crypto/identity.ts';
import type { Entry, Id } from '../../src/sync/log/entry.ts';
import { decodeSegment, encodeSegment } from '../../src/sync/log/segment.ts';
import type { OfficeYear } from './office-year.ts';

const maxFileBytes = 256 * 1024 * 1024;
const maxTextBytes = 1024;

export interface OfficeFile {
	readonly officeId: Id;
	readonly reader: DeviceKeys;
	/** Keys of another member, for whoever serves. */
	readonly colleague: DeviceKeys;
	readonly meshKey: Uint8Array;
	readonly lastPost: string;
	readonly lastNotice: string;
	readonly posts: number;
	/** Messages to the reader. */
	readonly letters: number;
	/** HEADS of all others, as of the end. */
	readonly heads: readonly Uint8Array[];
	readonly chains: readonly (readonly Entry[])[];
}

export function encodeOffice(year: OfficeYear): Uint8Array {
	const w = createWriter().text(year.story.officeId);
	for (const person of [year.reader, year.people[1] ?? year.reader]) {
		const { signPublic, signSecret, kemPublic, kemSecret } = person.keys;
		w.raw(signPublic).raw(signSecret).raw(kemPublic).raw(kemSecret);
	}
	w.raw(year.generation.key ?? new Uint8Array(32)).text(year.lastPost).text(year.lastNotice).u32(year.posts).u32(year.letters).u16(year.chains.size);
	for (const chain of year.chains.values()) w.lp(encodeSegment(chain));
	w.u16(year.heads.length);
	for (const heads of year.heads) w.lp(heads);
	return w.bytes();
}

export function decodeOffice(bytes: Uint8Array): OfficeFile {
	const file = decode(bytes, (r): OfficeFile => {
		const officeId = r.text(maxTextBytes);
		const keys = (): DeviceKeys => ({ signPublic: r.raw(32).slice(), signSecret: r.raw(32).slice(), kemPublic: r.raw(32).slice(), kemSecret: r.raw(32).slice() });
		const [reader, colleague] = [keys(), keys()];
		const meshKey = r.raw(32).slice();
		const [lastPost, lastNotice] = [r.text(maxTextBytes), r.text(maxTextBytes)];
		const [posts, letters] = [r.u32(), r.u32()];
		const chains = Array.from({ length: r.u16() }, () => decodeSegment(r.lp(maxFileBytes).slice()) ?? r.fail());
		const heads = Array.from({ length: r.u16() }, () => r.lp(maxFileBytes).slice());
		return { officeId, reader, colleague, meshKey, lastPost, lastNotice, posts, letters, heads, chains };
	});
	if (!file) throw new Error('the file of the office is damaged');
	return file;
}
