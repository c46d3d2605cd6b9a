/** Folders of the fake office: nested, long and right-to-left names, odd letters, every state. */
import type { FolderItem, SharedFolder } from '../../src/sync/files.ts';
import type { Person } from '../../src/sync/office.ts';
import { fakeDepartments } from './fake-content.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const everyone = { everyone: true, departments: [], people: [] };

/** @param people oneself first */
export function fakeFolders(people: readonly Person[]): readonly SharedFolder[] {
	const now = Date.now();
	const of = (who: number): Pick<SharedFolder, 'owner' | 'ownerName' | 'own' | 'here'> => ({ owner: people[who]!.id, ownerName: people[who]!.name, own: who === 0, here: who === 0 });
	const base = { audience: everyone, sinceMs: now - 9 * dayMs, state: 'ready', untilClosed: false } as const;
	return [
		{ ...base, ...of(0), id: 'f-site', name: 'Site photographs', audience: { everyone: false, departments: fakeDepartments(people).filter((one) => one.name === 'Workshop').map((one) => one.id), people: [people[1]!.id] } },
		{ ...base, ...of(0), id: 'f-ask', name: 'Scans of the front desk', state: 'ask' },
		{ ...base, ...of(0), id: 'f-gone', name: 'Old USB stick', state: 'missing' },
		{ ...base, ...of(0), id: 'f-now', name: 'For the meeting', untilClosed: true },
		{ ...base, ...of(1), id: 'f-plans', name: 'Plans and price lists' },
		{ ...base, ...of(7), id: 'f-away', name: 'Accounts 2019–2026', state: 'away' },
		{ ...base, ...of(3), id: 'f-rtl', name: 'عروض الأسعار' },
		{ ...base, ...of(4), id: 'f-long', name: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft' },
	];
}

type Row = readonly [path: string, size: number, agoDays: number, more?: Partial<FolderItem>];

export function item([path, size, agoDays, more = {}]: Row): FolderItem {
	return {
		kind: 'file',
		name: path.slice(path.lastIndexOf('/') + 1),
		path,
		size,
		modifiedMs: Date.now() - agoDays * dayMs,
		held: 0,
		holders: [],
		warnings: [],
		...more,
	};
}

const folder = (path: string): FolderItem => ({ ...item([path, 0, 0]), kind: 'folder', modifiedMs: 0 });

export function fakeItems(people: readonly Person[]): readonly (readonly [string, readonly FolderItem[]])[] {
	const [, , juergen, , , priya] = people.map((person) => person.name);
	return [
		[
			'f-plans',
			[
				folder('Drawings'),
				folder('Drawings/Ground floor'),
				item(['Drawings/Ground floor/hall.pdf', 1_200_000, 3]),
				item(['Drawings/section.png', 180_000, 12]),
				folder('图纸 2026'),
				item(['Price list 2026.pdf', 482_113, 1, { held: 482_113, holders: [{ name: priya!, bytes: 482_113 }] }]),
				item(['Price list 10.xlsx', 38_400, 40, { holders: [{ name: priya!, bytes: 12_000 }, { name: juergen!, bytes: 38_400 }] }]),
				item(['Price list 9.xlsx', 37_900, 71]),
				item(['Order form.docm', 92_000, 200, { warnings: ['macros'] }]),
				item(['invoice.pdf.exe', 740_000, 2, { warnings: ['executable', 'double-ending'] }]),
				item(['Photo_\u202Egpj.exe', 81_000, 2, { warnings: ['executable', 'hidden-letters'] }]),
				item(['holiday.jpg', 2_400_000, 5, { warnings: ['type-differs'], held: 1_100_000 }]),
				item(['عرض السعر النهائي للمكتب الرئيسي (نسخة ٢).pdf', 640_000, 9]),
				item([`${'Minutes of the yearly meeting of the workshop and the warehouse, with all annexes, '.repeat(2)}final.txt`, 12_288, 31]),
				item(['walk through the hall.mp4', 734_003_200, 6, { held: 330_000_000 }]),
				item(['notes.txt', 4_210, 0]),
				item(['logo.svg', 9_400, 400]),
				item(['site recording.mp3', 8_900_000, 21]),
				item(['backup.tar', 18_400_000_000, 380]),
			],
		],
		['f-site', [item(['IMG_0001.jpg', 3_400_000, 8]), item(['IMG_0002.jpg', 3_100_000, 8])]],
		['f-ask', [item(['scan.pdf', 200_000, 4])]],
		['f-away', [item(['Balance 2025.ods', 88_000, 30, { held: 88_000 }])]],
		['f-rtl', [item(['عرض.pdf', 50_000, 3])]],
	];
}
