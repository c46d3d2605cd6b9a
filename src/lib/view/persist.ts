/**
 * Asks the browser once per page to keep the data, after the first thing worth keeping was sent (LAN.md 5): Chromium decides in silence,
 * Firefox asks the person, so it must follow a deed of theirs. The answer stands in the settings.
 */

export class StorageKeeper {
	#asked = false;

	/** @param storage absent outside a secure context */
	async ask(storage: StorageManager | undefined): Promise<void> {
		if (this.#asked || storage === undefined) return;
		this.#asked = true;
		try {
			if (!(await storage.persisted())) await storage.persist();
		} catch {
			// Not to be had here: the settings and the doctor say what that means.
		}
	}
}
