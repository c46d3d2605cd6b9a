/** The app over HTTP: what is served, under which headers, and what is refused (LAN.md, section 10). */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSignalingServer, type SignalingServer } from '../../signaling/server.ts';
import { createAppFixture, fixturePage, type AppFixture } from '../support/app-fixture.ts';
import { chromiumArgs, findChromium } from '../support/browsers.ts';
import { exchange } from '../support/raw-socket.ts';

let app: AppFixture;
let server: SignalingServer;
let base: string;

beforeAll(async () => {
	app = createAppFixture();
	server = await createSignalingServer({ appDirectory: app.directory, host: '127.0.0.1', port: 0, stunPort: 0, door: 'AQID', names: ['office.example'] });
	base = `http://127.0.0.1:${server.port}`;
});

afterAll(async () => {
	await server.close();
	app.remove();
});

/** Sends a path as it stands: `fetch` would tidy it first. */
const raw = (path: string, head = ''): Promise<string> => exchange(server.port, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: close\r\n${head}\r\n`);

describe('headers', () => {
	const inlineScript = /<script>([\s\S]*?)<\/script>/.exec(fixturePage)?.[1] ?? '';
	const hash = createHash('sha256').update(inlineScript).digest('base64');

	it.each(['/', '/join', '/client.js', '/service-worker.js', '/config', '/healthz', '/nothing'])('%s carries every one', async (path) => {
		const { headers } = await fetch(`${base}${path}`);
		const policy = headers.get('content-security-policy') ?? '';
		for (const part of [
			"default-src 'none'", `script-src 'self' 'sha256-${hash}';`, "style-src 'self';", "img-src 'self' blob: data:", `connect-src 'self' ws://127.0.0.1:${server.port} wss://127.0.0.1:${server.port};`,
			"frame-src 'self'", "worker-src 'self'", "manifest-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
			'trusted-types svelte-trusted-html sveltekit-trusted-url landline-worker landline-offload ProseMirrorClipboard',
		]) expect(policy).toContain(part);
		expect(policy).not.toContain('unsafe-inline');
		expect(policy).not.toContain('unsafe-eval');
		expect(Object.fromEntries(headers)).toMatchObject({
			'x-content-type-options': 'nosniff',
			'referrer-policy': 'no-referrer',
			'cross-origin-opener-policy': 'same-origin',
			'cross-origin-resource-policy': 'same-origin',
			'cross-origin-embedder-policy': 'require-corp',
			'permissions-policy': expect.stringContaining('camera=(self)') as unknown,
		});
		expect(headers.has('access-control-allow-origin')).toBe(false);
	});

	it.each([
		['/', 'no-cache', 'text/html;charset=utf-8'],
		['/service-worker.js', 'no-cache', 'text/javascript'],
		['/manifest.webmanifest', 'no-cache', 'application/manifest+json'],
		['/_app/version.json', 'no-cache', 'application/json'],
		['/_app/immutable/entry/app.abc123.js', 'public, max-age=31536000, immutable', 'text/javascript'],
		['/config', 'no-store', 'application/json'],
		['/healthz', 'no-store', 'application/json'],
	])('%s is kept as %s', async (path, cache, type) => {
		const { headers, status } = await fetch(`${base}${path}`);
		expect([status, headers.get('cache-control'), headers.get('content-type')]).toEqual([200, cache, type]);
	});

	it('what the build before this one named is there for one release, and nothing else of it', async () => {
		const kept = `${app.directory}-previous`;
		mkdirSync(join(kept, 'entry'), { recursive: true });
		writeFileSync(join(kept, 'entry/app.old999.js'), 'export const old = true;\n');
		// The app is read anew when a build has replaced its page.
		app.write('index.html', `${fixturePage}\n`);
		const old = await fetch(`${base}/_app/immutable/entry/app.old999.js`);
		expect([old.status, old.headers.get('cache-control'), await old.text()]).toEqual([200, 'public, max-age=31536000, immutable', 'export const old = true;\n']);
		expect((await fetch(`${base}/entry/app.old999.js`)).status).toBe(404);
		expect(await raw('/_app/immutable/../../package.json')).toMatch(/^HTTP\/1.1 404/);
		rmSync(kept, { recursive: true });
		app.write('index.html', fixturePage);
		expect((await fetch(`${base}/_app/immutable/entry/app.old999.js`)).status).toBe(404);
	});

	it('what has not changed is not sent again', async () => {
		const first = await fetch(`${base}/client.js`);
		const again = await fetch(`${base}/client.js`, { headers: { 'If-None-Match': first.headers.get('etag') ?? '' } });
		expect([again.status, await again.text()]).toEqual([304, '']);
	});
});

