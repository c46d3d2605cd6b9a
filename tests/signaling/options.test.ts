/** The command line and the sentences it answers with. */
import { describe, expect, it } from 'vitest';
import { bannerLines, type BannerFacts } from '../../signaling/banner.ts';
import { readOptions, type Options } from '../../signaling/options.ts';

const invite = Buffer.alloc(66, 1).toString('base64url');
const defaults: Options = { host: undefined, port: 8787, stunPort: 3478, tls: undefined, door: undefined, names: [] };

describe('options', () => {
	it('has defaults', () => {
		expect(readOptions([], {})).toEqual({ kind: 'run', options: defaults });
	});

	it('reads flags', () => {
		const argv = ['--host', '10.0.0.1', '--port=9000', '--stun-port', '0', '--cert', 'a.pem', '--key', 'b.pem', '--door', `http://x/join#${invite}`, '--name', 'A.example', '--name', 'b.example'];
		expect(readOptions(argv, {})).toEqual({
			kind: 'run',
			options: { host: '10.0.0.1', port: 9000, stunPort: 0, tls: { certPath: 'a.pem', keyPath: 'b.pem' }, door: invite, names: ['a.example', 'b.example'] },
		});
	});

	it('reads the environment, and a flag is stronger', () => {
		const env = { LANDLINE_HOST: '::1', LANDLINE_PORT: '1', LANDLINE_STUN_PORT: '2', LANDLINE_CERT: 'c', LANDLINE_KEY: 'k', LANDLINE_DOOR: invite, LANDLINE_NAME: 'a.example, b.example' };
		expect(readOptions(['--port', '9'], env)).toEqual({
			kind: 'run',
			options: { host: '::1', port: 9, stunPort: 2, tls: { certPath: 'c', keyPath: 'k' }, door: invite, names: ['a.example', 'b.example'] },
		});
		expect(readOptions([], { LANDLINE_PORT: '', LANDLINE_NAME: '' })).toEqual({ kind: 'run', options: defaults });
	});

	it('knows when help is asked for', () => {
		expect(readOptions(['--help'], {})).toEqual({ kind: 'help' });
	});

	it.each([
		[['--port', 'x'], '--port x is not a port number'],
		[['--port', '65536'], 'not a port number'],
		[['--port', '-1'], '--port'],
		[['--port', '1e3'], 'not a port number'],
		[['--stun-port', '70000'], '--stun-port 70000 is not a port number'],
		[['--host', 'http://10.0.0.1'], 'without http://'],
		[['--cert', 'a.pem'], '--cert needs --key'],
		[['--key', 'a.pem'], '--key needs --cert'],
		[['--door', 'hello'], '--door is not an invite link'],
		[['--name', 'http://a'], 'is no host name'],
		[['--name', 'a:1'], 'is no host name'],
		[['--prot', '1'], "Unknown option '--prot'"],
		[['9000'], "Unexpected argument '9000'"],
		[['--port'], '--port'],
	])('says what is wrong with %j', (argv, part) => {
		const result = readOptions(argv, {});
		expect(result.kind).toBe('wrong');
		expect(result.kind === 'wrong' ? result.sentence : '').toContain(part);
	});
});

describe('what is printed after the start', () => {
	const facts: BannerFacts = { host: undefined, port: 8787, stunPort: 3478, credentials: undefined, names: [], door: false, lan: ['10.0.0.5', 'fd00::5'], nowMs: 0 };
	const text = (changes: Partial<BannerFacts>) => bannerLines({ ...facts, ...changes }).join('\n');
	const credentials = { cert: '', key: '', names: ['office.example', '*.office.example'], addresses: [], validTo: new Date(86_400_000 * 100) };

	it('names the address here, those for others, and what they need', () => {
		const lines = text({});
		for (const part of ['http://localhost:8787', 'http://10.0.0.5:8787', 'http://[fd00::5]:8787', '--cert FILE --key FILE', 'docs/operator.md', 'UDP port 3478']) expect(lines).toContain(part);
		expect(lines).not.toContain('Warning');
	});

	it('gives the names of the certificate, and the standard port unwritten', () => {
		const lines = text({ credentials, port: 443 });
		expect(lines).toContain('  https://office.example\n');
		expect(lines).not.toContain('--cert');
		expect(text({ credentials, nowMs: 86_400_000 * 90 })).toContain('The certificate runs out on 1970-04-11');
		expect(text({ credentials, nowMs: 86_400_000 * 101 })).toContain('The certificate ran out on 1970-04-11');
	});

	it('warns of a public address, of no STUN and of a server for this computer alone', () => {
		expect(text({ lan: ['8.8.8.8'] })).toContain('Warning: 8.8.8.8 is a public address');
		expect(text({ host: '10.0.0.5', lan: ['8.8.8.8', '10.0.0.5'] })).not.toContain('Warning');
		expect(text({ stunPort: 0 })).toContain('STUN is off');
		expect(text({ host: '127.0.0.1' })).toContain('Other computers cannot reach it');
		expect(text({ door: true })).toContain('The door is open');
	});
});
