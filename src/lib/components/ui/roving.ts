/** Lists by arrow keys: one item is in the tab order, Up, Down, Home and End move among them (ARIA practices, roving tabindex). */
import type { Attachment } from 'svelte/attachments';

/** Attach to the list; its items are the elements marked `data-item`. */
export const roving: Attachment<HTMLElement> = (list) => {
	let current: HTMLElement | undefined;
	const items = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>('[data-item]')];

	const settle = (): void => {
		const all = items();
		if (!current || !all.includes(current)) current = all.find((item) => item.ariaCurrent === 'true') ?? all[0];
		for (const item of all) item.tabIndex = item === current ? 0 : -1;
	};

	const focused = (event: FocusEvent): void => {
		const item = items().find((one) => one === event.target);
		if (item) current = item;
		settle();
	};

	const pressed = (event: KeyboardEvent): void => {
		const all = items();
		const at = all.findIndex((item) => item === document.activeElement);
		if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
		const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
		if (to === undefined) return;
		event.preventDefault();
		all[Math.max(0, Math.min(all.length - 1, to))]?.focus();
	};

	const observer = new MutationObserver(settle);
	observer.observe(list, { childList: true, subtree: true });
	list.addEventListener('focusin', focused);
	list.addEventListener('keydown', pressed);
	settle();
	return () => {
		observer.disconnect();
		list.removeEventListener('focusin', focused);
		list.removeEventListener('keydown', pressed);
	};
};
