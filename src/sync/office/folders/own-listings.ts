/**
 * Directories of this computer's shared folders, read when they are asked for and cut into signed pages while they are read: the first names go out
 * long before the last are known. Who asks at the same time is given the same pages.
 */
import { utf8 } from '../../../crypto/bytes.ts';
import type { Id } from '../../log/entry.ts';
import type { Clock } from '../../ports.ts';
import type { TreeReader, Unread } from './local-tree.ts';
import { encodePage, joinPath, maxPageBytes, maxPageItems, maxParts, type Page, type PageItem } from './page.ts';

/** A directory that was read this long ago is read again. */
const freshMs = 4_000;
/** What was found goes out after this, also if it does not fill a page, as long as few pages were. */
const hurryMs = 300;
const hurriedParts = 12;
/** Directories kept, the last asked for. */
const maxKept = 64;
/** Bytes of an item beside its name. */
const itemBytes = 54;

export interface OwnPage {
	readonly page: Page;
	readonly bytes: Uint8Array;
}

export interface OwnListings {
	/** One part, as soon as it is known. A part beyond the end is `gone`. */
	part(id: string, reader: TreeReader, path: string, part: number): Promise<OwnPage | Unread>;
	/** They are not shared any more, or lie elsewhere. */
	forget(id: string): void;
}

interface Listing {
	readonly id: string;
	readonly pages: OwnPage[];
	ended: Unread | 'whole' | undefined;
	endedMs: number;
	/** What was known of roots when it was begun. */
	readonly rootsVersion: number;
	waiting: (() => void)[];
}

export function createOwnListings(deps: {
	readonly officeId: Id;
	readonly signSecret: Uint8Array;
	readonly clock: Clock;
	/** Of a file, by its path, that was read whole, as it was then. */
	readonly rootOf: (id: string, path: string, item: PageItem) => Id | undefined;
	/** When what is known of a directory was listed: whatever the clock says, what is listed now is newer. */
	readonly listedMs: (id: string, path: string) => number;
	/** Another number after more roots are known. */
	readonly rootsVersion: () => number;
}): OwnListings {
	const { officeId, signSecret, clock } = deps;
	const listings = new Map<string, Listing>();
	let lastMs = 0;

	function begin(id: string, reader: TreeReader, path: string): Listing {
		const listing: Listing = { id, pages: [], ended: undefined, endedMs: 0, rootsVersion: deps.rootsVersion(), waiting: [] };
		// Two listings of one moment could not be told apart.
		const listedMs = (lastMs = Math.max(lastMs + 1, clock.now(), deps.listedMs(id, path) + 1));
		let items: PageItem[] = [];
		let bytes = 0;
		let toldMs = clock.now();

		function tell(ended: boolean): void {
			const part = listing.pages.length;
			const page: Page = { folder: id, path, part, parts: ended ? part + 1 : 0, listedMs, items };
			listing.pages.push({ page, bytes: encodePage(page, officeId, signSecret) });
			items = [];
			bytes = 0;
			toldMs = clock.now();
			wake();
		}

		function wake(): void {
			const waiting = listing.waiting;
			listing.waiting = [];
			for (const one of waiting) one();
		}

		async function read(): Promise<Unread | undefined> {
			const found = reader.list(path);
			for (let next = await found.next(); ; next = await found.next()) {
				if (next.done === true) return next.value;
				for (const item of next.value) {
					const length = itemBytes + utf8(item.name).length;
					if (items.length >= maxPageItems || bytes + length > maxPageBytes - maxPageItems) tell(false);
					if (listing.pages.length >= maxParts - 1 && items.length >= maxPageItems - 1) return undefined;
					items.push(item.kind === 'file' ? { ...item, root: deps.rootOf(id, joinPath(path, item.name), item) } : item);
					bytes += length;
				}
				if (items.length > 0 && listing.pages.length < hurriedParts && clock.now() - toldMs >= hurryMs) tell(false);
			}
		}

		void read().then((why) => {
			if (why === undefined) tell(true);
			listing.ended = why ?? 'whole';
			listing.endedMs = clock.now();
			wake();
		});
		return listing;
	}

	return {
		async part(id, reader, path, part) {
			const key = `${id}/${path}`;
			let listing = listings.get(key);
			const isStale = listing?.ended !== undefined && (listing.ended !== 'whole' || (part === 0 && (clock.now() - listing.endedMs > freshMs || listing.rootsVersion !== deps.rootsVersion())));
			if (!listing || isStale) listing = begin(id, reader, path);
			listings.delete(key);
			listings.set(key, listing);
			for (const oldest of listings.keys()) {
				if (listings.size <= maxKept) break;
				listings.delete(oldest);
			}
			const asked = listing;
			while (asked.pages.length <= part && asked.ended === undefined) await new Promise<void>((resolve) => asked.waiting.push(resolve));
			return asked.pages[part] ?? (asked.ended === 'permission-lost' ? 'permission-lost' : 'gone');
		},
		forget(id) {
			for (const [key, listing] of listings) if (listing.id === id) listings.delete(key);
		},
	};
}
