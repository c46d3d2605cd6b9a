/** What is served to browsers names no foreign host: nothing in it could ever ask one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '../support/office-test.ts';

const app = fileURLToPath(new URL('../../build/app', import.meta.url));
const textFile = /\.(js|mjs|css|html|json|svg|webmanifest|txt|map)$/;
/** A URL of any scheme that a browser could connect to, scheme-relative ones in quotes included. */
const anyUrl = /\b(?:https?|wss?|ftp):\/\/[a-z0-9[][^\s"'`<>()\\]*|\b(?:stun|turn)s?:[a-z0-9-]+[.:][^\s"'`<>()\\]*|["'`]\/\/[a-z0-9-]+\.[a-z]{2,}[^\s"'`]*/gi;

/** What may stand there, each with its reason. */
const allowed: readonly { readonly url: RegExp; readonly why: string }[] = [
	{ url: /^https?:\/\/www\.w3\.org\//, why: 'XML namespaces: names, never fetched' },
	{ url: /^https:\/\/svelte\.dev\/e\//, why: "the texts of Svelte's own errors link to their explanation" },
	{ url: /^https:\/\/rolldown\.rs\/in-depth\//, why: "the same, for the bundler's own error" },
	{ url: /^https:\/\/svelte\.dev\/docs\//, why: "the same, for SvelteKit's errors" },
	{ url: /^https:\/\/(?:prosemirror\.net\/docs\/|github\.com\/(?:yjs\/yjs\/issues\/|markedjs\/marked))/, why: "the same, for the note editor's libraries" },
];

test('no foreign URL stands in the bundle', () => {
	const files = readdirSync(app, { recursive: true, encoding: 'utf8' }).filter((path) => textFile.test(path));
	expect(files.length).toBeGreaterThan(5);
	const foreign = files.flatMap((path) => {
		const found = readFileSync(join(app, path), 'utf8').match(anyUrl) ?? [];
		return found.filter((url) => !allowed.some((one) => one.url.test(url))).map((url) => `${path}: ${url}`);
	});
	expect(foreign).toEqual([]);
});

test('the search would find one', () => {
	for (const url of ['"https://fonts.example/x"', "'stun:stun.l.google.com:19302'", '"wss://signaling.yjs.dev"', '"//cdn.example.org/a.js"']) {
		expect(url.match(anyUrl), url).not.toBeNull();
	}
});
