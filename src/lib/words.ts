/** Every text of the interface, in English, and how the core's codes and states are said (UI.md, "Words"). */
import type { FailureCode } from '../sync/failures.ts';
import type { Availability, Connection, Conversation, Message, OwnAvailability, Person, Role } from '../sync/office.ts';
import { moment } from './times.ts';

export const words = {
	landline: 'Landline',
	nothingHere: 'There is nothing at this address.',
	toChats: 'To the chats',
	places: { chats: 'Chats', placard: 'Placard', people: 'People', settings: 'Settings' },
	main: 'Main',
	skip: 'Skip to content',
	back: 'Back',
	close: 'Close',
	cancel: 'Cancel',
	save: 'Save',
	copy: 'Copy',
	copied: 'Copied.',
	copyFailed: 'The browser did not let Landline copy. Select the text and copy it by hand.',
	starting: 'Opening Landline…',
	start: {
		lede: 'The messenger of one office. Everything stays on your own computers.',
		create: 'Create an office',
		createHint: 'You are the first here. You will be its owner.',
		haveInvite: 'I have an invite',
		haveInviteHint: 'A colleague sent you a link.',
		inviteLink: 'Invite link',
		continue: 'Continue',
		officeName: 'Office name',
		yourName: 'Your name',
		passphrase: 'Passphrase (optional)',
		passphraseHint: 'Asked for when Landline starts on this computer. Nobody can look it up for you.',
		createOffice: 'Create office',
		nameHint: 'As your colleagues know you.',
	},
	recovery: {
		title: 'Recovery key',
		why: 'If every owner of this office loses their computer, this key makes a new owner. It is shown only now. Keep it on paper, where you keep contracts.',
		print: 'Print',
		wrote: 'I wrote it down',
		kept: 'I have kept it',
		sheetTitle: (office: string) => `Recovery key of ${office}`,
		sheetText:
			'Keep this sheet locked away. Whoever holds this key can name a new owner of the office. It opens no conversation and reads nothing.',
		sheetDate: (when: string) => `Printed on ${when}`,
	},
	join: {
		title: 'Join the office',
		to: (hint: string) => `You are invited to ${hint}.`,
		joinOffice: 'Join office',
		looking: 'Looking for a colleague who is online…',
		lookingHint: 'This page goes on looking. You may leave it open. If colleagues are in and nothing happens, the invite may be too old: ask for a new one.',
		waiting: 'Waiting for a manager to let you in',
		code: 'Your code:',
		codeHint: 'A manager sees the same code. Read it to them, so that both know it is you.',
		receiving: 'You are in. Fetching what you need…',
		noInvite: 'This address holds no invite. Paste the link that you were given.',
		cancel: 'Cancel joining',
		suspended: 'A manager has to confirm you first',
		suspendedHint: 'The invite you came by was taken back, or used more often than it may be. Managers see this. Talk to one of them.',
		device: {
			title: 'Link this device',
			of: (name: string, office: string) => `This browser becomes another device of ${name} in ${office}.`,
			link: 'Link this device',
			reaching: 'Looking for your other device…',
			reachingHint: 'Leave Landline open there, with the link on its screen.',
			comparing: 'Compare the code on your other device',
			codeHint: 'Your other device shows a code too. If both are the same, choose “Add” there.',
			cancel: 'Cancel linking',
		},
	},
	locked: { title: 'Unlock Landline', passphrase: 'Passphrase', unlock: 'Unlock', forgot: 'Forgot passphrase' },
	forgotText: 'Nobody can look up your passphrase. Ask a manager for a new invite and join again; your colleagues still carry what was said in the office.',
	secondTab: {
		title: 'Landline is open in another tab',
		text: 'Only one tab at a time may write. The other one lets go as soon as you ask.',
		here: 'Use Landline here',
	},
	cleared: {
		title: "This browser's data was cleared",
		text: 'Landline was here before, but its keys and messages are gone from this browser. Nothing was made up in their place. Your colleagues still carry the office: with an invite you can join it again.',
		startOver: 'Start over',
	},
	broken: {
		title: 'Landline cannot open its data',
		newer: 'A newer Landline has written the data of this browser. Reload the page to get it. If that does not help, the computer that serves Landline has an older version than before.',
		unreadable: 'The data in this browser is there but cannot be read. Close all other tabs of Landline and reload. Nothing has been overwritten.',
		disk: 'The browser could not open its storage. Check that the disk is not full and that this is not a private window, then reload.',
		reload: 'Reload',
	},
	crash: {
		title: 'Something in Landline has broken',
		text: 'What was stored is kept. Reload the page. If it happens again, copy the details for the person who looks after your computers.',
		details: 'Details',
		reload: 'Reload',
	},
	needs: {
		insecure: 'This page is not a secure context, so the browser keeps Landline from working.',
		insecureWhy: 'It was opened by plain http on another computer. Browsers allow keys, storage and links between colleagues only over https.',
		insecureDo: 'Open the address that begins with https. If there is none yet, the person who looks after the computers gives the server a certificate: the guide says how.',
		webrtc: 'WebRTC is missing in this browser, so it cannot reach your colleagues.',
		webrtcWhy: 'A policy or an extension has switched it off, or the browser is too old.',
		webrtcDo: 'Use a current Chrome, Edge or Firefox, or ask for WebRTC to be allowed for this address.',
		storage: 'This browser gives Landline no storage.',
		storageWhy: 'Private windows and some policies switch IndexedDB off. Without it your keys and messages would be lost with the page.',
		storageDo: 'Open Landline in a normal window, or ask for storage to be allowed for this address.',
		worker: 'The service worker could not be installed, so Landline will not start while its server is off.',
		workerWhyCertificate: 'Mostly the browser does not trust the server’s certificate. Clicking a warning away is not enough for this part.',
		workerWhyMissing: 'This browser offers no service worker here: a private window, or a policy.',
		workerDo: 'Let the person who looks after the computers install the certificate. All the rest of Landline works.',
	},
	shell: {
		myStatus: 'My status',
		statusNote: 'Status note',
		noteHint: 'In a meeting till 3',
		noteSaved: 'Status saved.',
		availability: 'Availability',
		idle: 'Shown as away until you are back',
		waitingRegion: 'Waiting to join',
		letIn: (name: string) => `Let in ${name}`,
		refuse: (name: string) => `Refuse ${name}`,
		letInShort: 'Let in',
		refuseShort: 'Refuse',
		compare: 'Compare the code with the one on their screen.',
		newVersion: 'A new version is ready',
		reload: 'Reload',
		readOnlyNewer: 'This office uses something newer than this page understands. You can read, but not write, until you reload with the new version.',
		readOnlyForked: 'This device’s record was continued somewhere else, perhaps from a copied profile. You can read, but not write. Ask a manager for a new invite.',
		clockOff: (by: string) => `The clock of this computer differs from the server’s by ${by}. Times shown here may be wrong.`,
	},
	people: {
		list: 'People',
		find: 'Find people',
		none: 'Nobody of that name.',
		alone: 'You are the first one here. Invite your colleagues.',
		askManager: 'You are the only one here. A manager invites further colleagues.',
		choose: 'Choose a person to see more.',
		message: 'Message',
		changeRole: 'Change role',
		role: 'Role',
		roleSaved: (name: string, role: string) => `${name} is now ${role}.`,
		you: 'You',
		department: 'Department',
		invitedBy: 'Came by invite',
		lastSeen: 'Last seen',
		noDepartment: 'No department',
		ownHere: 'Change your name and department in Settings.',
		inOffice: (inside: number) => (inside === 0 ? 'Nobody else is in' : inside === 1 ? '1 colleague is in' : `${String(inside)} colleagues are in`),
	},
	invite: {
		open: 'Invite people',
		uses: 'Uses',
		usesHint: 'How many people may join with this link.',
		confirm: 'Ask a manager before letting people in',
		days: 'Valid for',
		dayOptions: { 1: '1 day', 7: '7 days', 30: '30 days', 365: '1 year' } as Record<number, string>,
		label: 'Label (optional)',
		labelHint: 'For whom it is. Only the office sees it.',
		create: 'Create invite',
		link: 'Invite link',
		copyLink: 'Copy link',
		linkCopied: 'Link copied.',
		qr: 'Invite QR code',
		once: 'Whoever has this link can ask to come in. Give it only to those you mean.',
		list: 'Open invites',
		noneOpen: 'No open invites.',
		revoke: (label: string) => `Revoke ${label}`,
		revokeShort: 'Revoke',
		revoked: (label: string) => `${label} is revoked.`,
		unnamed: (when: string) => `Invite of ${when}`,
		used: (uses: number, max: number) => (max === 0 ? `${String(uses)} joined` : `${String(uses)} of ${String(max)} used`),
		until: (when: string) => `until ${when}`,
		confirms: 'with a manager’s word',
	},
	chats: {
		list: 'Conversations',
		find: 'Find conversations',
		none: 'No conversation of that name.',
		newConversation: 'New conversation',
		title: 'Title (optional)',
		with: 'With',
		startConversation: 'Start conversation',
		nobody: 'There is nobody else in the office yet. Invite colleagues first.',
		choose: 'Choose a conversation, or begin one.',
		messages: 'Messages',
		message: 'Message',
		placeholder: (title: string) => `Write to ${title}`,
		send: 'Send',
		enterHint: 'Enter sends, Shift and Enter breaks the line.',
		empty: 'Nothing said here yet. Be the first.',
		emptyEveryone: 'Everyone in the office reads this, those who join later too.',
		emptyPrivate: 'Only those in this conversation can read it, not even the colleagues who carry it.',
		earlier: 'Show earlier messages',
		newLine: 'New',
		newest: 'Newest messages',
		left: 'You are no longer in this conversation. You can still read what was said.',
		inviteFirst: 'Invite colleagues',
		whoIsIn: 'Who is in',
		nobodyIn: 'What you write is kept for your colleagues until they are back.',
		missing: 'This conversation is not on this device.',
		sealed: 'End-to-end encrypted',
		sealedEveryone: 'Encrypted for the office',
		members: 'People in this conversation',
		add: 'Add people',
		addTitle: 'Add people',
		addAll: 'Everyone in the office is in this conversation already.',
		leave: 'Leave conversation',
		leaveTitle: (title: string) => `Leave ${title}?`,
		leaveText: 'You will get no further messages. What was said stays on this device.',
		leaveYes: 'Leave',
		details: 'Details',
		unread: (count: number) => (count === 1 ? '1 unread message' : `${String(count)} unread messages`),
		you: 'You',
		waitingKey: 'This message is here, but its key is still on its way.',
		nothingYet: 'No messages yet',
	},
	devices: {
		title: 'Your devices',
		hint: 'The browsers in which you are in this office. Colleagues see one person.',
		here: 'This device',
		other: (print: string) => `Device ${print}`,
		online: 'in now',
		lastSeen: (when: string) => `last seen ${when}`,
		unseen: 'not seen from here yet',
		linkAnother: 'Link another device',
		lede: 'Scan this code with your other device, or open the link there. It works once, for 10 minutes, while Landline stays open here.',
		sees: 'The other device will read Everyone, the placard, and what is written in your conversations from then on. What was said in them before stays on this device.',
		link: 'Device link',
		copyLink: 'Copy link',
		linkCopied: 'Link copied.',
		qr: 'Device QR code',
		once: 'It is for your own devices alone. Whoever is added with it reads and writes in your name.',
		waiting: 'Waiting for your other device…',
		addThis: 'Add this device',
		compare: 'Your other device shows a code. Add it only if it is this one.',
		code: 'Your code:',
		add: 'Add',
		differ: 'The codes differ',
		turnedAway: 'Nobody was added, and the link works no more. Somebody else may have seen it: make a new one where only you see it.',
		added: 'Your other device is added. It fetches what it needs by itself.',
		over: 'The link has run out. Nobody was added.',
		again: 'Make a new link',
		done: 'Done',
		removeShort: 'Remove',
		remove: (name: string) => `Remove ${name}`,
		removeTitle: (name: string) => `Remove ${name}?`,
		removeText: 'From then on it reads and writes nothing new in your name. What it has already stays on it. To use it again, link it anew.',
		removed: (name: string) => `${name} is removed.`,
	},
	placard: {
		new: 'New notice',
		titleField: 'Title',
		textField: 'Text',
		ask: 'Ask everyone to acknowledge',
		post: 'Post notice',
		posted: 'Notice posted.',
		list: 'Notices',
		none: 'No notices yet.',
		noneManager: 'No notices yet. What the whole office must know goes here.',
		acknowledge: 'Acknowledge',
		acknowledged: 'Acknowledged',
		notYet: 'Not yet',
		roll: 'Acknowledgements',
		rollCount: (done: number, all: number) => `${String(done)} of ${String(all)} acknowledged`,
		nobodyYet: 'Nobody yet.',
		everybody: 'Nobody is missing.',
		unread: (count: number) => (count === 1 ? '1 new notice' : `${String(count)} new notices`),
		newMark: 'New',
		withdraw: 'Withdraw',
		withdrawTitle: (title: string) => `Withdraw “${title}”?`,
		withdrawText: 'It disappears from everybody’s placard. That it stood there remains in the office’s record.',
	},
	settings: {
		device: 'This device',
		appearance: 'Appearance',
		notifications: 'Notifications',
		office: 'Office',
		doctor: 'Doctor',
		profileSaved: 'Saved. Your colleagues see it now.',
		offices: 'Offices in this browser',
		thisOffice: 'open now',
		openOffice: (name: string) => `Open ${name}`,
		otherOffice: (print: string) => `Office ${print}`,
		lastOpened: (when: string) => `last opened ${when}`,
		joinAnother: 'To join another office as well, open its invite link in this browser.',
		storage: 'Storage',
		kept: 'The browser has promised to keep Landline’s data.',
		notKept: 'The browser may clear Landline’s data when the disk runs full.',
		keep: 'Ask the browser to keep it',
		keepRefused: 'The browser did not agree yet. It tends to after Landline is installed, bookmarked or used for a while.',
		used: (used: string, of: string) => `${used} used of ${of} that the browser allows.`,
		theme: 'Theme',
		themes: { system: 'As the computer', light: 'Light', dark: 'Dark' },
		themeHint: 'Remembered on this device.',
		notifyOn: 'Notifications are on. They come while Landline runs in a tab or window, also when it is hidden.',
		notifyAsk: 'A note on your screen when a message comes while Landline is hidden. Nothing comes while Landline is closed.',
		notifyAllow: 'Allow notifications',
		notifyDenied: 'This browser blocks notifications from Landline. Allow them in the settings of this site, beside the address.',
		notifyMissing: 'This browser offers no notifications here.',
		officeId: 'Fingerprint of the office',
		officeIdHint: 'The same on every colleague’s screen. It stands for the office and can never change.',
		officeName: 'Name',
		members: 'People',
		policy: 'Rules',
		policyText: [
			'Owners and managers invite people and post notices.',
			'The office keeps its record of people, roles and notices for good.',
			'Messages are carried for colleagues who are away for 90 days. What you have received stays on your device.',
		],
		fingerprintCopied: 'Fingerprint copied.',
	},
	doctor: {
		lede: 'What this page can tell about itself right now.',
		copy: 'Copy report',
		copied: 'Report copied.',
		good: 'good',
		bad: 'needs attention',
		unsure: 'for your information',
	},
	notify: {
		from: (author: string, title: string) => (author === title ? author : `${author} in ${title}`),
		notice: (author: string) => `${author} posted a notice`,
		newcomer: (name: string) => `${name} waits to be let in`,
	},
	names: {
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
			owner: 'Also names managers.',
		} satisfies Record<Role, string>,
	},
};

