/** What is let into a live document, decided before Yjs applies it. */
import * as encoding from 'lib0/encoding';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { maxClients, maxMessageBytes, maxStateBytes } from '../../../src/sync/live/documents/limits.ts';
import { refuseMessage } from '../../../src/sync/live/documents/room-messages.ts';
import { createTrial } from '../../../src/sync/live/documents/trial.ts';
import { refuseUpdate } from '../../../src/sync/live/documents/update-check.ts';

/** A note of paragraphs, as the editor's binding writes it. */
function noteOf(...lines: readonly string[]): Y.Doc {
	const doc = new Y.Doc();
	doc.getXmlFragment('note').insert(0, lines.map(paragraph));
	return doc;
}

function paragraph(line: string): Y.XmlElement {
	const element = new Y.XmlElement('paragraph');
	element.insert(0, [new Y.XmlText(line)]);
	return element;
}

const stateOf = (doc: Y.Doc): Uint8Array => Y.encodeStateAsUpdate(doc);
const unknown = { stateBytes: () => 0, measure: () => 0, writers: () => 0, passes: () => true };
const message = (update: Uint8Array): ArrayBuffer => {
	const encoder = encoding.createEncoder();
	encoding.writeVarUint(encoder, 0);
	encoding.writeVarUint(encoder, 2);
	encoding.writeVarUint8Array(encoder, update);
	return encoding.toUint8Array(encoder).slice().buffer;
};

test('what the editor writes is let in: text, marks, lists, attributes, deletions', () => {
	const doc = noteOf('Agenda', 'Second');
	const note = doc.getXmlFragment('note');
	const heading = new Y.XmlElement('heading');
	heading.setAttribute('level', 2 as never);
	const text = new Y.XmlText();
	heading.insert(0, [text]);
	note.insert(0, [heading]);
	text.insert(0, 'Budget', { bold: {}, link: { href: 'https://intranet.example/' } });
	text.format(0, 3, { bold: null });
	note.delete(1, 1);
	expect(refuseUpdate(stateOf(doc))).toBeUndefined();
	expect(refuseMessage(message(stateOf(doc)), unknown)).toBeUndefined();
});

test('A43: an update of 30,000 clients is refused before it is applied, and costs little', () => {
	const encoder = encoding.createEncoder();
	encoding.writeVarUint(encoder, 30_000);
	for (let client = 1; client <= 30_000; client++) {
		encoding.writeVarUint(encoder, 1);
		encoding.writeVarUint(encoder, client);
		encoding.writeVarUint(encoder, 0);
		encoding.writeUint8(encoder, 0);
		encoding.writeVarUint(encoder, 1);
	}
	encoding.writeVarUint(encoder, 0);
	const update = encoding.toUint8Array(encoder);
	const victim = new Y.Doc();
	Y.applyUpdate(victim, update);
	expect(victim.store.clients.size, 'Yjs alone would take them').toBe(30_000);
	const startMs = performance.now();
	for (let i = 0; i < 100; i++) expect(refuseUpdate(update.slice(0, maxStateBytes))).toBe('too-many');
	expect(performance.now() - startMs).toBeLessThan(100);
	expect(maxClients).toBeLessThan(30_000);
});

test('A43: a million clients do not even fit a message', () => {
	expect(refuseMessage(new ArrayBuffer(maxMessageBytes + 1), unknown)).toBe('too-large');
	expect(1_000_000 * 5).toBeGreaterThan(maxMessageBytes);
});

test('A43: a count that claims more pieces than follow fails at the end of the bytes, and sets no room aside', () => {
	const encoder = encoding.createEncoder();
	encoding.writeVarUint(encoder, 1);
	encoding.writeVarUint(encoder, 30_000_000);
	encoding.writeVarUint(encoder, 7);
	encoding.writeVarUint(encoder, 0);
	const before = process.memoryUsage().heapUsed;
	expect(refuseUpdate(encoding.toUint8Array(encoder))).toBe('malformed');
	expect(process.memoryUsage().heapUsed - before).toBeLessThan(16 * 1024 * 1024);
});

test('A43: an update that would make the document larger than may be sent is refused', () => {
	const doc = noteOf('x'.repeat(maxStateBytes - 200));
	const more = noteOf('y'.repeat(1_000));
	const size = stateOf(doc).length;
	expect(refuseMessage(message(stateOf(more)), { ...unknown, stateBytes: () => size, measure: () => size })).toBe('too-large');
	// What was guessed too high is measured before anything is refused for it.
	expect(refuseMessage(message(stateOf(more)), { ...unknown, stateBytes: () => maxStateBytes, measure: () => 100 })).toBeUndefined();
	expect(refuseUpdate(stateOf(noteOf('z'.repeat(maxStateBytes))))).toBe('too-large');
});

