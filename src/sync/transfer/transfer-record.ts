/** What is kept of a transfer so that it goes on after a reload or a crash: the wish. What came of it stands in what is staged and saved. */
import { fromHex, hex } from '../../crypto/bytes.ts';
import { createWriter, decode } from '../../crypto/codec.ts';
import type { Destination } from '../files.ts';
import type { Wish } from './supply.ts';

const recordVersion = 1;
const maxNameBytes = 1024;
const maxPathBytes = 4096;
const maxPaths = 10_000;
const destinations = ['folder', 'download', 'zip', 'here'] as const;

export interface TransferRecord {
	readonly wish: Wish;
	readonly name: string;
	readonly destination: Destination['kind'];
	readonly paused: boolean;
	readonly sinceMs: number;
}

export function encodeTransfer({ wish, name, destination, paused, sinceMs }: TransferRecord): Uint8Array {
	const w = createWriter().u8(recordVersion).text(name).u8(destinations.indexOf(destination)).u8(paused ? 1 : 0).u64(sinceMs);
	if (wish.kind === 'attachment') return w.u8(2).raw(fromHex(wish.message) ?? new Uint8Array(0)).bytes();
	w.u8(1).raw(fromHex(wish.folder) ?? new Uint8Array(0)).u16(wish.paths.length);
	for (const path of wish.paths) w.text(path);
	return w.bytes();
}

export function decodeTransfer(bytes: Uint8Array): TransferRecord | undefined {
	return decode(bytes, (r) => {
		if (r.u8() !== recordVersion) r.fail();
		const name = r.text(maxNameBytes);
		const destination = destinations[r.u8()] ?? r.fail();
		const paused = r.u8() === 1;
		const sinceMs = r.u64();
		const wish: Wish =
			r.u8() === 2
				? { kind: 'attachment', message: hex(r.raw(32)) }
				: { kind: 'folder', folder: hex(r.raw(16)), paths: Array.from({ length: Math.min(r.u16(), maxPaths) }, () => r.text(maxPathBytes)) };
		return { wish, name, destination, paused, sinceMs };
	});
}

export const isWish = (wish: Wish): boolean => wish.kind === 'attachment' || wish.paths.length <= maxPaths;
