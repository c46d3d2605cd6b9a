/** What a file is by its first bytes, and what a person is told before they open it. */
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/crypto/bytes.ts';
import type { FileWarning } from '../../../src/sync/files.ts';
import { fileType, headBytes, inertType } from '../../../src/sync/transfer/file-types.ts';
import { fileWarnings, isRefused } from '../../../src/sync/transfer/file-warnings.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const latin = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const png = latin('\x89PNG\r\n\x1a\n\0\0\0\rIHDR');
const pdf = latin('%PDF-1.7\n');
const zip = latin('PK\x03\x04\x14\0\x06\0');
const ole = latin('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0');
const exe = latin('MZ\x90\0\x03\0\0\0');
const script = utf8('#!/bin/sh\nrm -rf ~\n');
const page = utf8('<!-- a letter -->\n<!DOCTYPE html><html><script>alert(1)</script>');
const svg = utf8('<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x">\n<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');

const types: [what: string, head: Uint8Array, mediaType: string | undefined][] = [
	['a PNG', png, 'image/png'],
	['a JPEG', latin('\xff\xd8\xff\xe0\0\x10JFIF'), 'image/jpeg'],
	['a WebP', latin('RIFF\x10\0\0\0WEBPVP8 '), 'image/webp'],
	['a wave', latin('RIFF\x10\0\0\0WAVEfmt '), 'audio/wav'],
	['a film', latin('\0\0\0\x20ftypisom'), 'video/mp4'],
	['sound in the same box', latin('\0\0\0\x20ftypM4A '), 'audio/mp4'],
	['a tar', new Uint8Array([...new Uint8Array(257), ...latin('ustar\x0000')]), 'application/x-tar'],
	['a text that begins with G', utf8('Good morning'), 'text/plain'],
	['a text that begins with BM', utf8('BM is short for business model'), 'text/plain'],
	['nothing', new Uint8Array(), 'text/plain'],
	['a page', page, 'text/html'],
	['a page behind a byte order mark', utf8('\ufeff  <html>'), 'text/html'],
	['a drawing', svg, 'image/svg+xml'],
	['other XML', utf8('<?xml version="1.0"?><invoice/>'), 'application/xml'],
	['a text cut inside a letter', utf8('x'.repeat(headBytes - 1) + 'ü').subarray(0, headBytes), 'text/plain'],
	['bytes', Uint8Array.of(1, 2, 3, 0, 255), undefined],
	['a text that is no UTF-8', latin('na\xefve'), undefined],
];

test.each(types)('%s is told by its first bytes', (_what, head, mediaType) => {
	expect(fileType(head)?.mediaType).toBe(mediaType);
});

const warned: [name: string, head: Uint8Array | undefined, warnings: readonly FileWarning[]][] = [
	['report.pdf', pdf, []],
	['report.PDF', pdf, []],
	['photo.jpg', png, ['type-differs']],
	['report.pdf', undefined, []],
	['report.pdf', utf8('just a text'), ['type-differs']],
	['report.docx', zip, []],
	['report.doc', ole, []],
	['report.docx', ole, ['type-differs']],
	['archive.tar.gz', latin('\x1f\x8b\x08'), []],
	['notes.txt', utf8('Good morning'), []],
	['notes.txt', page, []],
	['data.bin2', Uint8Array.of(0, 1, 2), []],
	['Makefile', utf8('all:\n\techo'), []],
	['empty.png', new Uint8Array(), []],
	['setup.exe', exe, ['executable']],
	['setup.exe', undefined, ['executable']],
	['setup.exe. . ', undefined, ['executable']],
	['setup.EXE\u200b', undefined, ['executable', 'hidden-letters']],
	['holiday.png', exe, ['executable', 'type-differs']],
	['holiday', exe, ['executable']],
	['run.sh', script, ['executable']],
	['readme.txt', script, ['executable', 'type-differs']],
	['link.lnk', latin('L\0\0\0\x01\x14\x02\0'), ['executable']],
	['disk.iso', undefined, ['executable']],
	['budget.xlsm', zip, ['macros']],
	['budget.xlsb', undefined, ['macros']],
	['invoice.pdf.exe', exe, ['executable', 'double-ending']],
	['invoice.pdf                         .scr', undefined, ['executable', 'double-ending']],
	['invoice.docx.docm', zip, ['macros', 'double-ending']],
	['invoice.pdf.html', page, ['double-ending']],
	['jquery.min.js', utf8('var a'), ['executable']],
	['photo\u202egnp.exe', exe, ['executable', 'hidden-letters']],
	['annex\u202egpj.scr', undefined, ['executable', 'hidden-letters']],
	['invoice.pdf', page, ['type-differs']],
	['in\u00advoice.pdf', pdf, ['hidden-letters']],
	['نامه‌ها.pdf', pdf, []],
	['👩‍🚀.png', png, []],
];

test.each(warned)('A40: %j is told as it is', (name, head, warnings) => {
	expect(fileWarnings(name, head)).toEqual(warnings);
});

describe('A40: nothing from outside is rendered as a page in our origin', () => {
	test.each([
		['a page', page, 'text/plain'],
		['a drawing with a script', svg, 'text/plain'],
		['a script', script, 'text/plain'],
		['other XML', utf8('<?xml version="1.0"?><x/>'), 'text/plain'],
		['a program', exe, 'application/octet-stream'],
		['an archive', zip, 'application/octet-stream'],
		['unknown bytes', Uint8Array.of(0, 1, 2), 'application/octet-stream'],
		['a picture', png, 'image/png'],
		['a PDF', pdf, 'application/pdf'],
	])('%s', (_what, head, type) => {
		expect(inertType(fileType(head))).toBe(type);
	});
});

test('A40: a policy at the receiver refuses by what is told', () => {
	expect(isRefused(['executable', 'macros'], fileWarnings('setup.pdf.exe', exe))).toBe(true);
	expect(isRefused(['executable', 'macros'], fileWarnings('report.pdf', pdf))).toBe(false);
	expect(isRefused([], fileWarnings('setup.exe', exe))).toBe(false);
});

test('A37: whatever the first bytes, telling what they are neither fails nor takes long', () => {
	const random = seededRandom(37);
	const bombs = [
		utf8('<!--'.repeat(1024)),
		utf8('<!-- -->'.repeat(512)),
		utf8(' '.repeat(headBytes)),
		utf8(`<?xml ${' '.repeat(headBytes - 6)}`),
		utf8(`<!doctype svg${'['.repeat(headBytes - 13)}`),
		utf8('﻿'.repeat(1365)),
		// A zip that says it unpacks to 4 GiB: nobody unpacks it.
		new Uint8Array([...zip, ...new Uint8Array(10), 255, 255, 255, 255, 255, 255, 255, 255]),
		...Array.from({ length: 300 }, () => random(headBytes)),
		...[...types, ...warned].map(([, head]) => head ?? new Uint8Array()).flatMap((head) => Array.from({ length: Math.min(head.length, 40) }, (_, at) => head.subarray(0, at))),
	];
	const began = performance.now();
	for (const head of bombs) fileWarnings('a.pdf', head);
	expect((performance.now() - began) / bombs.length).toBeLessThan(5);
	expect(fileType(bombs[6]!)?.mediaType).toBe('application/zip');
});
