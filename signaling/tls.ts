/** The certificate: read, checked, and read again when the files change, so that a renewal needs no restart (LAN.md, section 2). */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { StartFailure } from './start-failure.ts';

/** Content is compared, not times: renewal tools swap links, copy with old times, or write in place. */
const checkEveryMs = 5_000;
const warnBeforeDays = 14;
const dayMs = 86_400_000;

export type CertificateFiles = { readonly certPath: string; readonly keyPath: string };

export type Credentials = {
	readonly cert: string;
	readonly key: string;
	/** Host names the certificate is for, lower case, wildcards as they stand. */
	readonly names: readonly string[];
	readonly addresses: readonly string[];
	readonly validTo: Date;
};

export type CredentialsResult =
	| { readonly ok: true; readonly credentials: Credentials }
	| { readonly ok: false; readonly sentence: string };

export function loadCredentials({ certPath, keyPath }: CertificateFiles): CredentialsResult {
	const cert = read(certPath);
	if (cert === undefined) return refuse(`The certificate ${certPath} cannot be read.`);
	const key = read(keyPath);
	if (key === undefined) return refuse(`The private key ${keyPath} cannot be read.`);
	return checkCredentials(cert, key, { certPath, keyPath });
}

/** A sentence when the certificate has run out or soon will. */
export function expiryWarning({ validTo }: Credentials, nowMs: number): string | undefined {
	const days = Math.floor((validTo.getTime() - nowMs) / dayMs);
	const date = validTo.toISOString().slice(0, 10);
	if (days < 0) return `The certificate ran out on ${date}: browsers refuse it. Replace the files; no restart is needed.`;
	return days < warnBeforeDays ? `The certificate runs out on ${date}. Renew it; no restart is needed.` : undefined;
}

export type CertificateWatch = { readonly current: Credentials; close(): void };

export type WatchDeps = {
	readonly files: CertificateFiles;
	/** Called with each new, checked pair. */
	readonly apply: (credentials: Credentials) => void;
	readonly report: (sentence: string) => void;
	/** The time of day, to warn before the certificate runs out. */
	readonly wallMs: () => number;
	readonly everyMs?: number;
};

/**
 * Loads the pair and watches it. New files that do not work are reported once and the old pair stays in use; certificate and
 * key are seldom replaced in the same instant, so a pair that does not match is said to be so only when it is still so at the next look.
 * @throws StartFailure when the first pair does not work
 */
export function watchCertificate({ files, apply, report, wallMs, everyMs = checkEveryMs }: WatchDeps): CertificateWatch {
	const first = loadCredentials(files);
	if (!first.ok) throw new StartFailure(first.sentence);
	let current = first.credentials;
	let refused: { sentence: string; told: boolean } | undefined;
	let remindedAtMs = wallMs();

	const timer = setInterval(() => {
		if (wallMs() - remindedAtMs >= dayMs) {
			remindedAtMs = wallMs();
			const warning = expiryWarning(current, remindedAtMs);
			if (warning !== undefined) report(warning);
		}
		const found = loadCredentials(files);
		if (!found.ok) {
			if (refused?.sentence !== found.sentence) refused = { sentence: found.sentence, told: false };
			else if (!refused.told) {
				refused.told = true;
				report(`${found.sentence} The certificate loaded before stays in use.`);
			}
			return;
		}
		refused = undefined;
		const { cert, key } = found.credentials;
		if (cert === current.cert && key === current.key) return;
		current = found.credentials;
		apply(current);
		report(`The certificate was reloaded; it is valid until ${current.validTo.toISOString().slice(0, 10)}.`);
	}, everyMs);
	timer.unref();

	return {
		get current() {
			return current;
		},
		close: () => clearInterval(timer),
	};
}

function checkCredentials(cert: string, key: string, { certPath, keyPath }: CertificateFiles): CredentialsResult {
	let parsed: X509Certificate;
	try {
		parsed = new X509Certificate(cert);
	} catch {
		return refuse(`${certPath} holds no certificate in PEM form (it begins with "-----BEGIN CERTIFICATE-----").`);
	}
	try {
		createSecureContext({ cert, key });
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		if (/key values mismatch/i.test(why)) return refuse(`The private key ${keyPath} does not belong to the certificate ${certPath}.`);
		if (/passphrase|interrupted or cancelled|bad decrypt/i.test(why)) return refuse(`The private key ${keyPath} is locked with a passphrase; give one without.`);
		return refuse(`${keyPath} holds no private key in PEM form that fits ${certPath} (${why}).`);
	}
	const alternatives = (parsed.subjectAltName ?? '').split(', ');
	const named = (prefix: string): string[] => alternatives.filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length).toLowerCase());
	const credentials = { cert, key, names: named('DNS:'), addresses: named('IP Address:'), validTo: new Date(parsed.validTo) };
	return { ok: true, credentials };
}

function read(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
}

function refuse(sentence: string): CredentialsResult {
	return { ok: false, sentence };
}
