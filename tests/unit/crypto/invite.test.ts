import { describe, expect, test } from 'vitest';
import { base64url, concat, hex, utf8 } from '../../../src/crypto/bytes.ts';
import { createWriter } from '../../../src/crypto/codec.ts';
import { sign, verify } from '../../../src/crypto/identity.ts';
import { decodeInvite, encodeInvite, inviteKeys, inviteLink, joinKeys, maxHintBytes, parseInviteLink } from '../../../src/crypto/invite.ts';
import { labels } from '../../../src/crypto/labels.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const random = seededRandom(4);
const invite = { officeId: random(32), secret: random(32), hint: 'Acme, third floor' };

describe('invites', () => {
	test('come back as they were', () => {
		expect(decodeInvite(encodeInvite(invite))).toEqual(invite);
		expect(decodeInvite(encodeInvite({ ...invite, hint: '' }))?.hint).toBe('');
	});

	test('hold a hint of up to 200 bytes', () => {
		const hint = 'é'.repeat(maxHintBytes / 2);
		expect(decodeInvite(encodeInvite({ ...invite, hint }))?.hint).toBe(hint);
		expect(() => encodeInvite({ ...invite, hint: `${hint}e` })).toThrow();
		const tooLong = createWriter().u8(1).raw(invite.officeId).raw(invite.secret).text(`${hint}e`).bytes();
		expect(decodeInvite(tooLong)).toBeUndefined();
	});

	test('are refused when cut, grown or of another version', () => {
		const bytes = encodeInvite(invite);
		for (let i = 0; i < bytes.length; i++) expect(decodeInvite(bytes.subarray(0, i))).toBeUndefined();
		expect(decodeInvite(concat(bytes, Uint8Array.of(0)))).toBeUndefined();
		for (const version of [0, 2, 255]) expect(decodeInvite(concat(Uint8Array.of(version), bytes.subarray(1)))).toBeUndefined();
	});
});

describe('links', () => {
	const link = inviteLink('https://office.lan:8787', invite);
	const fragment = base64url(encodeInvite(invite));

	test('carry the invite behind the #, where no server sees it', () => {
		expect(link).toBe(`https://office.lan:8787/join#${fragment}`);
	});

	test.each([
		['whole', link],
		['fragment', fragment],
		['fragment with #', `#${fragment}`],
		['in white space', `\n  ${link}\t `],
		['wrapped by a mail program', link.replace(/(.{40})/g, '$1\r\n')],
	])('are read %s', (_name, text) => {
		expect(parseInviteLink(text)).toEqual(invite);
	});

	test.each([
		['empty', ''],
		['without a fragment', 'https://office.lan:8787/join'],
		['with an empty one', 'https://office.lan:8787/join#'],
		['cut short', link.slice(0, -3)],
		['with a stray character', `${link}.`],
		['padded', `${link}=`],
		['far too long', `${link}${'A'.repeat(5000)}`],
	])('are refused %s', (_name, text) => {
		expect(parseInviteLink(text)).toBeUndefined();
	});
});

describe('keys', () => {
	test('are distinct, and the same for all who hold the invite', () => {
		const keys = inviteKeys(invite.secret);
		const { topic, signal } = joinKeys(keys.psk);
		expect(new Set([invite.secret, keys.signPublic, keys.signSecret, keys.psk, topic, signal].map(hex)).size).toBe(6);
		expect(inviteKeys(invite.secret.slice())).toEqual(keys);
	});

	test('sign JOINs that the public half in the INVITE verifies', () => {
		const { signPublic, signSecret } = inviteKeys(invite.secret);
		const signature = sign(signSecret, labels.joinInvite, utf8('join'));
		expect(verify(signPublic, signature, labels.joinInvite, utf8('join'))).toBe(true);
		expect(verify(signPublic, signature, labels.joinDevice, utf8('join'))).toBe(false);
	});
});
