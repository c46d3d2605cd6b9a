/**
 * A browser profile restored from a backup (DESIGN.md, D10): before it writes it asks its colleagues for its own newest entries; where it could not, and
 * has written on beside itself, it starts anew as another device of the same person. Whole tabs on real IndexedDB, over signals and links in memory.
 */
import 'fake-indexeddb/auto';
import { afterEach, expect, test, vi } from 'vitest';
import type { Landline } from '../../src/sync/landline.ts';
import { everyoneId, type Office } from '../../src/sync/office.ts';
import { createDevice, foundHere, reaches, type Device, type Wires } from '../support/device.ts';
import { createFakeSignaling } from '../support/fake-signaling.ts';
import { createFakeNetwork } from '../support/fake-wrtc.ts';
import { must } from '../support/whole-office.ts';

const devices: Device[] = [];
const patient = { timeout: 40_000, interval: 50 };

afterEach(async () => {
	for (const device of devices.splice(0)) await device.close();
});

const keep = (device: Device): Device => {
	devices.push(device);
	return device;
};

const officeOf = (landline: Landline): Office => {
	const stage = landline.stage.get();
	if (stage.kind !== 'open') throw new Error(`no office is open: ${stage.kind}`);
	return stage.office;
};

async function opened(device: Device): Promise<{ landline: Landline; office: Office }> {
	const landline = device.tab();
	await reaches(landline, 'open');
	return { landline, office: officeOf(landline) };
}

const texts = (office: Office, id = everyoneId): readonly string[] => office.messages(id).get().map(({ text }) => text);
const linked = (office: Office): Promise<void> => vi.waitFor(() => expect(office.connection.get().linked).toBe(1), patient);

/** Alice founds, Bob joins; he writes to everyone and to her; then his profile is backed up, and he writes on. */
async function story(): Promise<{ alice: Device; bob: Device; backup: Device; wires: Wires; direct: string; officeId: string }> {
	const wires: Wires = { signaling: createFakeSignaling(), network: createFakeNetwork() };
	const alice = keep(createDevice(undefined, wires));
	const { office: hers } = await foundHere(alice);
	const link = must(await hers.createInvite({ uses: 1, confirm: false, role: 'member', days: 1, label: '' })).link ?? '';
	const bob = keep(createDevice(undefined, wires));
	const tab = bob.tab();
	await reaches(tab, 'first-visit');
	must(await tab.join(link, 'Bob', ''));
	await vi.waitFor(() => expect(tab.stage.get().kind).toBe('open'), patient);
	await linked(officeOf(tab));
	must(await officeOf(tab).sendMessage(everyoneId, 'before the backup'));
	const direct = must(await officeOf(tab).startConversation([officeOf(tab).people.get().find(({ name }) => name === 'Alice')!.id], ''));
	must(await officeOf(tab).sendMessage(direct, 'between us'));
	await vi.waitFor(() => expect(texts(hers, direct)).toContain('between us'), patient);
	await bob.close();
	const backup = keep(await bob.copy());
	const later = await opened(bob);
	await linked(later.office);
	must(await later.office.sendMessage(everyoneId, 'after the backup'));
	await vi.waitFor(() => expect(texts(hers)).toContain('after the backup'), patient);
	await bob.close();
	return { alice, bob, backup, wires, direct, officeId: hers.id };
}

test('with a colleague in reach it takes up its own newest entries before it writes, and nothing has happened', async () => {
	const { backup } = await story();
	const { office } = await opened(backup);
	// Written at once: it waits until the colleagues were asked.
	must(await office.sendMessage(everyoneId, 'from the old profile'));
	await vi.waitFor(() => expect(texts(office)).toEqual(['before the backup', 'after the backup', 'from the old profile']), patient);
	expect(office.connection.get().readOnly).toBe('');
}, 90_000);

test('alone it wrote on beside itself: it is told, starts anew by a manager’s link, is the same person, and has kept what it had read', async () => {
	const { alice, backup, direct } = await story();
	await alice.close();
	const { landline, office } = await opened(backup);
	must(await office.sendMessage(everyoneId, 'into the fork'));
	expect(await landline.startAnew('nonsense')).toEqual({ ok: false, code: 'invite-damaged' });
	const { office: hers } = await opened(alice);
	await vi.waitFor(() => expect(office.connection.get().readOnly).toBe('forked'), patient);
	expect(await office.sendMessage(everyoneId, 'more')).toEqual({ ok: false, code: 'forked' });
	const before = office.self.get();

	const back = must(await hers.createReturn(before.id));
	const foreign = must(await (await foundHere(keep(createDevice()))).office.createInvite({ uses: 1, confirm: true, role: 'member', days: 1, label: '' }));
	expect(await landline.startAnew(foreign.link ?? '')).toEqual({ ok: false, code: 'other-office' });
	must(await landline.startAnew(back.link ?? ''));
	await reaches(landline, 'joining');
	await vi.waitFor(() => expect(hers.waiting.get()).toMatchObject([{ bringsBack: 'Bob' }]), patient);

	// Called off it is what it was, with all it had; and it may begin again.
	await landline.cancelJoin();
	await reaches(landline, 'open');
	await vi.waitFor(() => expect(officeOf(landline).connection.get().readOnly).toBe('forked'), patient);
	expect(officeOf(landline).self.get().identicon).toBe(before.identicon);
	await vi.waitFor(() => expect(texts(officeOf(landline), direct)).toEqual(['between us']), patient);
	await vi.waitFor(() => expect(hers.waiting.get()).toEqual([]), patient);

	const again = must(await hers.createReturn(before.id));
	must(await landline.startAnew(again.link ?? ''));
	await vi.waitFor(() => expect(hers.waiting.get()).toHaveLength(1), patient);
	must(await hers.letIn(hers.waiting.get()[0]!.id));
	await vi.waitFor(() => expect(landline.stage.get().kind).toBe('open'), patient);
	const anew = officeOf(landline);
	await linked(anew);
	expect(anew.self.get()).toMatchObject({ id: before.id, name: 'Bob' });
	expect(anew.self.get().devices.map(({ id }) => id)).not.toEqual(before.devices.map(({ id }) => id));
	expect(anew.connection.get().readOnly).toBe('');
	await vi.waitFor(() => expect(texts(anew, direct)).toEqual(['between us']), patient);
	must(await anew.sendMessage(everyoneId, 'here again'));
	must(await anew.sendMessage(direct, 'and here'));
	await vi.waitFor(() => expect(texts(hers)).toContain('here again'), patient);
	// Alice is told that Bob came back, and reads him all the same.
	expect(hers.people.get().find(({ id }) => id === before.id)).toMatchObject({ cameBack: true, devices: [{ suspended: false }] });
	await vi.waitFor(() => expect(texts(hers, direct)).toEqual(['between us', 'Bob has a new device', 'and here']), patient);
	expect(texts(hers)).not.toContain('into the fork');

	// After a restart it is the new device, and the old keys are gone from the disk.
	await backup.close();
	const last = await opened(backup);
	expect(last.office.self.get().id).toBe(before.id);
	expect(last.office.connection.get().readOnly).toBe('');
}, 180_000);
