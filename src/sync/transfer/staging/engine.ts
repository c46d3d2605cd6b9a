/**
 * Staging's bytes: a chunk is hashed, compared with its leaf, sealed under its file's key, and written in place; read back it is opened again.
 * What is not its leaf never touches the disk (ATTACKS.md, A55), and what touches it is never plain (A44). Runs in staging's worker; which
 * chunks there are is not known here.
 */
import { concat, equal } from '../../../crypto/bytes.ts';
import { leafOf } from '../../../crypto/file-hash.ts';
import { importFileKey, openResting, restOverheadBytes, sealResting } from '../../../crypto/file-seal.ts';
import type { Random } from '../../../crypto/random.ts';
import type { Chunk, Written } from '../content.ts';
import { type Disk, type DiskFile, DiskFull } from './disk.ts';

/** Files open at once: a handle each, and a browser has a limit for all. */
const maxOpenFiles = 12;

/** A part of a buffer, and where it rests: `restOverheadBytes` longer than it is. */
export interface Piece {
	readonly from: number;
	readonly length: number;
	readonly at: number;
	readonly leaf: Uint8Array;
}

export interface StagingEngine {
	/** The key of a file, before anything else of it; 32 bytes. */
	know(file: string, key: Uint8Array): Promise<void>;
	/** One answer for each piece, in their order. The buffer is handed over. */
	write(file: string, bytes: ArrayBuffer, pieces: readonly Piece[]): Promise<readonly Written[]>;
	/** What rests at that place, and its leaf; undefined if it is damaged or another. Rejects where the disk cannot be read. */
	read(file: string, at: number, length: number): Promise<Chunk | undefined>;
	flush(file: string): Promise<'flushed' | 'disk-full' | 'failed'>;
	remove(file: string): Promise<void>;
	names(): Promise<readonly string[]>;
	/** Lets go of files and keys. */
	close(): Promise<void>;
}

export function createStagingEngine(disk: Disk, random: Random): StagingEngine {
	const keys = new Map<string, Promise<CryptoKey>>();
	/** Least recently used first. */
	const open = new Map<string, { readonly file: Promise<DiskFile>; users: number }>();

	const keyOf = (file: string): Promise<CryptoKey> => keys.get(file) ?? Promise.reject(new Error('a file without its key'));

	/** Hands in the open file; it stays open at least until `work` is done, which takes no turn of its own. */
	async function use<T>(name: string, work: (file: DiskFile) => T): Promise<T> {
		const entry = open.get(name) ?? { file: disk.open(name), users: 0 };
		open.delete(name);
		open.set(name, entry);
		entry.users++;
		try {
			return work(await entry.file);
		} catch (error) {
			// A file that did not open is tried anew the next time.
			await entry.file.catch(() => open.delete(name));
			throw error;
		} finally {
			entry.users--;
			await closeSome();
		}
	}

	async function closeSome(): Promise<void> {
		for (const [name, { file, users }] of open) {
			if (open.size <= maxOpenFiles) return;
			if (users > 0) continue;
			open.delete(name);
			await letGo(file);
		}
	}

	async function letGo(opening: Promise<DiskFile>): Promise<void> {
		const file = await opening.catch(() => undefined);
		try {
			file?.flush();
		} finally {
			file?.close();
		}
	}

	/** Undefined if it is not its leaf's. */
	async function sealPiece(key: CryptoKey, bytes: ArrayBuffer, { from, length, at, leaf }: Piece): Promise<Uint8Array | undefined> {
		const plain = new Uint8Array(bytes, from, length);
		return equal(await leafOf(plain), leaf) ? sealResting(random, key, at, plain) : undefined;
	}

	/** What follows one another on the disk is written at once: a write for each of a thousand small files takes longer than their bytes. */
	function writeRuns(file: DiskFile, sealed: readonly (Uint8Array | undefined)[], pieces: readonly Piece[], answers: Written[]): void {
		for (let first = 0; first < pieces.length; ) {
			const at = pieces[first]?.at ?? 0;
			const run: Uint8Array[] = [];
			let end = at;
			let next = first;
			for (let part = sealed[next]; part !== undefined && pieces[next]?.at === end; part = sealed[++next]) {
				run.push(part);
				end += part.length;
			}
			if (run.length > 0) {
				const [only] = run;
				file.write(at, run.length === 1 && only ? only : concat(...run));
				answers.fill('written', first, next);
			}
			first = Math.max(next, first + 1);
		}
	}

	return {
		async know(file, key) {
			if (!keys.has(file)) keys.set(file, importFileKey(key));
			await keyOf(file);
		},
		async write(name, bytes, pieces) {
			const answers: Written[] = pieces.map(() => 'wrong');
			try {
				const key = await keyOf(name);
				const sealed = await Promise.all(pieces.map((piece) => sealPiece(key, bytes, piece)));
				const isRight = sealed.map((part) => part !== undefined);
				try {
					if (isRight.includes(true)) await use(name, (file) => writeRuns(file, sealed, pieces, answers));
				} catch (error) {
					const why = error instanceof DiskFull ? 'disk-full' : 'failed';
					return answers.map((answer, index) => (isRight[index] === true && answer === 'wrong' ? why : answer));
				}
				return answers;
			} catch {
				return pieces.map(() => 'failed' as const);
			}
		},
		async read(name, at, length) {
			const key = await keyOf(name);
			const resting = await use(name, (file) => file.read(at, length + restOverheadBytes));
			const bytes = await openResting(key, at, resting);
			return bytes?.length === length ? { bytes, leaf: await leafOf(bytes) } : undefined;
		},
		async flush(name) {
			try {
				await use(name, (file) => file.flush());
				return 'flushed';
			} catch (error) {
				return error instanceof DiskFull ? 'disk-full' : 'failed';
			}
		},
		async remove(name) {
			const entry = open.get(name);
			open.delete(name);
			keys.delete(name);
			if (entry) await letGo(entry.file).catch(() => undefined);
			await disk.remove(name);
		},
		names: () => disk.names(),
		async close() {
			const files = [...open.values()];
			open.clear();
			keys.clear();
			await Promise.allSettled(files.map(({ file }) => letGo(file)));
		},
	};
}
