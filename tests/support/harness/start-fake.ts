/** Stands in for `src/routes/start-landline.ts`: what to show comes from localStorage, set by the script that takes the pictures. */
import type { KeyKind, Landline, Stage } from '../../../src/sync/landline.ts';
import type { Connection } from '../../../src/sync/office.ts';
import { createFakeLandline } from '../fake-landline.ts';
import { createFakeOffice } from '../fake-office.ts';

export function startLandline(): Landline {
	const wish = JSON.parse(localStorage.getItem('fake') ?? '{}') as {
		stage?: Stage['kind'];
		alone?: boolean;
		door?: boolean;
		role?: 'member' | 'owner';
		waiting?: boolean;
		/** Somebody is in already, and held. */
		contested?: boolean;
		trouble?: boolean;
		joining?: 'waiting' | 'failed' | 'name-taken' | 'reaching' | 'comparing';
		/** Somebody knocks. */
		knock?: boolean;
		/** A passphrase, a passkey and a code protect the device. */
		protected?: boolean;
		/** Ways to unlock. */
		ways?: readonly KeyKind[];
		/** There is another office. */
		two?: boolean;
		connection?: Partial<Connection>;
		/** What Ana's new keys mean. */
		keys?: 'changed' | 'unverified';
		/** Ana is blocked. */
		blocked?: boolean;
		/** A passkey alone protects the device. */
		passkeyAlone?: boolean;
	};
	const office = createFakeOffice({ alone: wish.alone ?? false, role: wish.role ?? 'owner' });
	const landline = createFakeLandline(wish.stage ?? 'open', office);
	if (wish.door) landline.stage.set({ kind: 'first-visit', door: 'AQAAgoodinvite' });
	if (wish.joining === 'waiting') landline.joining.set({ step: 'waiting', officeName: office.name, code: '4829 1304 7716 2085', comesBack: false });
	if (wish.joining === 'failed') landline.joining.set({ step: 'failed', code: 'invite-expired' });
	if (wish.joining === 'name-taken') landline.joining.set({ step: 'failed', code: 'name-taken' });
	if (wish.joining === 'reaching') landline.joining.set({ step: 'reaching', officeHint: office.name, name: 'Ben Ode' });
	if (wish.joining === 'comparing') landline.joining.set({ step: 'comparing', officeName: office.name, code: '4829 1304 7716 2085' });
	if (wish.knock) office.knocks.set([{ id: 'k1', member: office.people.get()[1]?.id ?? '', name: 'Ana Costa', atMs: Date.now() }]);
	if (wish.waiting) office.waiting.set([{ id: 'w1', name: 'Lena Fischer', code: '4829 1304 7716 2085', sinceMs: Date.now(), contested: false, bringsBack: '' }]);
	if (wish.contested) office.waiting.set([...office.waiting.get(), { id: 'w2', name: 'دانا حداد', code: '0071 6620 9914 3508', sinceMs: Date.now(), contested: true, bringsBack: '' }]);
	if (wish.blocked) void office.block(office.people.get()[1]?.id ?? '', true);
	if (wish.passkeyAlone) landline.vault.protection.set({ ways: ['passkey'], passkeys: 1, lockAfterMinutes: 5 });
	if (wish.connection) office.connection.set({ ...office.connection.get(), ...wish.connection });
	if (wish.trouble) office.connection.set({ linked: 3, online: 5, server: 'unreachable', newBuild: false, readOnly: 'newer-office', removedBy: '', code: '', list: 'current', clockOffMs: 3_000_000 });
	if (wish.protected) landline.vault.protection.set({ ways: ['passphrase', 'passkey', 'recovery-code'], passkeys: 1, lockAfterMinutes: 15 });
	if (wish.ways) landline.stage.set({ kind: 'locked', officeId: office.id, ways: wish.ways });
	if (wish.two) landline.offices.set([...landline.offices.get(), { id: 'c47be25d8830a1f4'.repeat(4), openedMs: Date.now() - 86_400_000 }]);
	const { keys } = wish;
	if (keys) office.people.set(office.people.get().map((person, index) => (index === 1 ? { ...person, verification: keys, keysUnseen: true } : person)));
	(globalThis as { fake?: unknown }).fake = landline;
	return landline;
}
