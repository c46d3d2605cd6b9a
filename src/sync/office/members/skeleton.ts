/**
 * What a name looks like, as text that can be compared: the skeleton of UTS #39 (NFKD instead of NFD, so that compatibility twins fall
 * together too), without what cannot be seen, without case, spaces and punctuation. Never shown, never stored.
 */
import { confusablesTable } from './confusables-table.ts';

/** What has no shape of its own: default ignorables, format and control characters, separators of lines, private use, the blank of Braille. */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Zl}\p{Zp}\p{Co}\u2800]/u;
const invisibles = new RegExp(invisible.source, 'gu');
/**
 * Where joiners are part of writing: between letters of Arabic and the scripts of India and its neighbours (RFC 5892, A.1 and A.2),
 * and, with variation selectors, inside emoji. There they are allowed, and still not compared.
 */
const joined =
	/(?<=[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}])[\u200c\u200d](?=\p{L})|(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}]\ufe0f?)\u200d(?=\p{Extended_Pictographic})|(?<=\p{Emoji})\ufe0f/gu;
const unseen = /[\s\p{Z}\p{P}]/gu;
/** A letter may stand for another that lower case turns into a third; no letter known goes further than this. */
const maxRounds = 8;

let prototypes: ReadonlyMap<string, string> | undefined;

/** Read when first asked: half the people never see a name judged. */
function readTable(): ReadonlyMap<string, string> {
	const letters = (codes: string): readonly string[] => codes.split(' ').map((code) => String.fromCodePoint(Number.parseInt(code, 16)));
	return new Map(
		confusablesTable.split(',').flatMap((row) => {
			const [target = '', sources = ''] = row.split('<');
			return letters(sources).map((source) => [source, letters(target).join('')] as const);
		}),
	);
}

/** Equal for texts that look alike. Once folded, a text stays as it is. */
export function fold(text: string): string {
	prototypes ??= readTable();
	let folded = text;
	for (let round = 0; round < maxRounds; round++) {
		const before = folded;
		const decomposed = folded.normalize('NFKD').replace(invisibles, '');
		// A name of nothing but marks is still a name.
		const visible = decomposed.replace(unseen, '') || decomposed;
		folded = Array.from(visible, (letter) => prototypes?.get(letter) ?? letter).join('').toLowerCase().normalize('NFKD');
		if (folded === before) break;
	}
	return folded;
}

/**
 * Whether one may be taken for the other. Asked with and without case: a capital I looks like a small l, but a small i does not,
 * and still Ina and ina are one name.
 */
export function looksLike(one: string, other: string): boolean {
	const looks = (text: string): readonly string[] => [fold(text), fold(text.toLowerCase())];
	const others = looks(other);
	return looks(one).some((look) => others.includes(look));
}

/** Whether a text has characters nobody can see, other than the joiners its writing needs. */
export function hasInvisible(text: string): boolean {
	return invisible.test(text.replace(joined, ''));
}

/** The text without them. */
export function withoutInvisible(text: string): string {
	const kept = new Set([...text.matchAll(joined)].map((match) => match.index));
	return text.replace(invisibles, (letter, at: number) => (kept.has(at) ? letter : ''));
}
