/** The texts around every place: own status, who waits, warnings, knocks, notifications. */
import type { Connection } from '../../sync/office.ts';

export const shell = {
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
	readOnlyForked: 'This device’s record was continued somewhere else, perhaps from a copied profile. You can read, but not write, until this browser starts anew.',
	anew: {
		open: 'Start anew here',
		lede: 'This browser becomes a new device of yours. What you have read here stays.',
		how: 'Make a link on another device of yours (“Link another device” in its settings), or ask a manager for “New device for them” on your page in People. Whoever gives it compares a code with you.',
		link: 'Link',
		start: 'Start anew',
	},
	removed: (by: string) => `You were removed from this office${by === '' ? '' : ` by ${by}`}. What you have stays here to read; nothing new comes, and nothing you write goes out.`,
	left: 'You have left this office. What you have stays here to read; nothing new comes.',
	suspended: 'A manager has to confirm that you belong here. Until then you can read what you have, but nothing new comes and nothing goes out.',
	suspendedCode: 'Your code:',
	stale: 'Waiting for a colleague with the current list of people. For two weeks this device has met nobody who keeps it, and someone may have left since. What you write waits here.',
	staleSending: 'You send to people on a list that is two weeks old or older. Someone on it may have left.',
	sendAnyway: 'Send anyway',
	unconfirmed: 'You came in through a colleague alone, and no manager has been met yet. Until then be careful what you write.',
	bringsBack: (name: string) => `comes back as ${name}; their devices before are cut off`,
	contested: 'Let in already, and held since. ',
	clockOff: (by: string) => `The clock of this computer differs from the server’s by ${by}. Times shown here may be wrong.`,
};

export const knock = {
	open: 'Add by address',
	lede: 'Whoever of the office sits at this address is asked whether they would like to talk. Nobody else is told.',
	address: 'Address',
	addressHint: 'Like 192.168.1.23. It stands under “My status” on their screen.',
	knock: 'Knock',
	waiting: (address: string) => `Knocked at ${address}. Waiting for an answer…`,
	noAnswer: 'No answer yet. Perhaps nobody is there, or they would rather not talk now. You may wait, or write to them instead.',
	answered: (name: string) => `${name} answered.`,
	openTalk: 'Open conversation',
	putAway: 'Close',
	asks: (name: string) => `${name} would like to talk`,
	asksText: 'They knocked at the address of this computer. If you ignore it, they are not told.',
	answer: 'Answer',
	ignore: 'Ignore',
	yours: (address: string) => `Your address: ${address}`,
};

export const notify = {
	from: (author: string, title: string) => (author === title ? author : `${author} in ${title}`),
	notice: (author: string) => `${author} posted a notice`,
	newcomer: (name: string) => `${name} waits to be let in`,
};

/** The shell's status text. */
export function connectionWords(connection: Connection): string {
	const { linked, online, server } = connection;
	if (server === 'unreachable') {
		return linked > 0 ? `Signaling server unreachable, still connected to ${String(linked)}` : 'Signaling server unreachable, connected to nobody';
	}
	if (online === 0 && linked === 0) return server === 'connecting' ? 'Connecting…' : 'Alone on the network';
	return `Connected to ${String(linked)} of ${String(Math.max(linked, online))}`;
}