describe('paths', () => {
	it.each(['/', '/placard', '/files', '/people', '/settings', '/join', '/join/', '/?x=1', '/join?x#y'])('%s is the page', async (path) => {
		const response = await fetch(`${base}${path}`);
		expect([response.status, await response.text()]).toEqual([200, fixturePage]);
	});

	it.each([
		'/nothing', '/joins', '/join/x', '/.secret', '/..%2f..%2fetc%2fpasswd', '/%', '/%00', '/client', '/_app', '/_app/immutable/entry/app.gone.js', '//client.js', '/\\client.js',
		'/../package.json', '/_app/../../package.json', 'http://evil.example/client.js', '*',
	])('%s is not there', async (path) => {
		expect(await raw(path)).toMatch(/^HTTP\/1.1 404 [\s\S]*There is nothing at this address\.\n$/);
	});

	it.each(['bytes=5-2', 'bytes=0-1', 'bytes=999999-', 'bytes=-', 'nonsense'])('a range (%s) is not looked at', async (range) => {
		const answer = await raw('/client.js', `Range: ${range}\r\n`);
		expect(answer).toMatch(/^HTTP\/1.1 200 /);
		expect(answer).toContain('clientRan');
	});
});

describe('requests', () => {
	it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is not answered', async (method) => {
		const response = await fetch(`${base}/`, { method });
		expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
	});

	it('HEAD has the headers and no body', async () => {
		const response = await fetch(`${base}/client.js`, { method: 'HEAD' });
		expect([response.status, Number(response.headers.get('content-length')) > 0, await response.text()]).toEqual([200, true, '']);
	});

	it('a foreign name is told what to do, and learns nothing else', async () => {
		const answer = await exchange(server.port, 'GET /config HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
		expect(answer).toMatch(/^HTTP\/1.1 421 /);
		expect(answer).toContain('This server does not answer to the name "evil.example". Open it by its address, or start it with --name evil.example.');
		expect(answer).not.toContain('fixture-1');
		expect(await exchange(server.port, 'GET / HTTP/1.1\r\nHost: office.example\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1.1 200 /);
		expect(await exchange(server.port, 'GET / HTTP/1.1\r\nHost: "><script>\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
		expect(await exchange(server.port, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
	});

	it.each(['\r\n\r\n\r\n', 'GET\r\n\r\n', '\u0016\u0003\u0001\u0002\u0000', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`])('garbage %# is closed', async (bytes) => {
		expect(await exchange(server.port, `${bytes}\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 4/);
		expect((await fetch(`${base}/`)).status).toBe(200);
	});
});

describe('what it tells', () => {
	it('/config: build, STUN, door and the address it sees', async () => {
		expect(await (await fetch(`${base}/config`)).json()).toEqual({ build: 'fixture-1', stunPort: server.stunPort, door: 'AQID', address: '127.0.0.1' });
	});

	it('/healthz', async () => {
		expect(await (await fetch(`${base}/healthz`)).json()).toEqual({ ok: true, build: 'fixture-1', sockets: 0, uptimeSeconds: expect.any(Number) as unknown });
	});
});

describe('a build replaced under the running server', () => {
	it('is served at once, under its own hashes and build id; files that vanish end a response and nothing else', async () => {
		const other = createAppFixture({ 'old.js': 'old' });
		const one = await createSignalingServer({ appDirectory: other.directory, host: '127.0.0.1', port: 0 });
		const at = `http://127.0.0.1:${one.port}`;
		expect((await fetch(`${at}/old.js`)).status).toBe(200);
		rmSync(join(other.directory, 'old.js'));
		await expect(fetch(`${at}/old.js`).then((response) => response.text())).rejects.toThrow();

		rmSync(join(other.directory, 'index.html'));
		const between = await fetch(`${at}/`);
		expect([between.status, await between.text()]).toEqual([503, 'Landline is being built. Reload in a moment.\n']);
		expect(await (await fetch(`${at}/healthz`)).json()).toMatchObject({ ok: false });

		other.write('_app/version.json', '{"version":"fixture-2"}');
		other.write('index.html', '<script>two()</script>');
		const after = await fetch(`${at}/`);
		expect(await after.text()).toBe('<script>two()</script>');
		expect(after.headers.get('content-security-policy')).toContain(createHash('sha256').update('two()').digest('base64'));
		expect(one.build).toBe('fixture-2');

		other.write('_app/version.json', 'damaged');
		other.write('index.html', '<p>three</p>');
		expect(one.build).toMatch(/^[0-9a-f]{16}$/);
		await one.close();
		other.remove();
	});
});

describe.skipIf(findChromium() === undefined)('in Chromium', () => {
	it('the page runs its own scripts, and an injected one is stopped', async () => {
		const executablePath = findChromium();
		const browser = await chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }), args: chromiumArgs });
		const page = await browser.newPage();
		const messages: string[] = [];
		page.on('console', (message) => messages.push(message.text()));
		await page.goto(base);
		expect(await page.evaluate(() => ['bootstrapRan' in globalThis, 'clientRan' in globalThis, isSecureContext, crossOriginIsolated])).toEqual([true, true, true, true]);
		expect(messages).toEqual([]);

		const outcome = await page.evaluate(() => {
			const script = document.createElement('script');
			let trusted = 'assigned';
			try {
				script.textContent = 'globalThis.injected = true';
				document.body.append(script);
				document.body.innerHTML = '<img src=x onerror="globalThis.injected = true">';
			} catch (error) {
				trusted = error instanceof Error ? error.name : '';
			}
			return [trusted, 'injected' in globalThis];
		});
		expect(outcome).toEqual(['TypeError', false]);
		expect(await page.evaluate(() => fetch('http://127.0.0.1:9/').catch((error: unknown) => String(error)))).toContain('Failed to fetch');
		await browser.close();
	}, 60_000);
});
