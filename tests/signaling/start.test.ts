/** The process as an operator meets it: `npm start` builds when it must, says what is wrong, and stops cleanly. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSignalingServer } from '../../signaling/server.ts';
import { createAppFixture } from '../support/app-fixture.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let children: ChildProcess[] = [];

afterEach(() => {
	for (const child of children) child.kill('SIGKILL');
	children = [];
});

type Run = { readonly child: ChildProcess; readonly output: () => string; readonly exit: Promise<number | null> };

function run(cwd: string, argv: string[]): Run {
	const child = spawn(process.execPath, argv, { cwd, env: { PATH: process.env['PATH'] } });
	children.push(child);
	let output = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
	const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
	return { child, output: () => output, exit };
}

/** The server as `tsc` emits it, beside a small app, under a folder that finds the project's packages. */
describe('the server process', () => {
	let home: string;
	const argv = (...flags: string[]): string[] => ['--input-type=module', '-e', `(await import(${JSON.stringify(join(home, 'build/signaling/main.js'))})).main(process.argv.slice(1))`, '--', ...flags];

	beforeAll(() => {
		home = mkdtempSync(join(tmpdir(), 'landline-start-'));
		symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
		writeFileSync(join(home, 'package.json'), '{"type":"module"}');
		const app = createAppFixture();
		cpSync(app.directory, join(home, 'build/app'), { recursive: true });
		app.remove();
		execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'signaling'), '--outDir', join(home, 'build/signaling')]);
	}, 60_000);

	afterAll(() => rmSync(home, { recursive: true, force: true }));

	it.each(['SIGTERM', 'SIGINT'] as const)('prints where it is and stops on %s within 2 seconds, with 0', async (signal) => {
		const one = run(home, argv('--host', '127.0.0.1', '--port', '0', '--stun-port', '0'));
		await expect.poll(one.output, { timeout: 10_000 }).toContain('Landline is running. Open it on this computer at');
		const base = /http:\/\/127\.0\.0\.1:\d+/.exec(one.output())?.[0] ?? '';
		expect(await (await fetch(`${base}/config`)).json()).toEqual({ build: 'fixture-1', stunPort: 0, door: null, address: '127.0.0.1' });
		const begun = performance.now();
		one.child.kill(signal);
		expect(await one.exit).toBe(0);
		expect(performance.now() - begun).toBeLessThan(2_000);
	});

	it('says in a sentence which port is taken', async () => {
		const taken = createServer();
		await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
		const address = taken.address();
		const port = typeof address === 'object' && address ? address.port : 0;
		const one = run(home, argv('--host', '127.0.0.1', '--port', String(port), '--stun-port', '0'));
		expect(await one.exit).toBe(1);
		expect(one.output()).toBe(`TCP port ${port} is in use by another program, so Landline cannot use it. Stop that program, or choose another port with --port.\n`);
		taken.close();
	});

	it('says that the STUN port is taken, and holds no TCP port then', async () => {
		const app = createAppFixture();
		const first = await createSignalingServer({ appDirectory: app.directory, host: '127.0.0.1', port: 0, stunPort: 0 });
		const one = run(home, argv('--host', '127.0.0.1', '--port', '0', '--stun-port', String(first.stunPort)));
		expect(await one.exit).toBe(1);
		expect(one.output()).toContain(`UDP port ${first.stunPort} is in use by another program`);
		await first.close();
		app.remove();
	});

	it.each([
		[['--port', 'many'], '--port many is not a port number'],
		[['--door', 'x'], '--door is not an invite link'],
		[['--host', '203.0.113.77', '--port', '0'], 'This computer has no address 203.0.113.77.'],
		[['--cert', '/nowhere/a.pem', '--key', '/nowhere/b.pem', '--port', '0'], 'The certificate /nowhere/a.pem cannot be read.'],
	])('%j ends with 1 and a sentence', async (flags, sentence) => {
		const one = run(home, argv(...flags));
		expect(await one.exit).toBe(1);
		expect(one.output()).toContain(sentence);
		expect(one.output()).not.toContain('    at ');
	});
});

/** `start.mjs` in a project whose build only writes down that it ran. */
describe('npm start', () => {
	let project: string;
	const hour = 3_600_000;

	function put(path: string, content: string, age = 2 * hour): void {
		mkdirSync(dirname(join(project, path)), { recursive: true });
		writeFileSync(join(project, path), content);
		for (const of of [path, dirname(path), dirname(dirname(path))]) utimesSync(join(project, of), new Date(Date.now() - age), new Date(Date.now() - age));
	}

	beforeAll(() => {
		project = mkdtempSync(join(tmpdir(), 'landline-npm-start-'));
		put('signaling/start.mjs', readFileSync(join(root, 'signaling/start.mjs'), 'utf8'));
		put('build.mjs', `
			import { mkdirSync, writeFileSync, existsSync } from 'node:fs';
			if (existsSync('broken')) { console.error('the compiler says no'); process.exit(3); }
			mkdirSync('build/app', { recursive: true });
			mkdirSync('build/signaling', { recursive: true });
			writeFileSync('build/app/index.html', '');
			writeFileSync('build/signaling/main.js', 'export const main = (argv) => console.log("main " + argv.join(" "));');
		`);
		put('package.json', '{"type":"module","scripts":{"build":"node build.mjs"}}');
		put('src/lib/a.ts', '');
		put('node_modules/vite/package.json', '{}');
	});

	afterAll(() => rmSync(project, { recursive: true, force: true }));

	async function start(...flags: string[]): Promise<{ code: number | null; output: string }> {
		const one = run(project, ['signaling/start.mjs', ...flags]);
		const code = await one.exit;
		return { code, output: one.output() };
	}

	it('builds the first time and hands the flags on', async () => {
		const { code, output } = await start('--port', '9000');
		expect(code).toBe(0);
		expect(output).toMatch(/^Building Landline for the first time\..*\nmain --port 9000\n$/);
	});

	it('does not build again when nothing has changed', async () => {
		expect(await start('--door', 'x y')).toEqual({ code: 0, output: 'main --door x y\n' });
	});

	it('builds when a source is newer, or gone', async () => {
		put('src/lib/b.ts', '', -1_000);
		expect((await start()).output).toContain('because the sources are newer than the last build');
		put('src/lib/b.ts', '');
		expect((await start()).output).toBe('main \n');
		rmSync(join(project, 'src/lib/b.ts'));
		utimesSync(join(project, 'src/lib'), new Date(Date.now() + 1_000), new Date(Date.now() + 1_000));
		expect((await start()).output).toContain('because the sources are newer');
		put('src/lib/a.ts', '');
	});

	it('says that Node is too old', async () => {
		const pretend = 'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.18.3"}})';
		const one = run(project, ['--import', pretend, 'signaling/start.mjs']);
		expect(await one.exit).toBe(1);
		expect(one.output()).toContain('Landline needs Node 20.19 or later; this is 20.18.3.');
	});

	it('shows why a build failed, and starts nothing', async () => {
		put('broken', '');
		put('package.json', '{"type":"module","scripts":{"build":"node build.mjs"}}', -1_000);
		const { code, output } = await start();
		expect(code).toBe(1);
		expect(output).toContain('the compiler says no');
		expect(output).toContain('The build failed; what it printed stands above. Nothing was started.');
		expect(output).not.toContain('main ');
		rmSync(join(project, 'node_modules'), { recursive: true });
		expect((await start()).output).toContain('Run "npm ci" first');
	});
});
