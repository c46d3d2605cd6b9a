import { describe, expect, test } from 'vitest';
import { concat, hex, utf8 } from '../../../src/crypto/bytes.ts';
import { derive, sha256 } from '../../../src/crypto/hash.ts';
import { labels } from '../../../src/crypto/labels.ts';
import * as mesh from '../../../src/crypto/mesh-key.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const random = seededRandom(6);
const key = random(32);
const device = random(32);

describe('a generation', () => {
	test('commits to its key and is named by 8 bytes of that', () => {
		const commit = mesh.meshCommit(key);
		expect(commit).toEqual(sha256(concat(utf8('LANDLINE/1/mesh-commit\0'), key)));
		expect(mesh.meshKeyId(commit)).toEqual(commit.slice(0, 8));
	});

	test('gives three keys, none of them the mesh key', () => {
		const { topic, signal, content } = mesh.deriveMesh(key);
		expect(new Set([key, topic, signal, content, mesh.meshCommit(key)].map(hex)).size).toBe(5);
		for (const each of [topic, signal, content]) expect(each).toHaveLength(32);
	});
});

describe('topics', () => {
	const { topic } = mesh.deriveMesh(key);

	test('are 16 bytes of hex, as PROTOCOL.md has them', () => {
		expect(mesh.officeTopic(topic)).toBe(hex(derive(topic, labels.meshTopic, utf8('office')).slice(0, 16)));
		expect(mesh.inboxTopic(topic, device)).toBe(hex(derive(topic, labels.meshTopic, device).slice(0, 16)));
	});

	test('differ by key and device, and tell neither', () => {
		const other = random(32);
		const all = [mesh.officeTopic(topic), mesh.inboxTopic(topic, device), mesh.inboxTopic(topic, other), mesh.officeTopic(other), mesh.joinOfficeTopic(random(32)), mesh.joinInboxTopic(other, device)];
		expect(new Set(all).size).toBe(6);
		for (const each of all) expect(each).toMatch(/^[0-9a-f]{32}$/);
	});
});

describe('content keys', () => {
	test('A02: differ by every part of the place', () => {
		const root = random(32);
		const at = (kind: number, author: Uint8Array, lane: number, seq: number): string => hex(mesh.contentKey(root, kind, author, lane, seq));
		const places = [at(80, device, 1, 7), at(81, device, 1, 7), at(80, key, 1, 7), at(80, device, 2, 7), at(80, device, 1, 8), hex(mesh.contentKey(key, 80, device, 1, 7))];
		expect(new Set(places).size).toBe(6);
		expect(at(80, device, 1, 7)).toBe(places[0]);
	});
});
