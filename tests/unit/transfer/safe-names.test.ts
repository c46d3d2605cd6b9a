/** Names from other people's devices, as they may be written on a disk of ours (ATTACKS.md, A40). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/crypto/bytes.ts';
import { createSaveNames, safeName } from '../../../src/sync/transfer/safe-names.ts';

const kept = ['Report 2026.pdf', '.gitignore', 'Übersicht.xlsx', '契約書.docx', 'مذكرة.pdf', 'café.txt', '👩‍🚀 launch.png', 'a.b.c', 'CONTRACT.txt', 'com.example', 'console', 'نامه‌ها.txt', '~$draft.docx', "it's.txt"];

const cleaned: [what: string, name: string, safe: string][] = [
	['the directory itself', '.', 'unnamed'],
	['the directory above', '..', 'unnamed'],
	['many dots', '....', 'unnamed'],
	['nothing', '', 'unnamed'],
	['blanks', '   ', 'unnamed'],
	['a way up', '../x', '.._x'],
	['a way up of Windows', '..\\x', '.._x'],
	['a way up with a blank', '.. ', 'unnamed'],
	['an absolute path', '/etc/passwd', '_etc_passwd'],
	['a drive', 'C:\\x', 'C__x'],
	['a drive without a separator', 'C:x', 'C_x'],
	['a network share', '\\\\server\\share', '__server_share'],
	['another stream of a file', 'notes.txt::$DATA', 'notes.txt__$DATA'],
	['a zero byte', 'a.txt\0.exe', 'a.txt.exe'],
	['control characters', 'a\u0001b\u001fc\u007fd\u009fe', 'abcde'],
	['a line break', 'a\nb', 'ab'],
	['what Windows refuses', 'a<b>c"d|e?f*g', 'a_b_c_d_e_f_g'],
	['dots at the end', 'a.txt...', 'a.txt'],
	['blanks at the end', 'a.txt  ', 'a.txt'],
	['a no-break space at the end', 'a.txt\u00a0', 'a.txt'],
	['blanks in front', '  a.txt', 'a.txt'],
	['a device', 'CON', '_CON'],
	['a device in small letters', 'con', '_con'],
	['a device with an ending', 'aux.c', '_aux.c'],
	['a device with two endings', 'NUL.tar.gz', '_NUL.tar.gz'],
	['a device with a blank', 'nul .txt', '_nul .txt'],
	['a numbered device', 'COM1', '_COM1'],
	['a device with a superscript', 'LPT².txt', '_LPT².txt'],
	['the console', 'CONIN$', '_CONIN$'],
	['orders to a directory', 'Desktop.ini', '_Desktop.ini'],
	['orders to a drive', 'autorun.inf', '_autorun.inf'],
	['a class id', 'docs.{20D04FE0-3AEA-1069-A2D8-08002B30309D}', 'docs_{20D04FE0-3AEA-1069-A2D8-08002B30309D}'],
	['a turn of direction', 'photo\u202egnp.exe', 'photognp.exe'],
	['isolates', 'a\u2066b\u2069.txt', 'ab.txt'],
	['letters of no width', 'in\u200bvoice\ufeff.pdf', 'invoice.pdf'],
	['a soft hyphen', 'in\u00advoice.pdf', 'invoice.pdf'],
	['letters apart from their marks', 'cafe\u0301.txt', 'caf\u00e9.txt'],
	['half a letter', 'a\ud800b', 'a_b'],
];

describe('A40: a dangerous name is cleaned before it is written', () => {
	test.each(cleaned)('%s', (_what, name, safe) => {
		expect(safeName(name)).toBe(safe);
		expect(safeName(safe)).toBe(safe);
	});

	test.each(kept)('%s stays', (name) => {
		expect(safeName(name)).toBe(name.normalize('NFC'));
	});

	test('a name of 300 bytes is cut before its ending, by whole letters', () => {
		expect(safeName(`${'x'.repeat(300)}.pdf`)).toBe(`${'x'.repeat(226)}.pdf`);
		const family = safeName(`${'👩‍👩‍👧‍👦'.repeat(30)}.png`);
		expect(family).toMatch(/^(?:👩‍👩‍👧‍👦)+\.png$/u);
		const umlauts = safeName(`${'ü'.repeat(300)}.txt`);
		expect(utf8(umlauts).length).toBeLessThanOrEqual(230);
		expect(umlauts.endsWith('ü.txt')).toBe(true);
		// What looks like an ending of hundreds of letters is none.
		expect(utf8(safeName(`a.${'b'.repeat(400)}`)).length).toBeLessThanOrEqual(230);
	});

	test('whatever the name, what is written stays in its directory, on all three systems', () => {
		const letters = fc.constantFrom(...'./\\:*?"<>| \0\t\u202e\u200d\ud800CONaux1\u0301é契👩\u00a0~$'.split(''), 'con', '..', '\u0345', 'ß', 'İ');
		fc.assert(
			fc.property(fc.array(letters, { maxLength: 40 }), fc.integer({ min: 1, max: 12 }), (parts, times) => {
				const safe = safeName(parts.join('').repeat(times));
				expect(safe).not.toMatch(/[<>:"/\\|?*\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
				expect(safe).not.toMatch(/^ |[. ]$/);
				expect(['', '.', '..']).not.toContain(safe);
				expect(safe).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
				expect(utf8(safe).length).toBeLessThanOrEqual(255);
				expect(safeName(safe)).toBe(safe);
			}),
			{ numRuns: 2000 },
		);
	});
});

describe('A40: paths', () => {
	test('no part of a path leads out of the root', () => {
		const names = createSaveNames();
		expect(names.of('../../etc/passwd')).toEqual(['unnamed', 'unnamed', 'etc', 'passwd']);
		expect(names.of('/etc/passwd')).toEqual(['unnamed (2)', 'etc', 'passwd']);
		expect(names.of('a/./b')).toEqual(['a', 'unnamed', 'b']);
		expect(names.of('C:/Windows/x.dll')).toEqual(['C_', 'Windows', 'x.dll']);
	});

	test('names that fall together on a disk are numbered, in one directory, files and folders alike', () => {
		const names = createSaveNames();
		expect(names.of('Plan.txt')).toEqual(['Plan.txt']);
		expect(names.of('plan.TXT')).toEqual(['plan (2).TXT']);
		expect(names.of('plan.txt\u200b')).toEqual(['plan (3).txt']);
		expect(names.of('PLAN.TXT.')).toEqual(['PLAN (4).TXT']);
		expect(names.of('plan.txt/inside')).toEqual(['plan (5).txt', 'inside']);
		expect(names.of('other/Plan.txt')).toEqual(['other', 'Plan.txt']);
		expect(names.of('STRASSE')).toEqual(['STRASSE']);
		expect(names.of('straße')).toEqual(['straße (2)']);
		expect(names.of('cafe\u0301')).toEqual(['café']);
		expect(names.of('CAFÉ')).toEqual(['CAFÉ (2)']);
	});

	test('a path asked for again goes where it went', () => {
		const names = createSaveNames();
		const first = ['A/x', 'a/x', 'a/y', 'A/y'].map((path) => names.of(path));
		expect(first).toEqual([['A', 'x'], ['a (2)', 'x'], ['a (2)', 'y'], ['A', 'y']]);
		expect(['A/x', 'a/x', 'a/y', 'A/y'].map((path) => names.of(path))).toEqual(first);
	});
});
