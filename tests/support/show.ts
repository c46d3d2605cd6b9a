/** Mounts a component over a fake Landline in the test's page, with the app's own styles. */
import '../../src/lib/styles/fonts.css';
import '../../src/lib/styles/tokens.css';
import '../../src/lib/styles/base.css';
import '../../src/lib/styles/controls.css';
import '../../src/lib/styles/floating.css';
import { mount, unmount, type Component } from 'svelte';
import { afterEach, vi } from 'vitest';
import { Appearance } from '../../src/lib/view/appearance.svelte.ts';
import { Notifier, type NotifierParts } from '../../src/lib/view/notifier.svelte.ts';
import { WorkerWatch } from '../../src/lib/view/service-worker.svelte.ts';
import { createFakeLandline, type FakeLandline } from './fake-landline.ts';
import { createFakeOffice, type FakeOffice } from './fake-office.ts';
import Host from './Host.svelte';

export interface Shown {
	readonly landline: FakeLandline;
	readonly office: FakeOffice;
	readonly notifier: Notifier;
	readonly worker: WorkerWatch;
	/** Takes it off the page before the test ends. */
	readonly leave: () => Promise<void>;
}

export interface ShowOptions {
	readonly office?: FakeOffice;
	readonly landline?: FakeLandline;
	readonly notifier?: Partial<NotifierParts>;
}

let leave: (() => Promise<void>) | undefined;

afterEach(async () => {
	await leave?.();
	vi.unstubAllGlobals();
	leave = undefined;
});

const isComponent = (value: unknown): value is Component<Record<string, unknown>> => typeof value === 'function';

export function show<Props extends Record<string, unknown>>(tested: Component<Props>, props: Props, options: ShowOptions = {}): Shown {
	vi.stubGlobal('fetch', () => Promise.reject(new TypeError('a component test has no server')));
	const office = options.office ?? createFakeOffice();
	const landline = options.landline ?? createFakeLandline('open', office);
	const notifier = new Notifier({ document, registration: () => undefined, notification: undefined, badge: {}, ...options.notifier });
	const worker = new WorkerWatch();
	// A host knows nothing of its guest's props.
	const guest: unknown = tested;
	if (!isComponent(guest)) throw new Error('what is shown is a component');
	const target = document.body.appendChild(document.createElement('div'));
	target.id = 'app';
	const host = mount(Host, {
		target,
		props: {
			landline,
			office,
			notifier,
			worker,
			appearance: new Appearance(document.documentElement, undefined),
			Tested: guest,
			props,
		},
	});
	const off = async (): Promise<void> => {
		leave = undefined;
		await unmount(host);
		target.remove();
	};
	leave = off;
	return { landline, office, notifier, worker, leave: off };
}
