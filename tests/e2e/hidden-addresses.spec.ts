/**
 * The lane with Chromium's default: local addresses are hidden behind mDNS names. Three people meet and talk all the same, and the
 * connections are looked at to prove that the addresses really were hidden.
 */
import { expect, expectCleanPages, test } from '../support/office-test.ts';
import { foundOffice, invite, joinOffice, message, openConversation, say, type Person } from '../support/people-in-browsers.mjs';

declare global {
	interface Window {
		landlineSeen: { candidates: string[]; iceUrls: string[] };
	}
}

/** Records, in the page, every candidate gathered and every ICE server configured. */
function recordCandidates(): void {
	window.landlineSeen = { candidates: [], iceUrls: [] };
	const Native = window.RTCPeerConnection;
	window.RTCPeerConnection = class extends Native {
		constructor(configuration?: RTCConfiguration) {
			super(configuration);
			for (const server of configuration?.iceServers ?? []) window.landlineSeen.iceUrls.push(...[server.urls].flat());
			this.addEventListener('icecandidate', ({ candidate }) => {
				if (candidate) window.landlineSeen.candidates.push(candidate.candidate);
			});
		}
	};
}

test('three people meet and talk with their addresses hidden', async ({ company, server }) => {
	const prepare = (context: Person['context']): Promise<unknown> => context.addInitScript(recordCandidates);
	const ana = await company.arrive('Ana Costa', { prepare });
	await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
	const link = await invite(ana.page, { uses: 5, confirm: false });
	const ben = await company.arrive('Ben Ito', { prepare });
	await joinOffice(ben.page, link, 'Ben Ito');
	const cleo = await company.arrive('Cleo Okafor', { prepare });
	await joinOffice(cleo.page, link, 'Cleo Okafor');
	for (const { page } of company.everyone) {
		await expect(page.getByText('Connected to 2 of 2').first()).toBeVisible({ timeout: 45_000 });
		await openConversation(page, 'Everyone');
	}
	await say(ana.page, 'Can you hear me?');
	for (const person of [ben, cleo]) await expect(message(person.page, 'Can you hear me?')).toBeVisible();
	await say(cleo.page, 'Loud and clear');
	for (const person of [ana, ben]) await expect(message(person.page, 'Loud and clear')).toBeVisible();

	for (const person of company.everyone) {
		const seen = await person.page.evaluate(() => window.landlineSeen);
		const hosts = seen.candidates.filter((candidate) => candidate.includes(' typ host') && candidate.includes(' udp '));
		expect(hosts.length, `${person.name} gathered host candidates`).toBeGreaterThan(0);
		expect(hosts.filter((candidate) => !candidate.includes('.local ')), 'host candidates that show an address').toEqual([]);
		expect(new Set(seen.iceUrls), 'our own STUN and nothing else').toEqual(new Set([`stun:127.0.0.1:${server.stunPort}`]));
	}
	expectCleanPages(company.everyone, server);
});
