/** What this device gives of files, asked for each request at the moment it comes (PROTOCOL.md, 11): who may not see it now is refused now. */
import type { Id } from '../log/entry.ts';
import type { AttachmentRef, ContentRef, FolderFileRef, Holding, Holdings, Unreadable } from '../transfer/content.ts';
import type { Staging } from '../transfer/staging/staging.ts';
import type { MessageFiles } from './conversations/message-files.ts';
import type { Roster } from './conversations/roster.ts';
import { mayRead } from './folders/audience.ts';
import type { Folder } from './folders/folder-entries.ts';
import type { SharedContents } from './folders/shared-contents.ts';

export function createHoldings(deps: {
	readonly selfDevice: Id;
	readonly folders: () => ReadonlyMap<string, Folder>;
	readonly roster: () => Roster;
	readonly contents: SharedContents;
	readonly messageFiles: MessageFiles;
	readonly staging: Staging;
	/** Resolves once it is known what is shared and with whom: before, everybody would be refused. */
	readonly ready: Promise<void>;
}): Holdings {
	const { folders, roster, messageFiles, staging } = deps;

	const maySeeFolder = (folder: string, asker: Id): boolean => {
		const one = folders().get(folder);
		return one !== undefined && mayRead(one, asker, roster());
	};

	function maySeeAttachment(ref: AttachmentRef, asker: Id): boolean {
		const told = messageFiles.get(ref.message);
		const { devices, members } = roster().state;
		const card = devices.get(asker);
		if (!told || !card || card.suspended || members.get(card.memberId)?.inForce !== true) return false;
		const { file } = told;
		return file.root === ref.root && file.size === ref.size && file.chunkBytes === ref.chunkBytes && messageFiles.members(told.conversation).has(card.memberId);
	}

	const maySee = (ref: ContentRef, asker: Id): boolean => (ref.kind === 'attachment' ? maySeeAttachment(ref, asker) : maySeeFolder(ref.folder, asker));

	async function openShared(ref: FolderFileRef): Promise<Holding | 'not-here' | Unreadable> {
		const opened = await deps.contents.open(ref);
		return opened === 'permission' ? 'not-here' : opened;
	}

	return {
		async open(ref, asker) {
			await deps.ready;
			if (!maySee(ref, asker)) return 'refused';
			const isOwn = ref.kind === 'folder-file' && folders().get(ref.folder)?.device === deps.selfDevice;
			const held = isOwn ? await openShared(ref) : ((await staging.holding(ref)) ?? 'not-here');
			// Looking took its time.
			return maySee(ref, asker) ? held : 'refused';
		},
	};
}
