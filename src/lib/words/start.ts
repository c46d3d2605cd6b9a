/** The texts before an office is open: the first visit, creating, joining, unlocking, and what may stand in the way. */

export const start = {
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
};

export const recovery = {
	title: 'Recovery key',
	why: 'If every owner of this office loses their computer, this key makes a new owner. It is shown only now. Keep it on paper, where you keep contracts.',
	print: 'Print',
	wrote: 'I wrote it down',
	kept: 'I have kept it',
	sheetTitle: (office: string) => `Recovery key of ${office}`,
	sheetText:
		'Keep this sheet locked away. Whoever holds this key can name a new owner of the office. It opens no conversation and reads nothing.',
	sheetDate: (when: string) => `Printed on ${when}`,
};

export const join = {
	title: 'Join the office',
	to: (hint: string) => `You are invited to ${hint}.`,
	joinOffice: 'Join office',
	looking: 'Looking for a colleague who is online…',
	lookingHint: 'This page goes on looking. You may leave it open. If colleagues are in and nothing happens, the invite may be too old: ask for a new one.',
	waiting: 'Waiting for a manager to let you in',
	code: 'Your code:',
	comesBack: 'You come back as yourself: this browser takes the place of the devices you had, and they are cut off once a manager has let you in.',
	codeHint: 'A manager sees the same code. Read it to them, so that both know it is you.',
	receiving: 'You are in. Fetching what you need…',
	noInvite: 'This address holds no invite. Paste the link that you were given.',
	cancel: 'Cancel joining',
	otherName: 'Choose another name',
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
};

export const recoveryCode = {
	title: 'Recovery code',
	why: 'If you forget the passphrase or lose the passkey, this code opens Landline on this computer. It is shown only now. Keep it on paper, away from the computer.',
	print: 'Print',
	wrote: 'I wrote it down',
	kept: 'I have kept it',
	sheetTitle: (office: string) => `Recovery code of ${office}, on one computer`,
	sheetText: 'Keep this sheet locked away. With this code anyone who has the computer can open Landline on it and read everything.',
	sheetDate: (when: string) => `Printed on ${when}`,
};

export const locked = {
	title: 'Unlock Landline',
	passphrase: 'Passphrase',
	unlock: 'Unlock',
	unlocking: 'Opening… this takes a second or two.',
	passkey: 'Use a passkey',
	forgot: 'Forgot passphrase',
	lost: 'Passkey lost',
	code: 'Recovery code',
	codeHint: 'The 56 letters and digits on the sheet you kept. Spaces do not matter.',
	check: 'Continue',
	codeRight: 'The code is right. Choose a new passphrase.',
	newPassphrase: 'New passphrase',
	again: 'New passphrase again',
	open: 'Set passphrase and unlock',
	noCode: 'There is no recovery code for this computer, and nobody else can unlock it. You can remove the office from this browser, ask a manager for a new invite and join again: your colleagues still carry what was said in the office.',
	remove: 'Remove from this browser',
	removeTitle: 'Remove the office from this browser?',
	removeText: 'Its keys and messages on this computer are deleted and cannot be brought back. To come in again you need an invite.',
};

export const secondTab = {
	title: 'Landline is open in another tab',
	text: 'Only one tab at a time may write. The other one lets go as soon as you ask.',
	here: 'Use Landline here',
};

export const cleared = {
	title: "This browser's data was cleared",
	text: 'Landline was here before, but its keys and messages are gone from this browser. Nothing was made up in their place. Your colleagues still carry the office: with an invite you can join it again.',
	startOver: 'Start over',
};

export const broken = {
	title: 'Landline cannot open its data',
	newer: 'A newer Landline has written the data of this browser. Reload the page to get it. If that does not help, the computer that serves Landline has an older version than before.',
	unreadable: 'The data in this browser is there but cannot be read. Close all other tabs of Landline and reload. Nothing has been overwritten.',
	disk: 'The browser could not open its storage. Check that the disk is not full and that this is not a private window, then reload.',
	reload: 'Reload',
};

export const crash = {
	title: 'Something in Landline has broken',
	text: 'What was stored is kept. Reload the page. If it happens again, copy the details for the person who looks after your computers.',
	details: 'Details',
	reload: 'Reload',
};

export const needs = {
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
};
