/** What the benches run in Node: an office of a seed, as the bytes of its file. */
import { encodeOffice } from './office-file.ts';
import { createOfficeYear } from './office-year.ts';

export interface MadeOffice {
	readonly file: Uint8Array;
	readonly officeId: string;
	readonly entries: number;
	readonly acts: number;
	readonly chains: number;
	readonly lastPost: string;
	readonly lastNotice: string;
}

export function makeOffice(options: Parameters<typeof createOfficeYear>[0]): MadeOffice {
	const year = createOfficeYear(options);
	const acts = year.entries.filter(({ header }) => header.lane === 0).length;
	return { file: encodeOffice(year), officeId: year.story.officeId, entries: year.entries.length - acts, acts, chains: year.chains.size, lastPost: year.lastPost, lastNotice: year.lastNotice };
}
