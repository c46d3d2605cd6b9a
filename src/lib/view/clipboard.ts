/** Copying with an honest answer: the clipboard needs a secure context and the browser's leave. */

/** `false` when the browser refused. */
export async function copyText(text: string): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		return false;
	}
}
