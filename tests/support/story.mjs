/** A small runner for lanes outside Playwright: named steps, one after another, each with a limit; ends with a line of JSON. */

/**
 * @param {string} lane
 * @returns {{ step: (name: string, limitMs: number, run: () => Promise<void>) => Promise<void>, end: () => void }}
 */
export function createStory(lane) {
	let passed = 0;
	let skipped = 0;
	/** @type {string[]} */
	const failures = [];
	return {
		/** Once a step failed, those after it rest on nothing and are skipped. */
		async step(name, limitMs, run) {
			if (failures.length > 0) {
				skipped += 1;
				console.log(`  -  ${name}`);
				return;
			}
			const startedMs = Date.now();
			try {
				await Promise.race([run(), new Promise((_, reject) => setTimeout(() => reject(new Error(`not done in ${limitMs / 1000} s`)), limitMs).unref())]);
				passed += 1;
				console.log(`  ok ${name} (${((Date.now() - startedMs) / 1000).toFixed(1)} s)`);
			} catch (error) {
				failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
				console.log(`  x  ${name}\n     ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
			}
		},
		end() {
			console.log(JSON.stringify({ lane, passed, failed: failures.length, skipped, failures }));
			process.exitCode = failures.length > 0 ? 1 : 0;
		},
	};
}
