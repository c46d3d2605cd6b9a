/** The files that messages bring, for those who give and fetch their bytes: what is told of one, and who may have it now. */
import type { Result } from '../../failures.ts';
import type { Id } from '../../log/entry.ts';
import type { Source } from '../../source.ts';
import type { ConversationViews } from './conversation-views.ts';
import type { Conversations } from './conversations.ts';
import type { FileMessage } from './file-message.ts';
import type { Roster } from './roster.ts';
import type { Threads } from './threads.ts';

export interface ToldFile {
	readonly message: Id;
	readonly conversation: string;
	readonly file: FileMessage;
	/** Device that told of it. */
	readonly author: Id;
}

export interface MessageFiles {
	/** `undefined` where no message shown here brings one. */
	get(message: Id): ToldFile | undefined;
	/** Those told of in a conversation, oldest first. */
	of(conversation: string): readonly ToldFile[];
	conversations(): readonly string[];
	/** Members of the conversation, now; empty where this person is not among them. */
	members(conversation: string): ReadonlySet<Id>;
	send(conversation: string, file: FileMessage): Promise<Result<Id>>;
	maySend(conversation: string): Result;
	/** Another number after each change of a conversation. */
	readonly changed: Source<number>;
}

export function createMessageFiles(deps: { readonly threads: Threads; readonly views: ConversationViews; readonly roster: Source<Roster>; readonly conversations: Conversations }): MessageFiles {
	const { threads, views, roster, conversations } = deps;
	/** Where a message was found; it stays there. */
	const homes = new Map<Id, string>();

	function homeOf(message: Id): string | undefined {
		const known = homes.get(message);
		if (known !== undefined) return known;
		for (const thread of threads.all()) {
			if (!thread.timeline.get(message)) continue;
			homes.set(message, thread.id);
			return thread.id;
		}
		return undefined;
	}

	return {
		get(message) {
			const conversation = homeOf(message);
			const item = conversation === undefined ? undefined : threads.thread(conversation).timeline.get(message);
			return item?.file && conversation !== undefined ? { message, conversation, file: item.file, author: item.device } : undefined;
		},
		of: (conversation) => views.shown(conversation).flatMap(({ item }) => (item.file ? [{ message: item.id, conversation, file: item.file, author: item.device }] : [])),
		conversations: () => [...threads.all()].map((thread) => thread.id),
		members(conversation) {
			const setting = views.setting(conversation);
			const { self, state } = roster.get();
			switch (setting?.kind) {
				case 'everyone':
					return new Set(state.members.keys());
				case 'direct':
					return new Set([self, setting.other]);
				case 'group':
					return setting.group.members.has(self) ? setting.group.members : new Set();
				case undefined:
					return new Set();
			}
		},
		send: (conversation, file) => conversations.sendFile(conversation, file),
		maySend: (conversation) => conversations.maySendFile(conversation),
		changed: threads.changed,
	};
}
