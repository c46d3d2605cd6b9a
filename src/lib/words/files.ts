/** Texts of shared folders, attachments and transfers. */
import type { FileWarning, FolderAudience, FolderItem, FolderListing, SharedFolder, Transfer } from '../../sync/files.ts';
import type { Department, Person } from '../../sync/office.ts';
import { size } from '../times.ts';

const number = (value: number): string => value.toLocaleString('en');
const fileCount = (count: number): string => (count === 1 ? '1 file' : `${number(count)} files`);

export const files = {
	list: 'Shared folders',
	find: 'Find files in all folders',
	none: 'Nothing is shared in this office yet.',
	noneHint: 'A folder that you share can be looked through and fetched by your colleagues, and nothing leaves the office.',
	noneOfName: 'No folder of that name.',
	choose: 'Choose a folder to look into it.',
	share: 'Share a folder',
	pick: 'Choose folder',
	pickOther: 'Choose another folder',
	pickLabel: 'Folder to share',
	picked: (name: string) => `“${name}” is chosen.`,
	pickedFiles: (name: string, count: number) => `“${name}” is chosen: ${fileCount(count)}.`,
	dropHint: 'You can also drop it here.',
	lasting: 'It stays shared after a restart. The browser may ask you for one click then.',
	untilClosed: 'This browser cannot keep a folder. It is shared until this page closes.',
	name: 'Name',
	nameHint: 'As your colleagues will see it.',
	audience: 'Who may see it',
	audiences: { everyone: 'Everyone in the office', some: 'Chosen departments and people' },
	departments: 'Departments',
	people: 'People',
	shareDo: 'Share',
	noFolder: 'Please choose a folder.',
	shared: (name: string) => `${name} is shared.`,
	changeAudience: 'Change who may see it',
	audienceChanged: 'Changed. Who may no longer see it gets nothing more of it; what they have, they have.',
	stop: 'Stop sharing',
	stopTitle: (name: string) => `Stop sharing ${name}?`,
	stopText: 'Your files stay where they are. Colleagues who have fetched some of them keep those.',
	again: 'Share again',
	details: 'About this folder',
	owner: 'Shared by',
	since: 'Since',
	you: 'You',
	forget: 'Forget what is held',
	forgetText: 'What this device holds of the folder is deleted here. It can be fetched again, as long as somebody has it.',
	forgotten: 'Nothing of it is held here any more.',
	own: (name: string) => `${name}, yours`,
	by: (name: string, owner: string) => `${name}, of ${owner}`,
	tree: 'Path',
	filter: 'Filter this folder',
	noMatch: 'Nothing in this folder has that in its name.',
	empty: 'This folder is empty.',
	up: 'Up one folder',
	toFolders: 'To all folders',
	columns: { name: 'Name', size: 'Size', date: 'Changed', holders: 'Held' },
	grid: (folder: string) => `Files in ${folder}`,
	act: 'Download',
	folder: 'folder',
	gridHint: 'Arrow keys move, Enter opens, Space selects, letters jump to a name.',
	download: (name: string) => `Download ${name}`,
	downloadFolder: 'Download folder',
	downloadSelected: (count: number) => `Download ${count === 1 ? 'selected' : `${number(count)} selected`}`,
	otherWays: 'Other ways to download',
	ways: { folder: 'Save into a folder…', zip: 'As one zip file', download: 'By the browser', here: 'Keep in Landline' },
	wayHints: { here: 'Sealed on this device, to look at, and to pass on while its owner is away.' },
	selected: (count: number) => (count === 1 ? '1 selected' : `${number(count)} selected`),
	unselect: 'Clear selection',
	counted: (folders: number, count: number, bytes: number) =>
		[...(folders > 0 ? [folders === 1 ? '1 folder' : `${number(folders)} folders`] : []), ...(count > 0 ? [`${fileCount(count)}, ${size(bytes)}`] : [])].join(', '),
	listing: 'The list is still coming…',
	unreachable: (owner: string) => `Neither ${owner} nor anybody who has this list is here at the moment.`,
	unreachableHint: 'It is read as soon as one of them is.',
	listedAt: (when: string) => `As it was ${when}.`,
	messageOwner: (owner: string) => `Write to ${owner}`,
	permission: (owner: string) => `${owner} has to allow the browser once more before this folder can be read.`,
	gone: 'This folder is no longer shared.',
	refused: 'This folder is not shared with you any more.',
	found: 'Found files',
	foundIn: (folder: string, path: string) => (path === '' ? `in ${folder}` : `in ${folder}, ${path}`),
	searching: 'Lists of folders are still coming in…',
	foundNothing: (text: string) => `Nothing is called “${text}”.`,
	foundMissing: (names: readonly string[]) => `Not searched, because nobody who has the list is here: ${names.join(', ')}.`,
	foundCount: (count: number) => (count === 1 ? '1 found' : `${number(count)} found`),
	manyFound: 'These are the first 500. Type more of the name to see fewer.',
	preview: 'Preview',
	previewOf: (name: string) => `Preview of ${name}`,
	open: 'Open',
	loading: 'Fetching it to look at…',
	asText: 'Shown as text. Nothing in it is run.',
	cutText: 'This is the beginning. Download it to see all.',
	noPreview: 'Landline cannot show this kind of file. Download it to open it with a program of yours.',
	fetchToLook: (amount: string) => `Fetch it to look at (${amount})`,
	previewTooLarge: 'This is too large to be looked at here. Download it.',
	broken: 'The browser cannot show this file. It may be damaged.',
	away: 'away',
	heldBy: 'Held by',
	holds: (name: string, share: string) => `${name}: ${share}`,
	whole: 'all of it',
	part: (percent: number) => `${String(percent)} %`,
	here: 'this device',
	back: 'Back to the files',
	attach: 'Attach a file',
	attached: 'Files to send',
	unattach: (name: string) => `Take away ${name}`,
	dropFiles: (title: string) => `Drop files to send them to ${title}`,
	dropFolder: 'Drop a folder to share it',
	partHere: (percent: number) => `${String(percent)} % here`,
	attachmentLarge: 'Offered. It is fetched when you ask for it.',
	attachmentAway: 'Nobody who has it is here at the moment.',
	picture: (name: string) => `Small picture of ${name}`,
	transfers: {
		region: 'Transfers',
		hide: 'Hide transfers',
		show: 'Show transfers',
		pause: 'Pause',
		resume: 'Resume',
		cancel: 'Cancel',
		retry: 'Try the failed again',
		dismiss: (name: string) => `Remove ${name} from the list`,
		clear: 'Clear finished',
		failed: 'What failed',
		downloading: (name: string) => `Downloading ${name}`,
		sending: (name: string) => `Sending ${name}`,
		skipped: (count: number) => (count === 1 ? '1 was there already' : `${number(count)} were there already`),
		failedCount: (count: number) => (count === 1 ? '1 failed' : `${number(count)} failed`),
		moreFailed: (count: number) => `and ${number(count)} more`,
		filesOf: (done: number, total: number) => `${number(done)} of ${fileCount(total)}`,
		bytesOf: (done: string, total: string) => `${done} of ${total}`,
		perSecond: (amount: string) => `${amount}/s`,
		from: (names: readonly string[]) => `from ${names.join(', ')}`,
		to: (names: readonly string[]) => `to ${names.join(', ')}`,
		summary: (into: number, out: number) =>
			[...(into > 0 ? [`${number(into)} coming in`] : []), ...(out > 0 ? [`${number(out)} going out`] : [])].join(', ') || 'All done',
	},
	settings: {
		title: 'Files',
		held: (held: string) => `${held} of your colleagues’ files are held here, sealed. They can be passed on while their owners are away.`,
		heldNothing: 'Nothing of your colleagues’ files is held here.',
		used: (used: string, of: string) => `${used} of the ${of} that the browser allows are taken in all.`,
		forget: 'Forget all that is held',
		forgetTitle: 'Forget all that is held?',
		forgetText: 'What this device holds of your colleagues’ files is deleted here. It can be fetched again, as long as somebody has it.',
		forgetYes: 'Forget',
		limit: 'Upload limit',
		limitHint: 'For all colleagues who fetch from this device together.',
		limits: { 0: 'None', 1_000_000: '1 MB/s', 5_000_000: '5 MB/s', 20_000_000: '20 MB/s', 50_000_000: '50 MB/s' } as Record<number, string>,
		perSecond: (amount: string) => `${amount}/s`,
		limitSaved: 'Upload limit saved.',
	},
};

