import { describe, expect, test } from 'vitest';
import { createRefusal } from '../../../src/sync/office/admission/join-messages.ts';
import { verifyJoin } from '../../../src/sync/office/members/join-proof.ts';
import { openWaitingRoom, waitingLifeMs, type Guest } from '../../../src/sync/office/admission/waiting-room.ts';
import { createStory } from '../../support/acts-story.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

const now = 1_800_000_000_000;

function createGuests() {
	const story = createStory();
	const invite = story.invite(story.founder, { maxUses: 0, confirm: true });
	const guest = (name: string, sinceMs = now, person = story.person(name)): Guest => {
		const join = story.join(invite, person, story.founder, name);
		const card = verifyJoin(join);
		if (!card) throw new Error('a JOIN just made holds');
		return { join, card, device: person.device, sinceMs };
	};
	return { story, invite, guest, store: createMemoryStore(story.officeId) };
}

describe('the waiting room', () => {
	test('holds who waits over a restart, oldest first, each once', async () => {
		const { guest, store } = createGuests();
		const room = await openWaitingRoom(store, now);
		const [eve, frank] = [guest('Eve', now - 10), guest('Frank', now - 20)];
		expect([room.add(eve, now), room.add(frank, now), room.add(eve, now)]).toEqual([true, true, false]);
		await Promise.resolve();
		const again = await openWaitingRoom(store, now);
		expect(again.guests.get().map(({ card }) => card.name)).toEqual(['Frank', 'Eve']);
		again.remove(frank.device);
		await Promise.resolve();
		expect((await openWaitingRoom(store, now)).guests.get()).toHaveLength(1);
	});

	test('who takes another name replaces their JOIN, an older one does not come back', async () => {
		const { story, guest, store } = createGuests();
		const room = await openWaitingRoom(store, now);
		const person = story.person('Eve');
		const [first, second] = [guest('Eve', now - 10, person), guest('Evelyn', now, person)];
		room.add(first, now);
		expect(room.add(second, now)).toBe(true);
		expect(room.add(first, now)).toBe(false);
		expect(room.guests.get().map(({ card }) => card.name)).toEqual(['Evelyn']);
	});

	test('64 wait, the 65th is not taken; after 7 days nobody waits', async () => {
		const { guest, store } = createGuests();
		const room = await openWaitingRoom(store, now);
		const one = guest('Eve');
		for (let i = 0; i < 64; i++) expect(room.add({ ...one, device: i.toString(16).padStart(64, '0') }, now)).toBe(true);
		expect(room.add(guest('Frank'), now)).toBe(false);
		room.expire(now + waitingLifeMs + 1);
		expect(room.guests.get()).toEqual([]);
		expect(room.add(guest('Late', now - waitingLifeMs - 1), now)).toBe(false);
		// A clock that runs ahead keeps nobody in for longer.
		room.add(guest('Ahead', now + waitingLifeMs), now);
		expect(room.guests.get()[0]?.sinceMs).toBe(now);
	});

	test('who was refused does not come back through that invite, also after a restart', async () => {
		const { story, invite, guest, store } = createGuests();
		const room = await openWaitingRoom(store, now);
		const eve = guest('Eve');
		room.add(eve, now);
		const refusal = createRefusal(story.officeId, { invitePublic: invite.id, device: eve.device, manager: story.founder.device }, story.founder.keys.signSecret);
		expect([room.refuse(refusal, now), room.refuse(refusal, now)]).toEqual([true, false]);
		expect(room.guests.get()).toEqual([]);
		await Promise.resolve();
		const again = await openWaitingRoom(store, now);
		expect(again.add(eve, now)).toBe(false);
		expect(again.refusals()).toEqual([refusal]);
		again.expire(now + waitingLifeMs + 1);
		expect(again.isRefused(eve.device, invite.id)).toBe(false);
	});

	test('a refusal of who never waited here is kept, also over a restart, and told to nobody: so it dies out', async () => {
		const { story, invite, guest, store } = createGuests();
		const room = await openWaitingRoom(store, now);
		const eve = guest('Eve');
		room.refuse(createRefusal(story.officeId, { invitePublic: invite.id, device: eve.device, manager: story.founder.device }, story.founder.keys.signSecret), now);
		await Promise.resolve();
		for (const one of [room, await openWaitingRoom(store, now)]) {
			expect(one.add(eve, now)).toBe(false);
			expect(one.refusals()).toEqual([]);
		}
	});
});
