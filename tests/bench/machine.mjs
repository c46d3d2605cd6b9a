/** The machine a number was measured on, and what its processes hold in memory. */
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** @param {import('playwright-core').Browser} browser */
export function machineName(browser) {
	const [first] = cpus();
	return `${first?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}, Chromium ${browser.version()}`;
}

/**
 * Memory of all renderer processes together, in MiB: each process's proportional share, so that shared pages count once.
 * @param {import('playwright-core').Browser} browser @returns {Promise<number | undefined>} `undefined` where /proc does not tell
 */
export async function renderersMiB(browser) {
	const session = await browser.newBrowserCDPSession();
	const { processInfo } = await session.send('SystemInfo.getProcessInfo');
	await session.detach();
	let kib = 0;
	for (const { id, type } of processInfo) {
		if (type !== 'renderer') continue;
		try {
			kib += Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))?.[1] ?? NaN);
		} catch {
			return undefined;
		}
	}
	return Number.isNaN(kib) ? undefined : kib / 1024;
}
