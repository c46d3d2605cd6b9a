/** Prekeys go 30 days after their successor, but not before what was sealed to them is read. */
import { expect, test } from 'vitest';
import { directId } from '../../src/sync/office/conversations/conversation-content.ts';
import { createContentOffice, must } from '../support/content-office.ts';

const dayMs = 86_400_000;

test('mail that waited at a colleague while one was away for long is read, though sealed to an old key', async () => {
	const office = await createContentOffice(['Alice', 'Bob']);
	const { clock, network } = office;
	const [alice, bob] = [office.who('Alice'), office.who('Bob')];
	const direct = directId(office.officeId, alice.member, bob.member);
	office.connect();
	must(await bob.office.sendMessage(direct, 'hello'));
	clock.jump(8 * dayMs);
	must(await bob.office.sendMessage(direct, 'a week later, under a first prekey'));
	await clock.advance(30_000);
	network.disconnect(alice.id, bob.id);
	// Alice does not hear of Bob's second prekey.
	clock.jump(8 * dayMs);
	must(await bob.office.sendMessage(direct, 'under a second'));
	must(await alice.office.sendMessage(direct, 'are you still there?'));
	clock.jump(40 * dayMs);

	await bob.restart();
	await clock.advance(5_000);
	network.connect(alice.id, bob.id);
	await clock.advance(60_000);
	expect(bob.texts(direct)).toContain('are you still there?');
	expect([...bob.disk.records.keys()].filter((key) => key.startsWith('keys/prekey-'))).toHaveLength(1);
});
