/**
 * The directories that were read of shared folders, as their owners' devices signed them: shown, searched, and passed on to those who may see the
 * folder while its owner is away. They rest sealed on this disk. Of two listings of a directory the later holds, once it is whole.
 */
import { hex, utf8 } from '../../../crypto/bytes.ts';
import { createWriter, decode } from '../../../crypto/codec.ts';
import { sha256 } from '../../../crypto/hash.ts';
import type { Clock } from '../../ports.ts';
import type { OfficeStore } from '../../store.ts';
import type { OwnPage } from './own-listings.ts';
import type { Id } from '../../log/entry.ts';
import { decodeRestedPage, joinPath, maxPageBytes, maxParts, maxPathBytes, type Page, type PageItem } from './page.ts';

const bucket = 'pages';
const maxIdBytes = 64;
/** Names held in memory, of all directories; then those go that were not looked at for longest. */
const maxNames = 400_000;
/** Roots held in memory; then those told first go. */
const maxRoots = 400_000;
const writeBehindMs = 500;

export interface Directory {
	readonly path: string;
	readonly listedMs: number;
	readonly pages: readonly OwnPage[];
	readonly whole: boolean;
}

export interface KnownPages {
	/** Takes what rests on the disk. Until then only what came since the start is known. */
	load(): Promise<void>;
	/** What there is to show of a directory: the last whole listing, else what has come of the first. */
	get(id: string, path: string): Directory | undefined;
	/** A page to pass on. */
	page(id: string, path: string, part: number): OwnPage | undefined;
	/** Takes the next page of a listing, its signature having been checked; answers whether it is one. */
	take(id: string, page: Page, bytes: Uint8Array, rests: boolean): boolean;
	/** Of the file of this size and date at a path, as any page taken tells it, also one older than what is held: it is its owner's word all the same. */
	rootOf(id: string, path: string, item: Pick<PageItem, 'size' | 'modifiedMs'>): Id | undefined;
	/** Every directory known of a folder. */
	of(id: string): Iterable<Directory>;
	/** Is no more, or nobody's to see. */
	forget(id: string): void;
	/** Resolves once everything rests. */
	flush(): Promise<void>;
}

interface Known {
	held: Directory | undefined;
	coming: Directory | undefined;
}

