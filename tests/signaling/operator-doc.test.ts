/** The commands of docs/operator.md for certificates, run as they stand there. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { helpText } from '../../signaling/options.ts';
import { loadCredentials } from '../../signaling/tls.ts';
import { hasOpenssl } from '../support/certificates.ts';

const text = readFileSync(new URL('../../docs/operator.md', import.meta.url), 'utf8');
const found = hasOpenssl();
if (!found) console.error('SKIPPED: the commands of docs/operator.md need openssl, and it was not found.');

describe.skipIf(!found)('the commands of docs/operator.md', () => {
	let directory: string;

	beforeEach(() => {
		directory = mkdtempSync(join(tmpdir(), 'landline-doc-'));
	});
	afterEach(() => rmSync(directory, { recursive: true }));

	function block(name: string): string {
		const found = new RegExp(`\`\`\`sh ${name}\n([\\s\\S]*?)\`\`\``).exec(text)?.[1];
		if (found === undefined) throw new Error(`docs/operator.md has no block "${name}"`);
		return found;
	}

	const sh = (script: string): string => execFileSync('sh', ['-e', '-c', script], { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

	it('make a request that names the host', () => {
		sh(block('csr'));
		expect(sh('openssl req -in landline.csr -noout -verify -text 2>&1')).toContain('DNS:landline.office.example');
	});

	it('make an authority for one name, a certificate the server takes, and nothing for another name', () => {
		// The only change: no passphrase, which openssl would ask for at a terminal.
		sh(block('ca').replace('openssl req -x509', 'openssl req -x509 -nodes'));
		expect(sh('openssl verify -x509_strict -CAfile landline-ca.crt -verify_hostname landline.office.internal landline.crt')).toBe('landline.crt: OK\n');
		const loaded = loadCredentials({ certPath: join(directory, 'landline.crt'), keyPath: join(directory, 'landline.key') });
		expect(loaded).toMatchObject({ ok: true, credentials: { names: ['landline.office.internal'], addresses: ['192.168.0.10'] } });

		writeFileSync(join(directory, 'foreign.ext'), 'subjectAltName=DNS:bank.example\nbasicConstraints=critical,CA:false\n');
		sh('openssl x509 -req -in landline.csr -CA landline-ca.crt -CAkey landline-ca.key -days 30 -extfile foreign.ext -out foreign.crt 2>/dev/null');
		expect(sh('openssl verify -CAfile landline-ca.crt foreign.crt 2>&1 || true')).toContain('permitted subtree violation');
	});
});

it('docs/operator.md names every flag and every variable of the help text', () => {
	const words = [...helpText.matchAll(/--[a-z-]{3,}|LANDLINE_[A-Z_]+/g)].map(([word]) => word);
	expect(words.length).toBeGreaterThan(12);
	expect(words.filter((word) => !text.includes(word))).toEqual([]);
});
