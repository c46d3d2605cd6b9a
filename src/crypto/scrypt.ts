/** scrypt (RFC 7914) as Landline uses it: what to compute, and computing it in the thread that asks. Elsewhere, so that no screen stalls: offload.ts. */
import { scrypt, scryptAsync } from '@noble/hashes/scrypt.js';

const outputBytes = 32;
/** Of room beside the table; noble refuses what it is not told to expect. */
const slackBytes = 1024 ** 2;

/** N = 2^logN; memory is about 128 · r · N bytes. The parameters have been checked by whoever read them. */
export interface ScryptJob {
	readonly password: Uint8Array;
	readonly salt: Uint8Array;
	readonly logN: number;
	readonly r: number;
	readonly p: number;
}

/** 32 bytes. Yields to the event loop while it works. */
export function scryptHere(job: ScryptJob): Promise<Uint8Array> {
	return scryptAsync(job.password, job.salt, options(job));
}

/** The same 32 bytes, without a pause: for a thread that does nothing else. */
export function scryptAtOnce(job: ScryptJob): Uint8Array {
	return scrypt(job.password, job.salt, options(job));
}

function options({ logN, r, p }: ScryptJob) {
	const n = 2 ** logN;
	return { N: n, r, p, dkLen: outputBytes, maxmem: 128 * r * (n + p) + slackBytes };
}
