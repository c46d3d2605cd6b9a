/** Verifying a colleague, what is remembered of it, and what happens when their keys change. */
import { beforeEach, expect, test } from 'vitest';
import { hex } from '../../../src/crypto/bytes.ts';
import { createDeviceKeys, type DeviceKeys, memberId } from '../../../src/crypto/identity.ts';
import { idToBytes } from '../../../src/sync/log/entry.ts';
import type { Device, Member, MembersState } from '../../../src/sync/office/members/members-state.ts';
import { createVerification, type Verification } from '../../../src/sync/office/roster/verification.ts';
import { type Cell, createCell } from '../../../src/sync/source.ts';
import { createMemoryDisk, createMemoryStore, type MemoryDisk } from '../../support/memory-store.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const random = seededRandom(9);
const officeId = hex(random(32));
const atOnce = { after: (_delayMs: number, fn: () => void) => (queueMicrotask(fn), () => undefined) };
const fresh = (): DeviceKeys => createDeviceKeys(random);

interface Someone {
	readonly id: string;
	readonly name: string;
	readonly devices: readonly DeviceKeys[];
	readonly suspended?: readonly DeviceKeys[];
}
const someone = (name: string, ...devices: readonly DeviceKeys[]): Someone => ({ id: hex(memberId(idToBytes(officeId), devices[0]!.signPublic)), name, devices });

function stateOf(...people: readonly Someone[]): MembersState {
	const devices = new Map<string, Device>();
	const members = new Map<string, Member>();
	for (const { id, name, devices: own, suspended = [] } of people) {
		for (const keys of own) devices.set(hex(keys.signPublic), { id: hex(keys.signPublic), memberId: id, kemPublic: keys.kemPublic, joinedBy: '', broughtBack: false, suspended: suspended.includes(keys) });
		const ids = own.map((keys) => hex(keys.signPublic));
		members.set(id, { id, name, department: '', role: 'member', devices: ids, firstDevice: ids[0]!, inForce: true, suspended: false, seniority: 0, inviteId: undefined, joined: 1 });
	}
	return { members, devices } as unknown as MembersState;
}

const alice = someone('Alice', fresh());
const bo = someone('Bo', fresh());
const phone = fresh();
const boWithPhone = { ...bo, devices: [...bo.devices, phone] };
let disk: MemoryDisk;
let members: Cell<MembersState>;
let verification: Verification;

const open = (self: Someone, on = disk, state = members): Promise<Verification> =>
	createVerification({ officeId, selfDevice: hex(self.devices[0]!.signPublic), members: state, store: createMemoryStore(officeId, on), clock: atOnce });

async function numberOf(one: Verification, other: Someone): Promise<{ number: string; code: string }> {
	const result = await one.commands.safetyNumber(other.id);
	if (!result.ok) throw new Error(result.code);
	return result.value;
}
const standing = (one = verification) => one.standings.get().get(bo.id);

beforeEach(async () => {
	disk = createMemoryDisk();
	members = createCell(stateOf(alice, bo));
	verification = await open(alice);
});

test('both read the same number, and what one screen shows verifies on the other', async () => {
	const atBo = await open(bo, createMemoryDisk());
	const [mine, theirs] = [await numberOf(verification, bo), await numberOf(atBo, alice)];
	expect(mine.number).toBe(theirs.number);
	expect(mine.code).not.toBe(theirs.code);
	expect(standing()).toMatchObject({ verification: 'unverified', keysUnseen: false });
	expect(await verification.commands.markVerified(bo.id, mine.number)).toMatchObject({ ok: true });
	expect(await atBo.commands.compareScanned(alice.id, mine.code)).toMatchObject({ ok: true });
	expect(standing()).toMatchObject({ verification: 'verified', keysUnseen: false });
	expect(atBo.standings.get().get(alice.id)?.verification).toBe('verified');
	expect((await open(alice)).standings.get().get(bo.id)?.verification).toBe('verified');
});

test('a code that is one’s own, somebody else’s, of other keys or none at all verifies nobody', async () => {
	const carol = someone('Carol', fresh());
	members.set(stateOf(alice, bo, carol));
	const atCarol = await open(carol, createMemoryDisk());
	const mallory = someone('Bo', bo.devices[0]!, fresh());
	const atBo = await open(bo, createMemoryDisk(), createCell(stateOf(alice, mallory)));
	const codes = [(await numberOf(verification, bo)).code, (await numberOf(atCarol, alice)).code, (await numberOf(atBo, alice)).code, 'https://example.org'];
	const results = await Promise.all(codes.map((code) => verification.commands.compareScanned(bo.id, code)));
	expect(results.map((result) => !result.ok && result.code)).toEqual(['own-code', 'not-their-code', 'keys-differ', 'not-a-code']);
	expect(standing()?.verification).toBe('unverified');
});

