/** The built app: files from a list read once (no path of a request ever reaches the disk), its build id and inline hashes. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import sirv from 'sirv';
import { hashInline, type InlineHashes } from './headers.ts';

/** The routes of the app, all answered with its one page (UI.md). */
const routes = new Set(['/', '/placard', '/files', '/people', '/settings', '/join']);

export type App = {
	/** Changes with every build of the app. */
	readonly build: string;
	readonly inline: InlineHashes;
	/** Answers with a file or the page. `false`: there is no such thing, and nothing was sent. */
	serve(request: IncomingMessage, response: ServerResponse, path: string): boolean;
};

/** Hashed files: a name never means anything else. */
const hashedPrefix = '/_app/immutable/';
const forEver = 'public, max-age=31536000, immutable';

/** The app as it stands in `directory` now. `undefined` when there is none (not built, or being built). */
export type AppSource = () => App | undefined;

/** Reads the app when first asked, and again when a new build has replaced it under the running server. */
export function createAppSource(directory: string): AppSource {
	const page = join(directory, 'index.html');
	let current: { readonly stamp: string; readonly app: App } | undefined;
	return () => {
		try {
			const { mtimeMs, size, ino } = statSync(page);
			const stamp = `${mtimeMs} ${size} ${ino}`;
			if (current?.stamp !== stamp) current = { stamp, app: readApp(directory, page) };
			return current.app;
		} catch {
			return undefined;
		}
	};
}

function readApp(directory: string, page: string): App {
	const files = sirv(directory, {
		etag: true,
		extensions: ['html'],
		setHeaders: (response, path) => response.setHeader('Cache-Control', path.startsWith(hashedPrefix) ? forEver : 'no-cache'),
	});
	// What a page of the build before this one may still ask for (keep-previous.mjs).
	const kept = `${directory}-previous`;
	const previous = existsSync(kept) ? sirv(kept, { etag: true, setHeaders: (response) => response.setHeader('Cache-Control', forEver) }) : undefined;
	return {
		build: buildId(directory),
		inline: hashInline(readFileSync(page, 'utf8')),
		serve(request, response, path) {
			let found = true;
			// sirv answers a Range without checking it against the stream's own rules, which throw; an app's files are small.
			delete request.headers.range;
			// A build replaced just now leaves names without files: the read stream's error must end the response, not the process.
			response.on('pipe', (source) => source.on('error', () => response.destroy()));
			const route = path.length > 1 ? path.replace(/\/$/, '') : path;
			if (routes.has(route)) request.url = '/';
			const missing = (): void => {
				found = false;
			};
			files(request, response, () => {
				if (!previous || !path.startsWith(hashedPrefix)) {
					missing();
					return;
				}
				request.url = path.slice(hashedPrefix.length - 1);
				previous(request, response, missing);
			});
			return found;
		},
	};
}

/** SvelteKit's version of the build, else a hash of the names in it (they carry content hashes). */
function buildId(directory: string): string {
	try {
		const value = JSON.parse(readFileSync(join(directory, '_app/version.json'), 'utf8')) as unknown;
		if (typeof value === 'object' && value !== null && 'version' in value && typeof value.version === 'string') return value.version;
	} catch {
		// Not SvelteKit's, or damaged: the names decide.
	}
	const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
	return createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 16);
}
