import { expect, test } from 'vitest';
import { hex } from '../../../src/crypto/bytes.ts';
import { openJoinMemory } from '../../../src/sync/office/members/join-memory.ts';
import { verifyJoin } from '../../../src/sync/office/members/join-proof.ts';
import { createStory } from '../../support/acts-story.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

test('a JOIN verified once is known at the next start, by all of its bytes', async () => {
	const story = createStory();
	const join = story.join(story.invite(story.founder), story.person('Eve'), story.founder);
	const store = createMemoryStore(story.officeId);
	const first = await openJoinMemory(store);
	expect(first(join)).toEqual(verifyJoin(join));
	const bent = { ...join, session: hex(story.random(32)) };
	expect(first(bent)).toBeUndefined();
	await new Promise((resolve) => setTimeout(resolve, 10));

	const second = await openJoinMemory(store);
	expect(second(join)).toEqual(verifyJoin(join));
	const startedMs = performance.now();
	for (let i = 0; i < 1000; i++) second(join);
	expect(performance.now() - startedMs).toBeLessThan(1000);
	expect(second(bent)).toBeUndefined();
	expect(second({ ...join, deviceSignature: story.random(64) })).toBeUndefined();
});

test('a memory of damaged length forgets and checks again', async () => {
	const story = createStory();
	const join = story.join(story.invite(story.founder), story.person('Eve'), story.founder);
	const store = createMemoryStore(story.officeId);
	await store.put('snapshots', 'verified-joins', story.random(50));
	expect((await openJoinMemory(store))(join)?.name).toBe('Eve');
});
