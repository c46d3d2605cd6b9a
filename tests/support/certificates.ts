/** Certificates for tests, made on the spot by the openssl command, so that no private key is checked in. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type TestCertificate = { readonly cert: string; readonly key: string };

/** Whether the command is there. */
export function hasOpenssl(): boolean {
	try {
		execFileSync('openssl', ['version'], { stdio: 'ignore' });
		return true;
	} catch {
		return false;
	}
}

/** A self-signed P-256 certificate for these names, e.g. `DNS:office.example,IP:127.0.0.1`. */
export function makeCertificate(names: string, { days = 30, passphrase }: { days?: number; passphrase?: string } = {}): TestCertificate {
	const directory = mkdtempSync(join(tmpdir(), 'landline-cert-'));
	const [keyPath, certPath] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
	const lock = passphrase === undefined ? ['-nodes'] : ['-passout', `pass:${passphrase}`];
	const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', ...lock, '-keyout', keyPath, '-out', certPath];
	execFileSync('openssl', [...request, '-days', String(days), '-subj', '/CN=Landline test', '-addext', `subjectAltName=${names}`], { stdio: 'ignore' });
	const made = { cert: readFileSync(certPath, 'utf8'), key: readFileSync(keyPath, 'utf8') };
	rmSync(directory, { recursive: true });
	return made;
}
