/** The texts of the office’s record, and how its acts and its check are said. */
import type { RecordAct, RecordCheck, RecordLine, Role } from '../../sync/office.ts';

export const record = {
	title: 'Record of the office',
	lede: 'Who came, who left, who may do what, which keys and which rules: every act, as its author signed it. It can be added to, never changed. Times are those of each author’s clock. What people write to each other is no part of it.',
	check: 'Check the record',
	checking: 'Checking…',
	save: 'Save as a table',
	fileName: 'record-of-the-office.csv',
	columns: ['Time', 'By', 'What', 'Counts', 'Entry'],
	show: 'Show',
	topics: { all: 'Everything', people: 'People', roles: 'Roles', invites: 'Invites', keys: 'Keys and devices', rules: 'Rules', notices: 'Notices', void: 'What does not count' },
	standing: {
		'in-force': 'in force',
		void: 'not in force: the author had no right to it',
		excluded: 'not in force: something the author did not know of took it out',
	} satisfies Record<RecordLine['standing'], string>,
	none: 'Nothing of that kind.',
	more: (count: number) => `Show earlier (${String(count)} more)`,
};

/** Under which heading of the filter an act is found. */
export const recordTopics: Record<RecordAct, keyof typeof record.topics> = {
	genesis: 'people',
	admit: 'people',
	hold: 'people',
	confirm: 'people',
	profile: 'people',
	leave: 'people',
	removeMember: 'people',
	setRole: 'roles',
	ownerTransfer: 'roles',
	invite: 'invites',
	inviteBack: 'invites',
	bringBack: 'people',
	inviteRevoke: 'invites',
	meshRekey: 'keys',
	addDevice: 'keys',
	removeDevice: 'keys',
	forkProof: 'keys',
	policy: 'rules',
	department: 'rules',
	notice: 'notices',
	noticeWithdraw: 'notices',
	roll: 'notices',
	unknown: 'rules',
};

const aRole: Record<Role, string> = { member: 'a member', manager: 'a manager', owner: 'an owner' };

/** "Ana Costa let in Ben Ode through “Front desk”". */
export function recordSentence({ what, author, subject, label, role }: RecordLine): string {
	const invite = label === '' ? 'an invite' : `the invite “${label}”`;
	const sentences: Record<RecordAct, string> = {
		genesis: `${author} founded the office`,
		meshRekey: `${author} drew a new key for the office`,
		invite: `${author} made ${invite}${role ? ` for ${aRole[role]}` : ''}`,
		inviteBack: `${author} made an invite for ${subject} to come back with a new device`,
		bringBack: `${author} let ${subject} back in with a new device in place of the old ones`,
		inviteRevoke: `${author} revoked ${invite}`,
		admit: `${author} let in ${subject}${label === '' ? '' : ` through “${label}”`}`,
		hold: `${author} suspended a device of ${subject}`,
		confirm: `${author} confirmed a device of ${subject}`,
		profile: `${author} changed name or department: “${label}”`,
		policy: `${author} changed the rules`,
		setRole: `${author} made ${subject} ${role ? aRole[role] : ''}`,
		notice: `${author} posted a notice`,
		noticeWithdraw: `${author} withdrew a notice`,
		roll: `${author} filed who acknowledged a notice`,
		leave: `${author} left the office`,
		removeMember: `${author} removed ${subject} from the office`,
		removeDevice: `${author} removed a device of ${subject}`,
		addDevice: `${author} added a device`,
		ownerTransfer: `${author} made ${subject} an owner with the recovery key`,
		department: label === '' ? `${author} dissolved a department` : `${author} put together the department “${label}”`,
		forkProof: `${author} showed that a device of ${subject} wrote two histories`,
		unknown: `${author} did something that this version does not understand`,
	};
	return sentences[what];
}

/** What checking the record has found: one good sentence, or all that is wrong. */
export function checkSentences({ entries, devices, faults, waiting, forked }: RecordCheck): { good: string; faults: readonly string[] } {
	const number = (value: number): string => value.toLocaleString('en');
	const counted = `${number(entries)} ${entries === 1 ? 'entry' : 'entries'} of ${number(devices)} ${devices === 1 ? 'device' : 'devices'} checked.`;
	const wrong: Record<(typeof faults)[number]['what'], string> = {
		altered: 'is not what was written',
		gap: 'does not follow the one before it',
		unsigned: 'does not bear its author’s signature',
	};
	const found = [
		...faults.map(({ author, seq, what }) => `Entry ${number(seq + 1)} of a device of ${author} ${wrong[what]}.`),
		...forked.map((name) => `A device of ${name} has shown two different histories. What it wrote from there on does not count.`),
		...(waiting > 0 ? [`${number(waiting)} ${waiting === 1 ? 'entry waits' : 'entries wait'} for others that a colleague still has to send.`] : []),
	];
	return found.length === 0 ? { good: `${counted} Nothing is missing or altered.`, faults: [] } : { good: '', faults: [counted, ...found] };
}
