/** Names that could be read as a colleague's (ATTACKS.md, A41; UTS #39). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Member, MembersState } from '../../../src/sync/office/members/members-state.ts';
import { isTaken, isTakenNow, nameFailure, shownNames } from '../../../src/sync/office/members/names.ts';
import { fold, looksLike, withoutInvisible } from '../../../src/sync/office/members/skeleton.ts';

const member = (id: string, name: string, inForce = true): Member => ({
	id,
	name,
	department: '',
	role: 'member',
	devices: [],
	firstDevice: `${id}0c1d2e3f4a5b`,
	inForce,
	suspended: false,
	seniority: 0,
	inviteId: undefined,
	joined: 1,
});
const office = (...members: readonly Member[]) => ({ members: new Map(members.map((one) => [one.id, one])) }) as unknown as MembersState;

const twins: [what: string, name: string][] = [
	['Cyrillic letters', 'Аnа Соstа'],
	['Greek letters', 'Ana Cοsta'],
	['full-width letters', 'Ａｎａ Ｃｏｓｔａ'],
	['mathematical letters', '𝐀𝐧𝐚 𝒞𝑜𝓈𝓉𝒶'],
	['other case', 'ANA cOSTA'],
	['a zero-width space', 'Ana\u200b Costa'],
	['a zero-width joiner', 'An\u200da Costa'],
	['a soft hyphen', 'Ana Cos\u00adta'],
	['a variation selector', 'Ana\ufe0f Costa'],
	['a tag character', 'Ana Costa\u{e0041}'],
	['a direction override', '\u202eAna Costa'],
	['a direction mark', 'Ana\u200f Costa'],
	['another kind of space', 'Ana\u2009Costa'],
	['no space', 'AnaCosta'],
	['a full stop at the end', 'Ana Costa.'],
	['a Hangul filler', 'Ana\u3164Costa'],
	['a blank of Braille', 'Ana Costa\u2800'],
	['a digit for a letter', 'Ana C0sta'],
];

test.each(twins)('A41: a name with %s cannot be taken beside a colleague’s', (_what, name) => {
	expect(isTaken(office(member('a', 'Ana Costa')), name)).toBe(true);
	expect(isTaken(office(member('a', name)), 'Ana Costa')).toBe(true);
});

test('A41: a capital I is a small l, rn is an m, and letters with marks composed or not are the same', () => {
	expect(looksLike('Ina', 'lna')).toBe(true);
	expect(looksLike('Ina', 'ina')).toBe(true);
	expect(looksLike('Amo', 'Arno')).toBe(true);
	expect(looksLike('Zoe\u0308', 'Zo\u00eb')).toBe(true);
	expect(looksLike('Мария', 'МАРИЯ')).toBe(true);
});

test('people who only have some letters in common are told apart', () => {
	const different = ['Ana Costa', 'Anna Costa', 'Hana Costa', 'Ana Acosta', 'Ana Costas', 'Ben Ode', 'Мария', 'Марина', '佐藤', '佐々木', 'José', 'Jose', 'محمد', 'أحمد', 'Ilan', 'Lian'];
	for (const one of different) {
		for (const other of different) if (one !== other) expect([one, other, looksLike(one, other)]).toEqual([one, other, false]);
	}
});

test('A41: a former colleague’s name stays theirs', () => {
	const state = office(member('a', 'Ana Costa', false));
	expect(isTaken(state, 'Аna Costa')).toBe(true);
	expect(isTaken(state, 'Аna Costa', 'a')).toBe(false);
	expect(isTakenNow(state, 'Аna Costa')).toBe(false);
	expect(isTakenNow(office(member('a', 'Ana Costa')), 'Аna Costa')).toBe(true);
});

test('A41: letters nobody sees are refused, joiners where a script needs them are not', () => {
	for (const name of ['Ana\u200b', 'A\u00adna', 'Ana\u2800', '\u3164', 'Ana\ufe0f', 'A\u200dna', 'Ana\u{e0041}', 'Ana\ue000', 'Ana\u202e']) expect(nameFailure(name)).toBe('name-invisible');
	for (const name of ['می\u200cخواهم', 'क्\u200dष', 'Ana 👩\u200d💻', 'Ana ❤\ufe0f', '佐藤\u3000花子', 'O’Neill', 'Jean-Luc']) expect(nameFailure(name)).toBeUndefined();
	expect(nameFailure('  ')).toBe('name-empty');
	expect(nameFailure('x'.repeat(65))).toBe('name-too-long');
});

test('A41: look-alikes that a changed client brought in all carry their key’s first digits, and invisible letters go', () => {
	const names = shownNames(office(member('a', 'Ana Costa'), member('b', 'Аnа Costa'), member('c', 'Ben\u200b Ode'), member('d', '\u3164'), member('e', 'Dilek')));
	expect([...names.values()]).toEqual(['Ana Costa (a0c1d2e3)', 'Аnа Costa (b0c1d2e3)', 'Ben Ode', '(d0c1d2e3)', 'Dilek']);
	expect(withoutInvisible('می\u200cخواهم\u200b')).toBe('می\u200cخواهم');
});

test('A41: what is folded stays as it is, letter by letter and in any mixture', { timeout: 60_000 }, () => {
	for (let code = 0x20; code < 0x30000; code++) {
		if (code >= 0xd800 && code < 0xe000) continue;
		const folded = fold(String.fromCodePoint(code));
		if (fold(folded) !== folded) expect.fail(`U+${code.toString(16)} folds to ${folded}, and that to ${fold(folded)}`);
	}
	fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => fold(fold(text)) === fold(text)), { numRuns: 10_000 });
});
