/** Playwright's `test` with the server of the worker and people who leave by themselves when their test file ends. */
import { test as base, expect, type Browser } from '@playwright/test';
import { startAppServer, type AppServer } from './app-server.mjs';
import { sitDown, type Person } from './people-in-browsers.mjs';

export type Company = {
	arrive(name: string, options?: Parameters<typeof sitDown>[3]): Promise<Person>;
	readonly everyone: readonly Person[];
	goHome(): Promise<void>;
};

/** People of one office, each in a browser context of their own, with the page open at the office's address. */
export function createCompany(browser: Browser, url: string): Company {
	const everyone: Person[] = [];
	return {
		everyone,
		async arrive(name, options) {
			const person = await sitDown(browser, url, name, options);
			everyone.push(person);
			await person.open();
			return person;
		},
		async goHome() {
			await Promise.all(everyone.map((person) => person.context.close()));
		},
	};
}

export const test = base.extend<{ company: Company }, { server: AppServer }>({
	server: [
		async ({}, use) => {
			const server = await startAppServer();
			await use(server);
			await server.stop();
		},
		{ scope: 'worker', timeout: 200_000 },
	],
	company: async ({ browser, server }, use) => {
		const company = createCompany(browser, server.url);
		await use(company);
		await company.goHome();
	},
});

/** No person's page broke the content security policy, threw, or asked another host than the office's server for anything. */
export function expectCleanPages(people: readonly Person[], server: AppServer): void {
	for (const person of people) {
		expect(person.violations, `policy violations of ${person.name}'s page`).toEqual([]);
		expect(person.crashes, `errors nobody caught in ${person.name}'s page`).toEqual([]);
		const foreign = person.requests.filter((url) => !isOurs(url, server));
		expect(foreign, `requests of ${person.name}'s page to others than the server`).toEqual([]);
	}
}

function isOurs(url: string, server: AppServer): boolean {
	const { protocol, host } = new URL(url);
	if (protocol === 'data:' || protocol === 'blob:') return true;
	return host === new URL(server.url).host;
}

export { expect };
