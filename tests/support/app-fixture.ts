/** A small built app in a folder of its own, for tests of the server that must not wait for a real build. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const fixturePage = `<!doctype html>
<html lang="en">
	<head><title>Fixture</title><link rel="icon" href="data:," /><script type="module" src="/client.js"></script></head>
	<body style="margin: 0">
		<script>
			globalThis.bootstrapRan = true;
		</script>
	</body>
</html>
`;

const files = {
	'index.html': fixturePage,
	'client.js': 'globalThis.clientRan = true;\n',
	'service-worker.js': 'self.addEventListener("fetch", () => {});\n',
	'manifest.webmanifest': '{}\n',
	'_app/version.json': '{"version":"fixture-1"}',
	'_app/immutable/entry/app.abc123.js': 'export {};\n',
	'.secret': 'not to be served\n',
};

export type AppFixture = {
	readonly directory: string;
	write(path: string, content: string): void;
	remove(): void;
};

/** @param overrides further files, or other contents, by path inside the app */
export function createAppFixture(overrides: Readonly<Record<string, string>> = {}): AppFixture {
	const directory = mkdtempSync(join(tmpdir(), 'landline-app-'));
	const write = (path: string, content: string): void => {
		mkdirSync(dirname(join(directory, path)), { recursive: true });
		writeFileSync(join(directory, path), content);
	};
	for (const [path, content] of Object.entries({ ...files, ...overrides })) write(path, content);
	return { directory, write, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
