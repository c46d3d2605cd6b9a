/** A person with two devices talks: both receive, and what is read on one is read on the other. */
import { expect, test } from 'vitest';
import { encodeCard, sign } from '../../src/crypto/identity.ts';
import { labels } from '../../src/crypto/labels.ts';
import { idToBytes, lanes } from '../../src/sync/log/entry.ts';
import { type Log, openLog } from '../../src/sync/log/log.ts';
import { createContent } from '../../src/sync/office/conversations/content.ts';
import { createActWriter } from '../../src/sync/office/members/act-writer.ts';
import { createMembersView } from '../../src/sync/office/members/members.ts';
import { createContentOffice, must } from '../support/content-office.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { seededRandom } from '../support/seeded-random.ts';

test('a further device receives from then on, writes as the same person, and shares what was read', async () => {
	const { who, clock, connect, story, officeId, roots } = await createContentOffice(['Alice', 'Bo']);
	const [alice, bo] = [who('Alice'), who('Bo')];
	connect();
	await clock.advance(5000);
	const direct = must(await alice.office.startConversation([bo.member], ''));
	must(await alice.office.sendMessage(direct, 'to one device'));
	await clock.advance(1000);
	const person = story.person('Bo');
	const card = encodeCard({ officeId: idToBytes(officeId), signPublic: person.keys.signPublic, kemPublic: person.keys.kemPublic, name: 'Bo' }, person.keys.signSecret);
	const newSignature = sign(person.keys.signSecret, labels.addDevice, idToBytes(officeId), idToBytes(bo.id));
	must(await createActWriter({ log: bo.log, members: bo.members }).write({ type: 'addDevice', card, newSignature }));
	await clock.advance(1000);

	const log = await openLog({ officeId, keys: person.keys, store: createMemoryStore(officeId), clock, fresh: true });
	const view = createMembersView({ log });
	const deliveries = { covers: () => false, linked: () => false, decrypted: () => undefined, subscribe: () => () => undefined };
	const second = await createContent({ officeId, keys: person.keys, log, store: createMemoryStore(officeId), members: view.state, roots, deliveries, clock, random: seededRandom(3) });
	const carry = async (from: Log, to: Log, devices: readonly string[]): Promise<void> => {
		for (const device of devices) for (const lane of [lanes.office, lanes.mail] as const) await to.accept(from.range(device, lane, 0));
		await clock.advance(1000);
	};
	must(await alice.office.sendMessage(direct, 'to both'));
	await clock.advance(1000);
	await carry(alice.log, log, [alice.id, bo.id]);
	const texts = () => second.part.messages(direct).get().map(({ text, own }) => [text, own]);
	expect(texts()).toEqual([['to both', false]]);

	const unread = () => bo.office.conversations.get().find((one) => one.id === direct)?.unread;
	expect(unread()).toBe(2);
	await second.part.markRead(direct);
	must(await second.part.sendMessage(direct, 'by the second'));
	await clock.advance(1000);
	for (const to of [alice.log, bo.log]) await carry(log, to, [person.device]);
	expect(unread()).toBe(0);
	expect(bo.office.messages(direct).get().at(-1)).toMatchObject({ text: 'by the second', own: true, author: bo.member });
	expect(alice.office.messages(direct).get().map(({ text, authorName }) => [text, authorName])).toEqual([
		['to one device', 'Alice'],
		['Bo has a new device', 'Bo'],
		['to both', 'Alice'],
		['by the second', 'Bo'],
	]);
	expect(alice.office.messages(direct).get()[2]).toMatchObject({ state: 'read' });

	must(await bo.office.sendMessage(direct, 'by the first'));
	await clock.advance(1000);
	await carry(bo.log, log, [bo.id]);
	expect(texts()).toEqual([['to both', false], ['by the second', true], ['by the first', true]]);
	await second.stop();
});
