/**
 * What people do in Landline, in words, by the accessible names of UI.md: one browser context is one person. Used by the end-to-end
 * tests, the pictures and the bench, so it is JavaScript with types in comments.
 */

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').BrowserContext} BrowserContext */

/** Joining sends a signature, a scrypt and a few round trips through busy browsers. */
export const joinWithinMs = 60_000;

/**
 * @typedef {object} Person
 * @property {string} name
 * @property {BrowserContext} context
 * @property {Page} page the tab in use
 * @property {string[]} violations of the content security policy or of Trusted Types
 * @property {string[]} crashes errors that nothing in the page caught
 * @property {string[]} requests every URL asked for, WebSockets included
 * @property {() => Promise<void>} close the tab, as a person does
 * @property {() => Promise<void>} open it again at the start page
 */

/**
 * A person sits down at a browser of their own.
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {string} name
 * @param {import('playwright-core').BrowserContextOptions & { prepare?: (context: BrowserContext) => Promise<unknown> }} [options]
 * @returns {Promise<Person>}
 */
export async function sitDown(browser, url, name, { prepare, ...options } = {}) {
	const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
	/** @type {string[]} */ const violations = [];
	/** @type {string[]} */ const crashes = [];
	/** @type {string[]} */ const requests = [];
	await context.addInitScript(() => {
		document.addEventListener('securitypolicyviolation', (event) => {
			console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`);
		});
	});
	context.on('request', (request) => requests.push(request.url()));
	context.on('console', (message) => {
		if (message.text().startsWith('policy violation:') || /content security policy|trusted ?types?/i.test(message.text())) violations.push(message.text());
	});
	context.on('weberror', (error) => crashes.push(error.error().stack ?? String(error.error())));
	context.on('page', (page) => {
		page.on('websocket', (socket) => requests.push(socket.url()));
	});
	await prepare?.(context);
	const person = {
		name,
		context,
		page: await context.newPage(),
		violations,
		crashes,
		requests,
		close: async () => {
			await person.page.close();
		},
		open: async () => {
			if (person.page.isClosed()) person.page = await context.newPage();
			await person.page.goto(url);
		},
	};
	return person;
}

/** @param {Page} page */
export const mainNavigation = (page) => page.getByRole('navigation', { name: 'Main' });

/** @param {Page} page @param {'Chats' | 'Placard' | 'Files' | 'People' | 'Settings'} place */
export async function goTo(page, place) {
	await mainNavigation(page).getByRole('link', { name: place }).click();
	await page.getByRole('heading', { level: 1 }).first().waitFor();
}

/**
 * Founds an office; answers the recovery key.
 * @param {Page} page @param {{ office: string, name: string }} what @returns {Promise<string>}
 */
export async function foundOffice(page, { office, name }) {
	await page.getByRole('button', { name: 'Create an office' }).or(page.getByRole('link', { name: 'Create an office' })).click();
	await page.getByRole('textbox', { name: 'Office name' }).fill(office);
	await page.getByRole('textbox', { name: 'Your name' }).fill(name);
	await page.getByRole('button', { name: 'Create office' }).click();
	const dialog = page.getByRole('dialog', { name: 'Recovery key' });
	const recoveryKey = await dialog.getByRole('textbox', { name: 'Recovery key' }).inputValue({ timeout: joinWithinMs });
	await dialog.getByRole('checkbox', { name: 'I wrote it down' }).click();
	await dialog.getByRole('button', { name: 'I have kept it' }).click();
	await mainNavigation(page).waitFor({ timeout: joinWithinMs });
	return recoveryKey;
}

/**
 * Makes an invite; answers its link. The dialog is closed again.
 * @param {Page} page @param {{ uses?: number, confirm?: boolean }} [what] @returns {Promise<string>}
 */
export async function invite(page, { uses = 1, confirm = false } = {}) {
	await goTo(page, 'People');
	await page.getByRole('button', { name: 'Invite people' }).first().click();
	const dialog = page.getByRole('dialog', { name: 'Invite people' });
	await dialog.getByRole('spinbutton', { name: 'Uses' }).fill(String(uses));
	await dialog.getByRole('checkbox', { name: 'Ask a manager before letting people in' }).setChecked(confirm);
	await dialog.getByRole('button', { name: 'Create invite' }).click();
	const link = await dialog.getByRole('textbox', { name: 'Invite link' }).inputValue({ timeout: 20_000 });
	await page.keyboard.press('Escape');
	await dialog.waitFor({ state: 'hidden' });
	return link;
}

/** Opens an invite link and gives the name; does not wait to be admitted. @param {Page} page @param {string} link @param {string} name */
export async function askToJoin(page, link, name) {
	await page.goto(link);
	await page.getByRole('textbox', { name: 'Your name' }).fill(name);
	await page.getByRole('button', { name: 'Join office' }).click();
}

/** Joins through a link and waits until the office is open. @param {Page} page @param {string} link @param {string} name */
export async function joinOffice(page, link, name) {
	await askToJoin(page, link, name);
	await mainNavigation(page).waitFor({ timeout: joinWithinMs });
}

/** Opens a conversation of the list by its title. @param {Page} page @param {string} title */
export async function openConversation(page, title) {
	await goTo(page, 'Chats');
	await page.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: title }).first().click();
	await room(page, title).waitFor();
}

/** Opens the direct conversation with a person, from the People page. @param {Page} page @param {string} name */
export async function openDirect(page, name) {
	await goTo(page, 'People');
	await personItem(page, name).click();
	await page.getByRole('button', { name: 'Message', exact: true }).click();
	await room(page, name).waitFor();
}

/** Starts a group. @param {Page} page @param {string} title @param {readonly string[]} names */
export async function startGroup(page, title, names) {
	await goTo(page, 'Chats');
	await page.getByRole('button', { name: 'New conversation' }).first().click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('textbox', { name: 'Title (optional)' }).fill(title);
	for (const name of names) await dialog.getByRole('checkbox', { name }).click();
	await dialog.getByRole('button', { name: 'Start conversation' }).click();
	await room(page, title).waitFor();
}

/** The open conversation. @param {Page} page @param {string} title */
export const room = (page, title) => page.getByRole('region', { name: title });

/** Writes into the open conversation. @param {Page} page @param {string} text */
export async function say(page, text) {
	const field = page.getByRole('textbox', { name: 'Message', exact: true });
	await field.fill(text);
	await field.press('Enter');
}

/** A message of the open conversation, by its text. @param {Page} page @param {string} text */
export const message = (page, text) => page.getByRole('log', { name: 'Messages' }).getByRole('article').filter({ hasText: text });

/** A person of the list on the People page. @param {Page} page @param {string} name */
export const personItem = (page, name) => page.getByRole('list', { name: 'People' }).getByRole('button', { name: new RegExp(`^${name}`) });

/** Sets the own availability. @param {Page} page @param {'Available' | 'Away' | 'Busy' | 'Invisible'} availability @param {string} [note] */
export async function setStatus(page, availability, note) {
	await page.getByRole('button', { name: 'My status' }).first().click();
	await page.getByRole('radio', { name: availability }).click();
	if (note !== undefined) {
		const field = page.getByRole('textbox', { name: 'Status note' });
		await field.fill(note);
		await field.press('Enter');
	}
	await page.keyboard.press('Escape');
}

/** Posts a notice. @param {Page} page @param {{ title: string, text: string, acknowledge?: boolean }} notice */
export async function postNotice(page, { title, text, acknowledge = false }) {
	await goTo(page, 'Placard');
	await page.getByRole('button', { name: 'New notice' }).first().click();
	await page.getByRole('textbox', { name: 'Title' }).fill(title);
	await page.getByRole('textbox', { name: 'Text' }).fill(text);
	await page.getByRole('checkbox', { name: 'Ask everyone to acknowledge' }).setChecked(acknowledge);
	await page.getByRole('button', { name: 'Post notice' }).click();
	await notice(page, title).waitFor({ timeout: 20_000 });
}

/** A notice on the placard. @param {Page} page @param {string} title */
export const notice = (page, title) => page.getByRole('list', { name: 'Notices' }).getByRole('article', { name: title });
