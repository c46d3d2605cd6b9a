/** axe over every place and the dialogs that open from them, light and dark. */
import axe from 'axe-core';
import { page } from 'vitest/browser';
import type { Component } from 'svelte';
import { beforeEach, expect, test } from 'vitest';
import Chats from '../../src/lib/components/chat/Chats.svelte';
import Files from '../../src/lib/components/files/Files.svelte';
import People from '../../src/lib/components/people/People.svelte';
import Placard from '../../src/lib/components/placard/Placard.svelte';
import SettingsPlace from '../../src/lib/components/settings/SettingsPlace.svelte';
import Broken from '../../src/lib/components/start/Broken.svelte';
import CreateOffice from '../../src/lib/components/start/CreateOffice.svelte';
import FirstVisit from '../../src/lib/components/start/FirstVisit.svelte';
import JoinOffice from '../../src/lib/components/start/JoinOffice.svelte';
import JoinProgress from '../../src/lib/components/start/JoinProgress.svelte';
import Unlock from '../../src/lib/components/start/Unlock.svelte';
import { createFakeLandline, goodDeviceLink, goodInvite } from '../support/fake-landline.ts';
import { createFakeOffice } from '../support/fake-office.ts';
import InShell from '../support/InShell.svelte';
import { show } from '../support/show.ts';

const none = (): void => undefined;
const landline = createFakeLandline('joining');
const office = createFakeOffice();
const ana = office.people.get()[1]!.id;

type Screen = [name: string, component: Component<never>, props: Record<string, unknown>, click: RegExp | string | undefined];

const alone: Screen[] = [
	['first visit', FirstVisit as Component<never>, { oncreate: none, oninvite: none }, 'I have an invite'],
	['create', CreateOffice as Component<never>, { onback: none, onfounded: none }, undefined],
	['join', JoinOffice as Component<never>, { invite: goodInvite, onjoining: none }, undefined],
	['join by device link', JoinOffice as Component<never>, { invite: goodDeviceLink, onjoining: none }, undefined],
	['damaged invite', JoinOffice as Component<never>, { invite: 'nonsense', onjoining: none }, undefined],
	['waiting', JoinProgress as Component<never>, { joining: landline.joining }, undefined],
	['locked', Unlock as Component<never>, { officeId: 'ab', ways: ['passphrase', 'passkey', 'recovery-code'] }, 'Forgot passphrase'],
	['broken', Broken as Component<never>, { why: 'unreadable', officeId: 'ab', onreload: none }, undefined],
];
const inShell: Screen[] = [
	['chats', Chats as Component<never>, { open: undefined, onopen: none }, undefined],
	['a group', Chats as Component<never>, { open: 'g-move', onopen: none }, 'Details'],
	['new conversation', Chats as Component<never>, { open: undefined, onopen: none }, 'New conversation'],
	['people', People as Component<never>, { open: ana, onopen: none, onmessage: none }, undefined],
	['invite', People as Component<never>, { open: undefined, onopen: none, onmessage: none }, 'Invite people'],
	['departments', People as Component<never>, { open: undefined, onopen: none, onmessage: none }, 'Departments'],
	['verify', People as Component<never>, { open: ana, onopen: none, onmessage: none }, 'Verify'],
	['removing a person', People as Component<never>, { open: ana, onopen: none, onmessage: none }, 'Remove from office'],
	['removing a device', People as Component<never>, { open: ana, onopen: none, onmessage: none }, /^Remove Device/],
	['changing a role', People as Component<never>, { open: ana, onopen: none, onmessage: none }, 'Change role'],
	['add by address', People as Component<never>, { open: undefined, onopen: none, onmessage: none }, 'Add by address'],
	['placard', Placard as Component<never>, {}, /acknowledged$/],
	['new notice', Placard as Component<never>, {}, 'New notice'],
	['shared folders', Files as Component<never>, { at: undefined, onopen: none, ontalk: none }, undefined],
	['a shared folder', Files as Component<never>, { at: { folder: 'f-plans', path: '' }, onopen: none, ontalk: none }, 'About this folder'],
	['sharing a folder', Files as Component<never>, { at: undefined, onopen: none, ontalk: none }, 'Share a folder'],
	['settings', SettingsPlace as Component<never>, {}, undefined],
	['link another device', SettingsPlace as Component<never>, {}, 'Link another device'],
	['a passphrase', SettingsPlace as Component<never>, {}, 'Set a passphrase'],
	['record', SettingsPlace as Component<never>, {}, 'Record of the office'],
	['my status', SettingsPlace as Component<never>, {}, 'My status'],
];

beforeEach(async () => {
	await page.viewport(1280, 800);
});

async function expectAccessible(click: RegExp | string | undefined): Promise<void> {
	if (click !== undefined) await page.getByRole('button', { name: click }).first().click();
	for (const theme of ['light', 'dark']) {
		document.documentElement.dataset['theme'] = theme;
		// Colours fade in; what is measured is where they end.
		const finite = document.getAnimations().filter((animation) => Number.isFinite(animation.effect?.getComputedTiming().endTime));
		for (const animation of finite) animation.finish();
		const { violations } = await axe.run(document.body, { resultTypes: ['violations'], rules: { region: { enabled: false } } });
		expect(
			violations.map(({ id, nodes }) => `${theme} ${id}: ${nodes.map((node) => `${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`).join('\n')}`),
		).toEqual([]);
	}
	delete document.documentElement.dataset['theme'];
}

test.each(alone)('axe: %s', async (_name, component, props, click) => {
	show(component as unknown as Component<Record<string, unknown>>, props, { landline: createFakeLandline('first-visit') });
	await expectAccessible(click);
});

test.each(inShell)('axe: %s', async (_name, component, props, click) => {
	show(InShell as unknown as Component<Record<string, unknown>>, { Inside: component, inside: props });
	await expectAccessible(click);
});
