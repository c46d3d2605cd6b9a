/** What was said and confirmed during a soak, and how it is compared with what everyone reads in the end. */

/**
 * @typedef {object} Said
 * @property {string} room
 * @property {string} author
 * @property {string} text
 * @property {boolean} kept the screen said it rests on the disk; otherwise it may be there or not
 */

/** @typedef {{ author: string, text: string, state: string }} Shown a message as a screen shows it */

/**
 * What is wrong with a room as its people see it: missing, twice, strange, or in another order than the first reader's.
 * @param {string} room
 * @param {readonly Said[]} said
 * @param {ReadonlyMap<string, readonly Shown[]>} seen by person
 * @returns {string[]}
 */
export function compareRoom(room, said, seen) {
	/** @type {string[]} */ const wrong = [];
	const here = said.filter((one) => one.room === room);
	const byText = new Map(here.map((one) => [one.text, one]));
	/** @type {[string, string] | undefined} */ let first;
	for (const [person, shown] of seen) {
		const texts = shown.map((one) => one.text);
		for (const one of here) if (one.kept && !texts.includes(one.text)) wrong.push(`${room}: ${person} misses "${one.text}"`);
		texts.forEach((text, at) => {
			if (texts.indexOf(text) !== at) wrong.push(`${room}: ${person} reads twice "${text}"`);
		});
		for (const one of shown) {
			const known = byText.get(one.text);
			if (known === undefined) wrong.push(`${room}: ${person} reads what nobody said: "${one.text}"`);
			else if (!one.author.startsWith(`${known.author},`)) wrong.push(`${room}: ${person} reads "${one.text}" as of ${one.author}`);
		}
		const order = texts.join('\n');
		if (first === undefined) first = [person, order];
		else if (first[1] !== order) wrong.push(`${room}: ${person} reads another order than ${first[0]}${difference(first[1], order)}`);
	}
	return wrong;
}

/** @param {string} a @param {string} b */
function difference(a, b) {
	const left = a.split('\n');
	const right = b.split('\n');
	const at = left.findIndex((text, index) => text !== right[index]);
	return `, from the ${at + 1}th on: "${left[at]}" and "${right[at]}"`;
}