const failures: Record<FailureCode, string> = {
	'name-empty': 'Please give a name.',
	'name-too-long': 'That name is too long. About 60 letters fit.',
	'name-taken': 'Someone in the office has or had that name, or one that looks like it. Please add something to yours.',
	'name-invisible': 'There is something in that name which nobody can see, or which turns the direction of reading. Please type it again, letter by letter.',
	'text-empty': 'There is nothing written yet.',
	'text-too-long': 'That text is too long. Please split it.',
	'title-empty': 'Please give a title.',
	'title-too-long': 'That title is too long.',
	'note-too-long': 'That note is too long. About 250 letters fit.',
	'invite-damaged': 'This invite is damaged: a part of the link is missing or changed. Ask for it again, and copy the whole link.',
	'invite-expired': 'This invite has expired. Ask for a new one.',
	'invite-used-up': 'This invite has been used as often as it may be. Ask for a new one.',
	'invite-revoked': 'This invite was revoked. Ask for a new one.',
	'invite-refused': 'A manager did not let you in. If that was a mistake, ask for a new invite.',
	'invite-unknown': 'The office does not know this invite. Ask for a new one.',
	'link-refused': 'Your other device did not add this one. If that was a mistake, make a new link there.',
	'link-over': 'This device link works no more: its 10 minutes have passed, or it was used. Make a new one on your other device.',
	'too-many-devices': 'You have five devices here already. Remove one first.',
	'already-in-office': 'You are in this office already, in this browser.',
	'not-allowed': 'Your role does not allow that.',
	'more-senior': 'They have held their role for longer than you. Ask someone more senior.',
	'needs-owner': 'This office was founded by an older Landline. An owner has to open it once with this version, then this works.',
	'last-owner': 'You are the only owner. Make someone else an owner first.',
	'recovery-key-damaged': 'That is not a whole recovery key. It has 14 groups of 4 letters and digits; compare it with the paper.',
	'recovery-key-wrong': 'That is a recovery key, but not the one in force here. It may be of another office, or an older one.',
	'list-stale': 'Not sent yet: this device waits for a colleague with the current list of people.',
	removed: 'You are no longer in this office.',
	suspended: 'A manager has to confirm you before you can go on.',
	'not-found': 'That is no longer there.',
	'no-members': 'Please choose at least one person.',
	'too-many': 'That is more than the office takes at once.',
	'disk-full': 'The disk is full, so nothing was stored. Free some space and try again.',
	'disk-failed': 'The browser could not write to its storage. Nothing was sent. Reload the page and try again.',
	forked: 'This device may not write any more, because its record was continued somewhere else.',
	'read-only': 'This page may only read at present. Reload it to get the new version.',
	locked: 'Landline is locked.',
	'wrong-passphrase': 'That passphrase does not open Landline. Check capitals and the keyboard’s language. If it is right, the stored data may be damaged.',
	'keys-changed': 'The keys of this colleague have changed. Look at the change first.',
	'keys-differ': 'The codes do not match. Someone may stand between you. Write nothing confidential here, and ask a manager to look into it.',
	'not-a-code': 'That is no code of a safety number. On their screen, open you in People and press “Verify”.',
	'own-code': 'That is the code on your own screen. Read the one on theirs.',
	'not-their-code': 'That code belongs to somebody else. Open the person whose screen you are reading.',
	closed: 'Landline is no longer open in this tab.',
};