test('of who was verified, a device added later is shown and holds back what is written to them, until it was seen; verified again, all is well', async () => {
	await verification.commands.markVerified(bo.id, (await numberOf(verification, bo)).number);
	const before = (await numberOf(verification, bo)).number;
	members.set(stateOf(alice, boWithPhone));
	expect(standing()).toMatchObject({ verification: 'changed', keysUnseen: true });
	expect(verification.isHeldBack(bo.id)).toBe(true);
	expect((await numberOf(verification, bo)).number).not.toBe(before);
	const restarted = await open(alice);
	expect(restarted.isHeldBack(bo.id)).toBe(true);
	await verification.commands.noteKeyChange(bo.id);
	expect(standing()).toMatchObject({ verification: 'changed', keysUnseen: false });
	expect(verification.isHeldBack(bo.id)).toBe(false);
	await verification.commands.markVerified(bo.id, (await numberOf(verification, bo)).number);
	expect(standing()).toMatchObject({ verification: 'verified', keysUnseen: false });
	// Fewer devices are no other ones.
	members.set(stateOf(alice, bo));
	expect(standing()).toMatchObject({ verification: 'verified', keysUnseen: false });
});

test('of who was never verified a change is shown and holds nothing back', async () => {
	members.set(stateOf(alice, boWithPhone));
	expect(standing()).toMatchObject({ verification: 'unverified', keysUnseen: true });
	expect(verification.isHeldBack(bo.id)).toBe(false);
	await verification.commands.noteKeyChange(bo.id);
	expect(standing()?.keysUnseen).toBe(false);
});

test('a suspended device is given nothing, so it changes nothing until it is confirmed', async () => {
	await verification.commands.markVerified(bo.id, (await numberOf(verification, bo)).number);
	members.set(stateOf(alice, { ...boWithPhone, suspended: [phone] }));
	expect(standing()?.verification).toBe('verified');
	members.set(stateOf(alice, boWithPhone));
	expect(verification.isHeldBack(bo.id)).toBe(true);
});

test('keys that change while two people compare are not what they compared', async () => {
	const shown = await numberOf(verification, bo);
	const atBo = await open(bo, createMemoryDisk());
	const code = (await numberOf(atBo, alice)).code;
	members.set(stateOf(alice, boWithPhone));
	expect(await verification.commands.markVerified(bo.id, shown.number)).toEqual({ ok: false, code: 'keys-changed' });
	expect(await verification.commands.compareScanned(bo.id, code)).toEqual({ ok: false, code: 'keys-differ' });
	expect(standing()?.verification).toBe('unverified');
});

test('A27: a name that is a colleague’s key text, and a device whose id is theirs with another kem key, verify as nobody else', async () => {
	await verification.commands.markVerified(bo.id, (await numberOf(verification, bo)).number);
	const honest = await numberOf(verification, bo);
	// Called like Bo's key, and like his member id.
	const named = someone(hex(bo.devices[0]!.signPublic), fresh());
	const named2 = someone(bo.id, fresh());
	members.set(stateOf(alice, bo, named, named2));
	for (const one of [named, named2]) {
		expect(verification.standings.get().get(one.id)?.verification).toBe('unverified');
		expect((await numberOf(verification, one)).number).not.toBe(honest.number);
		expect(await verification.commands.compareScanned(one.id, (await numberOf(await open(bo, createMemoryDisk()), alice)).code)).toEqual({ ok: false, code: 'not-their-code' });
	}
	// The same device id, another key to seal to.
	members.set(stateOf(alice, { ...bo, devices: [{ ...bo.devices[0]!, kemPublic: fresh().kemPublic }] }));
	expect(verification.isHeldBack(bo.id)).toBe(true);
	expect((await numberOf(verification, bo)).number).not.toBe(honest.number);
});

test('a disk that refuses is told, and nothing counts as verified', async () => {
	const { number } = await numberOf(verification, bo);
	disk.mood = 'full';
	expect(await verification.commands.markVerified(bo.id, number)).toEqual({ ok: false, code: 'disk-full' });
	expect(standing()?.verification).toBe('unverified');
	disk.mood = 'fine';
	await verification.commands.markVerified(bo.id, number);
	await verification.commands.forgetVerification(bo.id);
	expect(standing()?.verification).toBe('unverified');
	expect(await verification.commands.safetyNumber(alice.id)).toEqual({ ok: false, code: 'not-found' });
});