export function createKnownPages(deps: { readonly store: OfficeStore; readonly clock: Clock }): KnownPages {
	const { store, clock } = deps;
	/** By folder, then path; those looked at last stand last. */
	const folders = new Map<string, Map<string, Known>>();
	const unwritten = new Map<string, { readonly id: string; readonly directory: Directory | undefined }>();
	const roots = new Map<string, Id>();
	let names = 0;
	let cancel: (() => void) | undefined;

	const keyOf = (id: string, path: string): string => `${id}/${hex(sha256(utf8(path)))}`;
	const rootKey = (id: string, path: string, { size, modifiedMs }: Pick<PageItem, 'size' | 'modifiedMs'>): string => `${id} ${size} ${modifiedMs} ${path}`;
	const count = (directory: Directory | undefined): number => directory?.pages.reduce((sum, { page }) => sum + page.items.length, 0) ?? 0;

	function note(id: string, { path, items }: Page): void {
		for (const item of items) if (item.root !== undefined) roots.set(rootKey(id, joinPath(path, item.name), item), item.root);
		for (const first of roots.keys()) {
			if (roots.size <= maxRoots) break;
			roots.delete(first);
		}
	}

	function put(id: string, path: string, known: Known): void {
		const inside = folders.get(id) ?? new Map<string, Known>();
		folders.set(id, inside);
		const before = inside.get(path);
		names += count(known.held) + count(known.coming) - count(before?.held) - count(before?.coming);
		inside.delete(path);
		inside.set(path, known);
		for (const [other, directories] of names > maxNames ? folders : []) {
			for (const [where, old] of directories) {
				if (names <= maxNames || (other === id && where === path)) break;
				names -= count(old.held) + count(old.coming);
				directories.delete(where);
			}
		}
	}

	function rest(id: string, path: string, directory: Directory | undefined): void {
		unwritten.set(keyOf(id, path), { id, directory });
		cancel ??= clock.after(writeBehindMs, () => void flush());
	}

	/** What does not get to the disk is asked for again. */
	async function flush(): Promise<void> {
		cancel?.();
		cancel = undefined;
		const rows = [...unwritten];
		unwritten.clear();
		try {
			for (const [key, { directory }] of rows) if (!directory) await store.delete(bucket, key);
			await store.putAll(rows.flatMap(([key, { id, directory }]) => (directory ? [{ bucket, key, value: encodeRow(id, directory) }] : [])));
		} catch {
			return;
		}
	}

	return {
		async load() {
			for (const [, value] of await store.all(bucket)) {
				const row = decodeRow(value);
				if (!row) continue;
				for (const { page } of row.directory.pages) note(row.id, page);
				if (!folders.get(row.id)?.has(row.directory.path)) put(row.id, row.directory.path, { held: row.directory, coming: undefined });
			}
		},
		get(id, path) {
			const known = folders.get(id)?.get(path);
			return known?.held ?? known?.coming;
		},
		page(id, path, part) {
			const known = folders.get(id)?.get(path);
			return (known?.held ?? known?.coming)?.pages[part];
		},
		rootOf: (id, path, item) => roots.get(rootKey(id, path, item)),
		take(id, page, bytes, rests) {
			const { path, part, parts, listedMs } = page;
			note(id, page);
			const { held, coming } = folders.get(id)?.get(path) ?? { held: undefined, coming: undefined };
			if (held && listedMs <= held.listedMs) return listedMs === held.listedMs && part < held.pages.length;
			if (coming && listedMs < coming.listedMs) return false;
			const before = coming?.listedMs === listedMs ? coming.pages : [];
			if (part !== before.length) return part < before.length;
			const pages = [...before, { page, bytes: bytes.slice() }];
			const directory: Directory = { path, listedMs, pages, whole: parts === pages.length };
			put(id, path, directory.whole ? { held: directory, coming: undefined } : { held, coming: directory });
			if (directory.whole && rests) rest(id, path, directory);
			return true;
		},
		*of(id) {
			for (const { held, coming } of folders.get(id)?.values() ?? []) {
				const directory = held ?? coming;
				if (directory) yield directory;
			}
		},
		forget(id) {
			for (const [path, known] of folders.get(id) ?? []) {
				names -= count(known.held) + count(known.coming);
				rest(id, path, undefined);
			}
			folders.delete(id);
		},
		flush,
	};
}

function encodeRow(id: string, { path, pages }: Directory): Uint8Array {
	const w = createWriter().text(id).text(path).u16(pages.length);
	for (const { bytes } of pages) w.lp(bytes);
	return w.bytes();
}

/** Signatures were checked when the pages came: what rests is sealed by this device. */
function decodeRow(value: Uint8Array): { readonly id: string; readonly directory: Directory } | undefined {
	const row = decode(value, (r) => ({ id: r.text(maxIdBytes), path: r.text(maxPathBytes), pages: Array.from({ length: Math.min(r.u16(), maxParts) }, () => r.lp(maxPageBytes)) }));
	const pages = row?.pages.flatMap((bytes) => {
		const page = decodeRestedPage(bytes);
		return page ? [{ page, bytes }] : [];
	});
	const listedMs = pages?.[0]?.page.listedMs;
	return row && pages && listedMs !== undefined ? { id: row.id, directory: { path: row.path, listedMs, pages, whole: true } } : undefined;
}

/** The names of a directory. One that stands in two of its pages is there once. */
export function itemsOf(directory: Directory | undefined): readonly PageItem[] {
	const items = new Map<string, PageItem>();
	for (const { page } of directory?.pages ?? []) for (const item of page.items) if (!items.has(item.name)) items.set(item.name, item);
	return [...items.values()];
}
