/** HTTPS: the certificate's names, its reload without a restart, and files that do not work. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type PeerCertificate } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createSignalingServer } from '../../signaling/server.ts';
import { expiryWarning, loadCredentials, watchCertificate } from '../../signaling/tls.ts';
import { createAppFixture, type AppFixture } from '../support/app-fixture.ts';
import { hasOpenssl, makeCertificate, type TestCertificate } from '../support/certificates.ts';

const found = hasOpenssl();
if (!found) console.error('SKIPPED: the TLS tests need the openssl command, and it was not found.');

describe.skipIf(!found)('the certificate', () => {
	let app: AppFixture;
	let directory: string;
	let certPath: string;
	let keyPath: string;
	let first: TestCertificate;
	let second: TestCertificate;

	beforeAll(() => {
		app = createAppFixture();
		directory = mkdtempSync(join(tmpdir(), 'landline-tls-'));
		[certPath, keyPath] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
		first = makeCertificate('DNS:office.example,DNS:*.wild.example,IP:127.0.0.1');
		second = makeCertificate('DNS:renewed.example,IP:127.0.0.1');
	});

	afterAll(() => {
		rmSync(directory, { recursive: true });
		app.remove();
	});

	function put({ cert, key }: TestCertificate): void {
		writeFileSync(certPath, cert);
		writeFileSync(keyPath, key);
	}

	async function presented(port: number): Promise<string> {
		const peer = await new Promise<PeerCertificate>((resolve, reject) => {
			const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
				resolve(socket.getPeerCertificate());
				socket.destroy();
			});
			socket.once('error', reject);
		});
		return peer.subjectaltname ?? '';
	}

	async function status(port: number, host: string): Promise<number> {
		return await new Promise((resolve, reject) => {
			get({ port, host: '127.0.0.1', path: '/config', headers: { Host: `${host}:${port}` }, rejectUnauthorized: false, agent: false }, (response) => {
				response.resume();
				resolve(response.statusCode ?? 0);
			}).once('error', reject);
		});
	}

	it('gives the server its names, is renewed without a restart, and stays when the new one does not work', async () => {
		put(first);
		const said: string[] = [];
		const server = await createSignalingServer({ appDirectory: app.directory, host: '127.0.0.1', port: 0, tls: { certPath, keyPath }, certificateCheckMs: 20, report: (sentence) => said.push(sentence) });
		expect(server.credentials?.names).toEqual(['office.example', '*.wild.example']);
		expect(await Promise.all(['office.example', 'a.wild.example', '127.0.0.1', 'renewed.example'].map((host) => status(server.port, host)))).toEqual([200, 200, 200, 421]);

		const socket = new WebSocket(`wss://127.0.0.1:${server.port}/signal`, { rejectUnauthorized: false, headers: { Origin: `https://127.0.0.1:${server.port}` } });
		await new Promise((resolve, reject) => socket.once('message', resolve).once('error', reject));

		put(second);
		await expect.poll(() => presented(server.port)).toContain('renewed.example');
		expect(said).toEqual([expect.stringMatching(/^The certificate was reloaded; it is valid until \d{4}-\d\d-\d\d\.$/)]);
		expect(await status(server.port, 'renewed.example')).toBe(200);
		expect(socket.readyState).toBe(WebSocket.OPEN);

		writeFileSync(certPath, 'not a certificate');
		await expect.poll(() => said.length).toBe(2);
		expect(said[1]).toContain('The certificate loaded before stays in use.');
		rmSync(keyPath);
		await expect.poll(() => said.length).toBe(3);
		expect(await presented(server.port)).toContain('renewed.example');

		put(first);
		await expect.poll(() => presented(server.port)).toContain('office.example');
		expect(said).toHaveLength(4);
		socket.terminate();
		await server.close();
	});

	it('is refused at the start with a sentence that names the file', async () => {
		const sentences: string[] = [];
		const attempt = async (cert: string, key: string): Promise<void> => {
			put({ cert, key });
			const failed = await createSignalingServer({ appDirectory: app.directory, port: 0, tls: { certPath, keyPath } }).catch((error: unknown) => error);
			sentences.push(failed instanceof Error ? failed.message : 'started');
		};
		await attempt('', first.key);
		await attempt(first.cert, second.key);
		await attempt(first.cert, 'nothing');
		await attempt(first.cert, makeCertificate('DNS:a', { passphrase: 'secret' }).key);
		rmSync(certPath);
		const missing = loadCredentials({ certPath, keyPath });
		expect(sentences[0]).toContain(`${certPath} holds no certificate in PEM form`);
		expect(sentences[1]).toBe(`The private key ${keyPath} does not belong to the certificate ${certPath}.`);
		expect(sentences[2]).toContain(`${keyPath} holds no private key in PEM form`);
		expect(sentences[3]).toContain('is locked with a passphrase');
		expect(missing).toEqual({ ok: false, sentence: `The certificate ${certPath} cannot be read.` });
	});

	it('is mentioned again every day when it soon runs out', async () => {
		put(makeCertificate('DNS:a', { days: 5 }));
		let now = Date.now();
		const said: string[] = [];
		const watch = watchCertificate({ files: { certPath, keyPath }, apply: () => undefined, report: (sentence) => said.push(sentence), wallMs: () => now, everyMs: 5 });
		for (let day = 1; day <= 2; day += 1) {
			now += 86_400_000;
			await expect.poll(() => said.length).toBe(day);
		}
		expect(said[0]).toMatch(/^The certificate runs out on/);
		watch.close();
	});

	it('is mentioned before it runs out', () => {
		const credentials = { cert: '', key: '', names: [], addresses: [], validTo: new Date('2030-01-31T00:00:00Z') };
		const at = (date: string): string | undefined => expiryWarning(credentials, Date.parse(date));
		expect(at('2030-01-16')).toBeUndefined();
		expect(at('2030-01-20')).toBe('The certificate runs out on 2030-01-31. Renew it; no restart is needed.');
		expect(at('2030-02-02')).toBe('The certificate ran out on 2030-01-31: browsers refuse it. Replace the files; no restart is needed.');
	});
});
