/** Texts begun and not sent, one for each conversation, on this device alone. */
import { fromUtf8, utf8 } from '../../../crypto/bytes.ts';
import type { OfficeStore } from '../../store.ts';

const bucket = 'drafts';
/** Longer than any message may be; what is beyond is not worth a full disk. */
const maxDraftBytes = 256 * 1024;

export interface Drafts {
	/** Empty where there is none. */
	draft(conversation: string): Promise<string>;
	/** An empty text takes the draft away. A disk that refuses is not told: the text still stands on the screen. */
	saveDraft(conversation: string, text: string): Promise<void>;
}

export function createDrafts(store: OfficeStore): Drafts {
	/** The newest text wins, whichever write is slow. */
	let writing: Promise<void> = Promise.resolve();
	const write = async (conversation: string, text: string): Promise<void> => {
		try {
			if (text === '') await store.delete(bucket, conversation);
			else await store.put(bucket, conversation, utf8(text));
		} catch {
			return;
		}
	};
	return {
		async draft(conversation) {
			await writing;
			const bytes = await store.get(bucket, conversation).catch(() => undefined);
			return (bytes && fromUtf8(bytes)) ?? '';
		},
		saveDraft(conversation, text) {
			if (text.length > maxDraftBytes) return Promise.resolve();
			writing = writing.then(() => write(conversation, text));
			return writing;
		},
	};
}