export const warningWords: Record<FileWarning, string> = {
	executable: 'This is a program. Opening it runs it.',
	macros: 'It may hold macros, which run when it is opened.',
	'double-ending': 'Its name has two endings, to look like another kind of file.',
	'hidden-letters': 'There is something in its name that nobody can see, or that turns the direction of reading.',
	'type-differs': 'What is in it does not fit its ending.',
};

/** As short as a row can take. */
export const shortWarnings: Record<FileWarning, string> = {
	executable: 'program',
	macros: 'macros',
	'double-ending': 'two endings',
	'hidden-letters': 'hidden letters',
	'type-differs': 'ending does not fit',
};

/** "Everyone", "Workshop, Ana Costa". */
export function audienceWords({ everyone, departments, people }: FolderAudience, all: readonly Person[], known: readonly Department[]): string {
	if (everyone) return 'Everyone';
	const nameOf = (list: readonly { readonly id: string; readonly name: string }[]) => (id: string): string => list.find((one) => one.id === id)?.name ?? '';
	return [...departments.map(nameOf(known)), ...people.map(nameOf(all))].filter((name) => name !== '').join(', ') || 'Nobody';
}

/** What has to be known of a folder's state; empty where all is as it should be. */
export function folderStateWords({ state, own, here, untilClosed }: SharedFolder): string {
	if (state === 'ask') return 'Not shared at the moment: the browser wants one click.';
	if (state === 'missing') return 'Not found on this disk any more.';
	if (state === 'away') return own ? 'On another device of yours, which is away.' : 'Away: only what colleagues have fetched can be had.';
	if (untilClosed && here) return 'Shared until this page closes.';
	return own && !here ? 'On another device of yours.' : '';
}

