/** The texts of conversations, and how a message’s state is said. */
import type { Conversation, Message } from '../../sync/office.ts';

export const chats = {
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
	mayShare: 'Members may share earlier messages with people added later',
	sharesHistory: 'Members may share earlier messages with people who are added.',
	keepsHistory: 'Earlier messages are not shared with people who are added.',
	shareWith: (name: string) => `Share earlier messages with ${name}`,
	sharedWith: (name: string) => `${name} can now read what was said before.`,
	sharedBy: (name: string) => `Shared by ${name}`,
	blockedMessage: 'Message of a blocked colleague',
	showBlocked: 'Show',
	blockedHere: (name: string) => `You blocked ${name}. What they write to you is not shown.`,
	onlyReads: 'This device may only read at present.',
	outOfOffice: 'You are no longer in the office. You can still read what was said.',
	gone: (name: string) => `${name} is no longer in the office. You can still read what was said.`,
	leave: 'Leave conversation',
	leaveTitle: (title: string) => `Leave ${title}?`,
	leaveText: 'You will get no further messages. What was said stays on this device.',
	leaveYes: 'Leave',
	details: 'Details',
	unread: (count: number) => (count === 1 ? '1 unread message' : `${String(count)} unread messages`),
	you: 'You',
	waitingKey: 'This message is here, but its key is still on its way.',
	nothingYet: 'No messages yet',
};

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
