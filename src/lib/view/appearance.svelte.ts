/** Light, dark, or as the computer has it: remembered in this browser, set as an attribute that the tokens follow. */

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const storageKey = 'landline-theme';

export class Appearance {
	#theme = $state<Theme>('system');
	#root: HTMLElement;
	#storage: Storage | undefined;

	/** @param storage `undefined` where the browser gives none: the choice then lasts as long as the page */
	constructor(root: HTMLElement, storage: Storage | undefined) {
		this.#root = root;
		this.#storage = storage;
		const stored = storage?.getItem(storageKey);
		this.#theme = themes.find((theme) => theme === stored) ?? 'system';
		this.#show();
	}

	get theme(): Theme {
		return this.#theme;
	}

	set theme(theme: Theme) {
		this.#theme = theme;
		this.#storage?.setItem(storageKey, theme);
		this.#show();
	}

	#show(): void {
		if (this.#theme === 'system') delete this.#root.dataset['theme'];
		else this.#root.dataset['theme'] = this.#theme;
	}
}

/** The browser's localStorage, `undefined` where even asking for it throws (a policy, a private window). */
export function localStorageOrNone(): Storage | undefined {
	try {
		return globalThis.localStorage;
	} catch {
		return undefined;
	}
}
