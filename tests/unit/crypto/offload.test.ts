/** scrypt gives the same bytes in a worker, without one, and when one will not start. RFC 7914, section 12; in Node there is none to begin with. */
import { afterEach, expect, test, vi } from 'vitest';
import { hex, utf8 } from '../../../src/crypto/bytes.ts';
import { scrypt } from '../../../src/crypto/offload.ts';

// Of the vectors' 64 bytes the first 32: PBKDF2 fills them block by block.
const vectors = [
	{ password: '', salt: '', logN: 4, r: 1, p: 1, output: '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442' },
	{ password: 'password', salt: 'NaCl', logN: 10, r: 8, p: 16, output: 'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162' },
	{ password: 'pleaseletmein', salt: 'SodiumChloride', logN: 14, r: 8, p: 1, output: '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2' },
] as const;

/** What the browser makes of a worker: a policy refuses it, or its file is gone. */
const unwilling = [
	undefined,
	function refused(): never {
		throw new DOMException('refused by a policy', 'SecurityError');
	},
	class {
		onerror: (() => void) | undefined;
		postMessage(): void {
			setTimeout(() => this.onerror?.(), 0);
		}
		terminate(): void {
			// It never ran.
		}
	},
];

const run = async ({ password, salt, logN, r, p }: (typeof vectors)[number]): Promise<string> => hex(await scrypt({ password: utf8(password), salt: utf8(salt), logN, r, p }));

afterEach(() => {
	vi.unstubAllGlobals();
});

test.each(vectors)('scrypt of "$password"', async (vector) => {
	expect(await run(vector)).toBe(vector.output);
	for (const Worker of unwilling) {
		vi.stubGlobal('Worker', Worker);
		expect(await run(vector)).toBe(vector.output);
	}
});

test('jobs at once do not mix', async () => {
	expect(await Promise.all([...vectors, ...vectors].map(run))).toEqual([...vectors, ...vectors].map(({ output }) => output));
});
