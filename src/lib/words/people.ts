/** The texts about people: who is in, what they may do, whether their keys are known. */
import type { Availability, OwnAvailability, Person, Role } from '../../sync/office.ts';
import { moment } from '../times.ts';

export const people = {
	list: 'People',
	find: 'Find people',
	none: 'Nobody of that name.',
	alone: 'You are the first one here. Invite your colleagues.',
	askManager: 'You are the only one here. A manager invites further colleagues.',
	choose: 'Choose a person to see more.',
	message: 'Message',
	block: 'Block',
	unblock: 'Unblock',
	blockedFact: 'Blocked on this device: what they write to you is not shown',
	blocked: (name: string) => `${name} is blocked on this device. They are not told.`,
	unblocked: (name: string) => `You see again what ${name} writes.`,
	changeRole: 'Change role',
	role: 'Role',
	roleSaved: (name: string, role: string) => `${name} is now ${role}.`,
	remove: 'Remove from office',
	removeTitle: (name: string) => `Remove ${name}?`,
	removeText: 'They read nothing new from now on, and what they write is refused everywhere. They keep what they have. Invites that let people in without a manager lapse; make new ones.',
	removeYes: 'Remove',
	removed: (name: string) => `${name} is no longer in the office.`,
	back: {
		open: 'New device for them',
		text: (name: string) => `For ${name}, whose browser was cleared or whose computer is lost: with this link they come back as the same person.`,
		effect: 'When you have compared the code and let them in, all their devices before are cut off, and everybody is told. Earlier conversations do not come back by themselves.',
		create: 'Create link',
	},
	devices: 'Devices',
	device: (since: string) => `Device since ${since}`,
	removeDevice: (device: string) => `Remove ${device}`,
	removeDeviceTitle: (since: string) => `Remove the device of ${since}?`,
	removeDeviceText: 'Nothing new reaches that device from now on. The person stays in the office with their others.',
	removedDevice: (device: string) => `${device} is out.`,
	held: 'waits for a manager',
	onlyOwner: 'You are the only owner. Name a second one: open a person, then “Change role”. Otherwise only the printed recovery key helps if you lose your computer.',
	you: 'You',
	department: 'Department',
	invitedBy: 'Came by invite',
	lastSeen: 'Last seen',
	noDepartment: 'No department',
	ownHere: 'Change your name and department in Settings.',
	inOffice: (inside: number) => (inside === 0 ? 'Nobody else is in' : inside === 1 ? '1 colleague is in' : `${String(inside)} colleagues are in`),
};

export const names = {
	availability: { available: 'available', away: 'away', busy: 'busy', offline: 'offline', unknown: 'unknown' } satisfies Record<Availability, string>,
	own: { available: 'Available', away: 'Away', busy: 'Busy', invisible: 'Invisible' } satisfies Record<OwnAvailability, string>,
	ownHint: {
		available: 'Away by itself after 5 idle minutes',
		away: 'Back later',
		busy: 'Please write only if it matters',
		invisible: 'Others see you as offline',
	} satisfies Record<OwnAvailability, string>,
	role: { member: 'Member', manager: 'Manager', owner: 'Owner' } satisfies Record<Role, string>,
	roleHint: {
		member: 'Writes, reads, shares.',
		manager: 'Also posts notices, invites people and lets them in.',
		owner: 'Also names managers and owners.',
	} satisfies Record<Role, string>,
};

export const verify = {
	open: 'Verify',
	title: (name: string) => `Verify ${name}`,
	how: (name: string) => `Meet ${name}, or call. Open each other under People and press “Verify”. If nobody stands between you, both screens show this number.`,
	number: 'Safety number',
	qr: 'Safety number QR code',
	match: 'They match',
	noMatch: 'They do not match',
	scan: 'Scan their code',
	stopCamera: 'Stop the camera',
	cameraPicture: 'Picture of the camera',
	cameraHint: 'Hold the code on their screen before the camera.',
	camera: {
		denied: 'The browser does not give Landline the camera. Allow it beside the address, or compare the numbers.',
		missing: 'No camera was found, or another program has it. Compare the numbers instead.',
	},
	withoutCamera: 'Compare by text instead',
	pasteHint: 'Send each other the code by another way than Landline, one you trust.',
	copyCode: 'Copy my code',
	codeCopied: 'Code copied.',
	theirCode: 'Their code',
	compare: 'Compare',
	done: (name: string) => `${name} is verified on this device.`,
	differ: (name: string) => `Then write nothing confidential to ${name} here. First make sure that both of you look at the same office and at each other. If the numbers still differ, tell a manager.`,
	changedMeanwhile: 'The number has just changed, because one of you has another device now. Please compare the new one.',
	again: 'Verify again',
	writeAnyway: 'I have seen it, go on',
	seen: 'I have seen it',
	changed: (name: string) => `${name}’s keys changed: a device was added or replaced. What you write goes to it too.`,
	cameBack: (name: string) => `${name} is back with a new device in place of all before, by a manager’s word. Nothing you write to them directly is sent until you have seen this. Compare the safety number, or ask them in person.`,
	changedHeld: (name: string) => `${name}’s keys changed since you verified them: a device was added or replaced. Nothing you write is sent until you have seen this.`,
	state: { verified: 'Verified by you', unverified: 'Not verified', changed: 'Keys changed since you verified them' } satisfies Record<Person['verification'], string>,
	fact: 'Keys',
};

/** "available, in a meeting till 3", "unknown, last seen 14:05", "offline". */
export function presenceWords(person: Person, nowMs: number): string {
	const parts: string[] = [names.availability[person.availability]];
	if (person.availability === 'unknown' && person.lastSeenMs > 0) parts.push(`last seen ${moment(person.lastSeenMs, nowMs)}`);
	if (person.note !== '') parts.push(person.note);
	return parts.join(', ');
}
