/**
 * Names of files as they stand, with what deceives the eye made visible: marks that turn the direction of reading, letters without a
 * shape, line breaks. A name like "Photo_\u202Egpj.exe" is shown as "Photo_[U+202E]gpj.exe".
 */

/** Controls, format characters (among them all marks of direction), line and paragraph separators, fillers that draw nothing. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115F\u1160\u3164\uFFA0]/gu;
/** The joiners shape letters and emoji of several scripts: where they stand between such, they deceive nobody. */
const joined = /(?<=[\p{L}\p{M}\p{Emoji}\uFE0F])[\u200C\u200D](?=[\p{L}\p{M}\p{Emoji}])/gu;
const shapes = /[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Sinhala}\p{Script=Malayalam}\p{Extended_Pictographic}]/u;

export function visibleName(name: string): string {
	const keep = new Set(shapes.test(name) ? [...name.matchAll(joined)].map((match) => match.index) : []);
	return name.replace(unseen, (letter, index: number) => (keep.has(index) ? letter : `[U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`));
}

/** What is shortened in the middle of a row, and the ending, which never is. */
export function splitName(name: string): { readonly base: string; readonly ending: string } {
	const shown = visibleName(name);
	const dot = shown.lastIndexOf('.');
	const maxEnding = 8;
	return dot > 0 && shown.length - dot <= maxEnding ? { base: shown.slice(0, dot), ending: shown.slice(dot) } : { base: shown, ending: '' };
}