test('A43: what no note consists of is refused: other elements, sub-documents, binary data, foreign marks', () => {
	const build = (change: (note: Y.XmlFragment, doc: Y.Doc) => void): Uint8Array => {
		const doc = new Y.Doc();
		change(doc.getXmlFragment('note'), doc);
		return stateOf(doc);
	};
	expect(refuseUpdate(build((note) => note.insert(0, [new Y.XmlElement('script')])))).toBe('foreign');
	expect(refuseUpdate(build((_, doc) => doc.getMap('m').set('doc', new Y.Doc())))).toBe('foreign');
	expect(refuseUpdate(build((_, doc) => doc.getArray('a').insert(0, [new Uint8Array(9)])))).toBe('foreign');
	expect(refuseUpdate(build((_, doc) => doc.getArray('a').insert(0, [new Y.Map()])))).toBe('foreign');
	const marked = build((note) => {
		const text = new Y.XmlText();
		note.insert(0, [text]);
		text.insert(0, 'x', { onclick: { href: 'javascript:alert(1)' } });
	});
	expect(refuseUpdate(marked)).toBe('foreign');
});

test('A43: attributes nested deeper than the stack do not bring the page down', () => {
	const encoder = encoding.createEncoder();
	encoding.writeVarUint(encoder, 1);
	encoding.writeVarUint(encoder, 1);
	encoding.writeVarUint(encoder, 7);
	encoding.writeVarUint(encoder, 0);
	encoding.writeUint8(encoder, 8);
	encoding.writeVarUint(encoder, 1);
	encoding.writeVarString(encoder, 'note');
	encoding.writeVarUint(encoder, 1);
	for (let depth = 0; depth < 80_000; depth++) {
		encoding.writeUint8(encoder, 117);
		encoding.writeVarUint(encoder, 1);
	}
	expect(refuseUpdate(encoding.toUint8Array(encoder))).toBe('malformed');
});

test('A43: hostile cursors: no more of them than people fit, none that stops the reader in the middle', () => {
	const awareness = (states: readonly string[], count = states.length): ArrayBuffer => {
		const inner = encoding.createEncoder();
		encoding.writeVarUint(inner, count);
		for (const [index, state] of states.entries()) {
			encoding.writeVarUint(inner, index);
			encoding.writeVarUint(inner, 1);
			encoding.writeVarString(inner, state);
		}
		const encoder = encoding.createEncoder();
		encoding.writeVarUint(encoder, 1);
		encoding.writeVarUint8Array(encoder, encoding.toUint8Array(inner));
		return encoding.toUint8Array(encoder).slice().buffer;
	};
	expect(refuseMessage(awareness(['{"cursor":null}']), unknown)).toBeUndefined();
	expect(refuseMessage(awareness(Array.from({ length: 2_000 }, () => '{}')), unknown)).toBe('too-many');
	expect(refuseMessage(awareness(['{}']), { ...unknown, writers: () => 512 })).toBe('too-many');
	expect(refuseMessage(awareness(['{}', '{"cursor":']), unknown)).toBe('malformed');
	expect(refuseMessage(awareness(['7']), unknown)).toBe('malformed');
	expect(refuseMessage(awareness(['{}'], 2), unknown)).toBe('malformed');
	expect(refuseMessage(awareness([JSON.stringify('x'.repeat(40_000))]), unknown)).toBe('too-large');
});

test('A43: nested deeper than any list, or naming places that do not exist: the copy bears it, the document never hears of it', () => {
	const doc = noteOf('a few', 'lines');
	const before = stateOf(doc);
	const trial = createTrial(doc);
	const deep = new Y.Doc();
	let inside: Y.XmlFragment = deep.getXmlFragment('note');
	for (let depth = 0; depth < 2_000; depth++) {
		const next = new Y.XmlElement('blockquote');
		inside.insert(0, [next]);
		inside = next;
	}
	expect(refuseUpdate(stateOf(deep))).toBeUndefined();
	expect(trial.passes(stateOf(deep))).toBe(false);
	// A piece whose element is one that comes after it.
	const crooked = before.slice();
	const at = crooked.findIndex((byte, index) => byte === 7 && crooked[index + 1] === 0);
	crooked[at + 1 + 6] = 9;
	trial.passes(crooked);
	expect(stateOf(doc)).toEqual(before);
	expect(trial.passes(stateOf(noteOf('fine')))).toBe(true);
	trial.stop();
});

test('no bytes at all make the check throw, and what passes it Yjs applies', () => {
	const base = noteOf('a few', 'lines', 'of text');
	const real = stateOf(base);
	const anyBytes = fc.oneof(
		fc.uint8Array({ maxLength: 200 }),
		fc.array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }).map((changes) => {
			const changed = real.slice();
			for (const [at, byte] of changes) changed[at] = byte;
			return changed;
		}),
	);
	let passed = 0;
	fc.assert(
		fc.property(anyBytes, fc.boolean(), (bytes, isNew) => {
			const doc = new Y.Doc();
			if (!isNew) Y.applyUpdate(doc, real);
			const trial = createTrial(doc);
			const check = { ...unknown, passes: (update: Uint8Array) => trial.passes(update) };
			refuseMessage(bytes.slice().buffer, check);
			if (refuseMessage(message(bytes), check) === undefined) {
				passed += 1;
				Y.applyUpdate(doc, bytes);
			}
			trial.stop();
		}),
		{ numRuns: 4_000 },
	);
	expect(passed).toBeGreaterThan(50);
});
