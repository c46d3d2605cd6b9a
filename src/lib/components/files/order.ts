/** Rows of a folder: folders first, by name with numbers as numbers, by size or by date; filtered; and the next name for what is typed. */
import type { FolderItem } from '../../../sync/files.ts';

export type SortKey = 'name' | 'size' | 'date';
export interface Sorting {
	readonly by: SortKey;
	readonly descending: boolean;
}

/** Comparing made keys is twenty times as fast as a collator; a hundred thousand names must not stall the page. */
export const nameKey = (name: string): string =>
	name
		.normalize('NFKD')
		.replaceAll(/\p{M}+/gu, '')
		.toLowerCase()
		.replaceAll(/\d+/g, (digits) => digits.padStart(12, '0'));

const isBefore = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function ordered(items: readonly FolderItem[], filter: string, { by, descending }: Sorting): readonly FolderItem[] {
	const wanted = filter.trim().toLowerCase();
	const keyed = items.filter((item) => wanted === '' || item.name.toLowerCase().includes(wanted)).map((item) => ({ item, key: nameKey(item.name) }));
	const sign = descending ? -1 : 1;
	keyed.sort((a, b) => {
		if (a.item.kind !== b.item.kind) return a.item.kind === 'folder' ? -1 : 1;
		const first = by === 'size' ? a.item.size - b.item.size : by === 'date' ? a.item.modifiedMs - b.item.modifiedMs : 0;
		return sign * (first === 0 ? isBefore(a.key, b.key) : first) || isBefore(a.item.path, b.item.path);
	});
	return keyed.map(({ item }) => item);
}

/** The row that typing leads to: the next one that begins with it, around the end; the current one stays if it still fits. */
export function typedTo(items: readonly FolderItem[], current: number, typed: string): number | undefined {
	const wanted = typed.toLowerCase();
	const from = wanted.length > 1 ? current : current + 1;
	for (let step = 0; step < items.length; step++) {
		const at = (Math.max(0, from) + step) % items.length;
		if (items[at]?.name.toLowerCase().startsWith(wanted)) return at;
	}
	return undefined;
}

/** "Drawings/Ground floor" → its names with the path up to each. */
export function crumbs(path: string): readonly { readonly name: string; readonly path: string }[] {
	if (path === '') return [];
	const names = path.split('/');
	return names.map((name, index) => ({ name, path: names.slice(0, index + 1).join('/') }));
}
