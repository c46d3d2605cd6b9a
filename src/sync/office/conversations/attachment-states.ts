/** What is here, and in reach, of the files that messages bring: set by who holds the bytes, shown with the messages. */
import type { Attachment } from '../../files.ts';
import type { Id } from '../../log/entry.ts';
import { createCell, type Source } from '../../source.ts';
import { fileWarnings } from '../../transfer/file-warnings.ts';
import { type FileMessage, plainSize } from './file-message.ts';

export interface AttachmentState {
	/** Bytes of the file. */
	readonly held: number;
	readonly reachable: boolean;
}

export interface AttachmentStates {
	/** The same object until something of it changes. */
	readonly of: (message: Id, file: FileMessage) => Attachment;
	set(message: Id, state: AttachmentState): void;
	/** Another number after each change. */
	readonly version: Source<number>;
}

/** Until something is known of it: whoever sent it has it. */
const unknown: AttachmentState = { held: 0, reachable: true };

export function createAttachmentStates(): AttachmentStates {
	const states = new Map<Id, AttachmentState>();
	const made = new Map<Id, Attachment>();
	const version = createCell(0);
	return {
		version,
		of(message, { name, size, mediaType, thumbnail }) {
			const { held, reachable } = states.get(message) ?? unknown;
			const known = made.get(message);
			if (known?.held === held && known.reachable === reachable) return known;
			const attachment: Attachment = { message, name, size: plainSize(size), mediaType, warnings: known?.warnings ?? fileWarnings(name), thumbnail, held, reachable };
			made.set(message, attachment);
			return attachment;
		},
		set(message, state) {
			const known = states.get(message) ?? unknown;
			if (known.held === state.held && known.reachable === state.reachable) return;
			states.set(message, state);
			version.set(version.get() + 1);
		},
	};
}
