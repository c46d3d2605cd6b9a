/** Published vectors of the symmetric primitives; hex where not a text. */

/** FIPS 180-4 examples. */
export const sha256 = [
	{ text: '', digest: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
	{ text: 'abc', digest: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' },
	{ text: 'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', digest: '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1' },
] as const;

/** RFC 4231, test cases 1 and 2. */
export const hmac = [
	{ key: '0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b', text: 'Hi There', mac: 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7' },
	{ key: '4a656665', text: 'what do ya want for nothing?', mac: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843' },
] as const;

/** RFC 5869, appendix A.1 and A.3. */
export const hkdf = [
	{ ikm: '0b'.repeat(22), salt: '000102030405060708090a0b0c', info: 'f0f1f2f3f4f5f6f7f8f9', okm: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865' },
	{ ikm: '0b'.repeat(22), salt: '', info: '', okm: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8' },
] as const;

/** RFC 7914, section 12. */
export const scrypt = [
	{ password: '', salt: '', N: 16, r: 1, p: 1, out: '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906' },
	{ password: 'password', salt: 'NaCl', N: 1024, r: 8, p: 16, out: 'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640' },
	{ password: 'pleaseletmein', salt: 'SodiumChloride', N: 16384, r: 8, p: 1, out: '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887' },
] as const;

/** draft-irtf-cfrg-xchacha-03, appendix A.3.1. */
export const xchacha = {
	key: '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f',
	nonce: '404142434445464748494a4b4c4d4e4f5051525354555657',
	aad: '50515253c0c1c2c3c4c5c6c7',
	text: "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
	sealed:
		'bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452' +
		'2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49',
} as const;
