/**
 * Names as they may be written on any disk: what a colleague's device calls its files is text from outside (ATTACKS.md, A40). A name is
 * cleaned by what Windows, macOS and Linux forbid, all three, for a saved folder travels on; the cleaned one never leaves its directory.
 */
import { utf8 } from '../../crypto/bytes.ts';
import { withoutInvisible } from '../office/members/skeleton.ts';

/** File systems take 255 bytes (Linux) or 255 UTF-16 units (Windows, macOS); the rest is room for ` (2)` and for the browser's own ending while it writes. */
const maxNameBytes = 230;
/** A longer ending is a part of the name. */
const maxEndingUnits = 24;
const nameless = 'unnamed';

/** Separators, what Windows refuses, and lone halves of letters. White space of other kinds becomes a blank. */
const forbidden = /[<>:"/\\|?*\p{Surrogate}\ufffd]/gu;
const blanks = /[\s\p{Z}]+/gu;
/** Windows drops dots and blanks at the end, and then two names are one; blanks in front hide in a list. */
const edges = /^ +|[. ]+$/g;
/** Devices of Windows in every directory, whatever their ending; the digits also as superscripts. */
const devices = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\.|$)/i;
/** Windows takes orders from these where they lie. */
const orders = /^(?:desktop\.ini|autorun\.inf|folder\.htt)$/i;
/** An ending that is a class id makes a folder into something else in Windows's shell. */
const classId = /\.(\{[0-9a-f-]{36}\})$/i;

/** The name as it may be written; cleaning twice changes nothing. */
export function safeName(name: string): string {
	let safe = withoutInvisible(name).normalize('NFC').replace(forbidden, '_').replace(blanks, ' ').replace(edges, '');
	safe = safe.replace(classId, '_$1');
	if (safe === '') return nameless;
	if (devices.test(safe) || orders.test(safe)) safe = `_${safe}`;
	return fit(safe);
}

/** Shortened before its ending, by whole letters. */
function fit(name: string, room = maxNameBytes): string {
	if (utf8(name).length <= room) return name;
	const { stem, ending } = split(name);
	const letters = [...new Intl.Segmenter().segment(stem)].map(({ segment }) => segment);
	let left = utf8(stem).length;
	const stemRoom = room - utf8(ending).length;
	while (left > stemRoom) left -= utf8(letters.pop() ?? '').length;
	return `${letters.join('').replace(edges, '') || nameless}${ending}`;
}

function split(name: string): { stem: string; ending: string } {
	const at = name.lastIndexOf('.');
	return at > 0 && name.length - at <= maxEndingUnits ? { stem: name.slice(0, at), ending: name.slice(at) } : { stem: name, ending: '' };
}

/** Windows and macOS tell no case apart; upper case first, for letters that have several small forms. */
const sameName = (name: string): string => name.toUpperCase().toLowerCase().normalize('NFC');

export interface SaveNames {
	/**
	 * Where a path of what is fetched goes, directory by directory; the same answer for the same path. Names that would fall together in one
	 * directory are numbered in the order they were asked for.
	 */
	of(path: string): readonly string[];
}

interface Directory {
	readonly taken: Set<string>;
	readonly names: Map<string, string>;
	readonly inside: Map<string, Directory>;
}

/** The names of one thing that is saved. Its top directory begins empty: what lies there already is for whoever saves to look at. */
export function createSaveNames(): SaveNames {
	const makeDirectory = (): Directory => ({ taken: new Set(), names: new Map(), inside: new Map() });
	const top = makeDirectory();

	function nameIn(directory: Directory, name: string): string {
		const known = directory.names.get(name);
		if (known !== undefined) return known;
		const safe = safeName(name);
		const { stem, ending } = split(safe);
		let free = safe;
		for (let count = 2; directory.taken.has(sameName(free)); count++) free = `${stem} (${count})${ending}`;
		directory.taken.add(sameName(free));
		directory.names.set(name, free);
		return free;
	}

	return {
		of(path) {
			const parts: string[] = [];
			let directory = top;
			for (const name of path.split('/')) {
				parts.push(nameIn(directory, name));
				const inside = directory.inside.get(name) ?? makeDirectory();
				directory.inside.set(name, inside);
				directory = inside;
			}
			return parts;
		},
	};
}