export function listingWords(state: FolderListing['state'], ownerName: string): string {
	const sentences: Record<FolderListing['state'], string> = {
		listing: files.listing,
		whole: '',
		unreachable: files.unreachable(ownerName),
		gone: files.gone,
		refused: files.refused,
		permission: files.permission(ownerName),
	};
	return sentences[state];
}

/** "held here", "45 % here", "with 2 colleagues": where it is, beside its owner. */
export function heldWords({ kind, size: bytes, held, holders }: FolderItem): string {
	const parts: string[] = [];
	if (kind === 'file' && held > 0) parts.push(held >= bytes ? 'here' : `${String(percentOf(held, bytes))} % here`);
	if (holders.length > 0) parts.push(holders.length === 1 ? `with ${holders[0]?.name ?? ''}` : `with ${number(holders.length)} colleagues`);
	return parts.join(', ');
}

/** Never 100 before the last byte, never 0 after the first. */
export function percentOf(done: number, total: number): number {
	if (total <= 0 || done >= total) return 100;
	return done <= 0 ? 0 : Math.max(1, Math.min(99, Math.floor((done / total) * 100)));
}

/** "3 s left", "2 min left", "1 h 20 min left". */
export function leftWords(seconds: number): string {
	if (seconds < 60) return `${String(Math.max(1, Math.round(seconds)))} s left`;
	const minutes = Math.round(seconds / 60);
	if (minutes < 60) return `${String(minutes)} min left`;
	const rest = minutes % 60;
	return `${number(Math.floor(minutes / 60))} h${rest === 0 ? '' : ` ${String(rest)} min`} left`;
}

const stateWords: Record<Transfer['state'], string> = {
	queued: 'waits for its turn',
	fetching: '',
	looking: 'waits for somebody who has the rest',
	paused: 'paused',
	ask: 'the browser wants one click before it may write into the folder',
	saving: 'is being saved',
	done: 'done',
	failed: 'failed',
	cancelled: 'cancelled',
};

/** "12.4 of 80 MB, 14 MB/s, 5 s left, from Ana Costa"; what it waits for; what became of it. */
export function transferWords({ state, direction, bytes, bytesPerSecond, secondsLeft, colleagues, files: counts, failed }: Transfer): string {
	const text = files.transfers;
	const parts = [stateWords[state]];
	const isOver = state === 'done' || state === 'failed' || state === 'cancelled';
	if (counts.total > 1) parts.push(isOver && counts.done === counts.total ? fileCount(counts.total) : text.filesOf(counts.done, counts.total));
	parts.push(state === 'done' ? size(bytes.total) : text.bytesOf(size(bytes.done), size(bytes.total)));
	if (state === 'fetching' && bytesPerSecond > 0) parts.push(text.perSecond(size(bytesPerSecond)));
	if (state === 'fetching' && secondsLeft !== undefined) parts.push(leftWords(secondsLeft));
	if (counts.skipped > 0) parts.push(text.skipped(counts.skipped));
	if (failed.length > 0) parts.push(text.failedCount(failed.length));
	if (!isOver && colleagues.length > 0) parts.push(direction === 'in' ? text.from(colleagues) : text.to(colleagues));
	return parts.filter((part) => part !== '').join(', ');
}

/** What a screen reader hears when it happens: beginnings and ends, never the progress between. */
export function transferNews({ state, name, direction, failed }: Transfer): string {
	if (direction === 'out') return '';
	switch (state) {
		case 'fetching':
			return `Downloading ${name}.`;
		case 'done':
			return failed.length > 0 ? `${name} is there, but ${fileCount(failed.length)} failed.` : `${name} is there.`;
		case 'failed':
			return `${name} failed.`;
		case 'looking':
			return `${name} waits for somebody who has the rest.`;
		case 'ask':
			return `${name} waits for your click.`;
		default:
			return '';
	}
}