/** The sentence for a failure code. */
export const failureSentence = (code: FailureCode): string => failures[code];

/** "available, in a meeting till 3", "unknown, last seen 14:05", "offline". */
export function presenceWords(person: Person, nowMs: number): string {
	const parts: string[] = [words.names.availability[person.availability]];
	if (person.availability === 'unknown' && person.lastSeenMs > 0) parts.push(`last seen ${moment(person.lastSeenMs, nowMs)}`);
	if (person.note !== '') parts.push(person.note);
	return parts.join(', ');
}

/** A message's state in words; empty where nothing is to be said. Everyone knows only "sending" and "sent". */
export function stateWords(message: Message, kind: Conversation['kind']): string {
	if (message.state === 'waiting-for-key') return 'waiting for its key';
	if (!message.own) return '';
	if (message.state === 'sending') return 'sending';
	if (kind === 'everyone') return 'sent';
	switch (message.state) {
		case 'held':
			return heldWords(message.heldFor);
		case 'delivered':
			return 'delivered';
		case 'read':
			return 'read';
		default:
			return 'sent';
	}
}

function heldWords(names: readonly string[]): string {
	const [first] = names;
	if (first === undefined) return 'sent';
	return names.length === 1 ? `held for ${first}` : `held for ${String(names.length)} people`;
}

/** The shell's status text. */
export function connectionWords(connection: Connection): string {
	const { linked, online, server } = connection;
	if (server === 'unreachable') {
		return linked > 0 ? `Signaling server unreachable, still connected to ${String(linked)}` : 'Signaling server unreachable, connected to nobody';
	}
	if (online === 0 && linked === 0) return server === 'connecting' ? 'Connecting…' : 'Alone on the network';
	return `Connected to ${String(linked)} of ${String(Math.max(linked, online))}`;
}

/** "4829 1304 7716 2085", "3f9a 01c4 …": in groups of four. */
export function byFour(text: string): string {
	return (text.replaceAll(/\s+/g, '').match(/.{1,4}/gsu) ?? []).join(' ');
}

/** "40 minutes", "3 hours", "12 days". */
export function spanWords(ms: number): string {
	const minutes = Math.max(1, Math.round(Math.abs(ms) / 60_000));
	if (minutes < 120) return minutes === 1 ? '1 minute' : `${String(minutes)} minutes`;
	const hours = Math.round(minutes / 60);
	return hours < 72 ? `${String(hours)} hours` : `${String(Math.round(hours / 24))} days`;
}
