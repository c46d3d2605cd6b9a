/** Tells the office of the person's input and of the moments after which every link must be doubted: sleep, a new network, a page from the cache. */
import type { Office } from '../../sync/office.ts';

/** Input comes in hundreds a minute; presence needs one. */
const quietMs = 5_000;
const inputs = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

/** Returns the function that stops it. */
export function followActivity(office: Pick<Office, 'noteActivity' | 'probe'>, window: Window & typeof globalThis): () => void {
	let told = -Infinity;
	const active = (event: Event): void => {
		if (event.timeStamp - told < quietMs) return;
		told = event.timeStamp;
		office.noteActivity();
	};
	const shown = (): void => {
		if (window.document.hidden) return;
		office.noteActivity();
		office.probe();
	};
	const probe = (): void => office.probe();
	for (const name of inputs) window.addEventListener(name, active, { passive: true });
	window.document.addEventListener('visibilitychange', shown);
	window.addEventListener('online', probe);
	window.addEventListener('pageshow', probe);
	return () => {
		for (const name of inputs) window.removeEventListener(name, active);
		window.document.removeEventListener('visibilitychange', shown);
		window.removeEventListener('online', probe);
		window.removeEventListener('pageshow', probe);
	};
}
