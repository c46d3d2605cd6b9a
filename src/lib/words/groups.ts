/** Codes in groups that an eye can follow. */

/** "4829 1304 7716 2085", "3f9a 01c4 …": in groups of four. */
export function byFour(text: string): string {
	return (text.replaceAll(/\s+/g, '').match(/.{1,4}/gsu) ?? []).join(' ');
}
