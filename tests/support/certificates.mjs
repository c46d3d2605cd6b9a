/**
 * A throw-away certificate authority, a certificate under it, and a home directory whose NSS database trusts that authority: Chromium on
 * Linux takes its extra roots from there. Needs `openssl` and `certutil`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * @param {string} name the host name the certificate is for
 * @returns {{ cert: string, key: string, trustingHome: string, strangerHome: string, remove: () => void }}
 */
export function makeCertificates(name) {
	const folder = mkdtempSync(join(tmpdir(), 'landline-tls-'));
	const path = (/** @type {string} */ file) => join(folder, file);
	const openssl = (/** @type {string[]} */ ...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
	const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
	openssl('req', '-x509', ...newKey, '-keyout', 'root.key', '-out', 'root.pem', '-days', '2', '-subj', '/CN=Landline test root', '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-addext', `nameConstraints=critical,permitted;DNS:${name}`);
	openssl('req', ...newKey, '-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', `/CN=${name}`);
	writeFileSync(path('leaf.ext'), `subjectAltName=DNS:${name}\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth\n`);
	openssl('x509', '-req', '-in', 'leaf.csr', '-CA', 'root.pem', '-CAkey', 'root.key', '-CAcreateserial', '-days', '2', '-extfile', 'leaf.ext', '-out', 'leaf.pem');

	const home = (/** @type {string} */ folderName, /** @type {boolean} */ trusts) => {
		const database = path(join(folderName, '.pki', 'nssdb'));
		mkdirSync(database, { recursive: true });
		execFileSync('certutil', ['-d', `sql:${database}`, '-N', '--empty-password'], { stdio: 'pipe' });
		if (trusts) execFileSync('certutil', ['-d', `sql:${database}`, '-A', '-t', 'C,,', '-n', 'landline-test', '-i', path('root.pem')], { stdio: 'pipe' });
		return path(folderName);
	};
	return {
		cert: path('leaf.pem'),
		key: path('leaf.key'),
		trustingHome: home('trusting', true),
		strangerHome: home('stranger', false),
		remove: () => rmSync(folder, { recursive: true, force: true }),
	};
}
