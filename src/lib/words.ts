/** Every text of the interface, in English, as one catalogue; the texts stand by place in words/ (UI.md, "Words"). */
import { chats } from './words/chats.ts';
import { departments } from './words/departments.ts';
import { devices } from './words/devices.ts';
import { files } from './words/files.ts';
import { invite } from './words/invite.ts';
import { names, people, verify } from './words/people.ts';
import { placard } from './words/placard.ts';
import { protect } from './words/protection.ts';
import { record } from './words/record.ts';
import { doctor, settings } from './words/settings.ts';
import { knock, notify, shell } from './words/shell.ts';
import { broken, cleared, crash, join, locked, needs, recovery, recoveryCode, secondTab, start } from './words/start.ts';

export const words = {
	landline: 'Landline',
	nothingHere: 'There is nothing at this address.',
	toChats: 'To the chats',
	places: { chats: 'Chats', placard: 'Placard', files: 'Files', people: 'People', settings: 'Settings' },
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
	otherOffices: 'Other offices in this browser',
	start,
	recovery,
	join,
	recoveryCode,
	locked,
	secondTab,
	cleared,
	broken,
	crash,
	needs,
	protect,
	shell,
	knock,
	notify,
	people,
	names,
	verify,
	invite,
	departments,
	devices,
	chats,
	placard,
	files,
	record,
	settings,
	doctor,
};
