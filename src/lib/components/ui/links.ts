/** Finds web addresses in plain text, for showing them as links. */

export interface TextPart {
	readonly text: string;
	readonly link: boolean;
}

const address = /https?:\/\/[^\s<>"'`\u0000-\u001f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/giu;
/** Punctuation that ends a sentence rather than an address. */
const trailing = /[.,;:!?)\]}»”’]+$/u;

export function splitLinks(text: string): readonly TextPart[] {
	const parts: TextPart[] = [];
	let from = 0;
	for (const match of text.matchAll(address)) {
		const link = match[0].replace(trailing, '');
		if (!URL.canParse(link)) continue;
		if (match.index > from) parts.push({ text: text.slice(from, match.index), link: false });
		parts.push({ text: link, link: true });
		from = match.index + link.length;
	}
	if (from < text.length) parts.push({ text: text.slice(from), link: false });
	return parts;
}
