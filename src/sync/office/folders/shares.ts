/**
 * The folders of this computer that are shared from here: where each lies, and whether the browser lets it be read. A handle lasts over a restart,
 * after which the browser may want the person's word again; chosen or dropped files last until the page closes.
 */
import { done, fail, type Result } from '../../failures.ts';
import type { LocalTree } from '../../files.ts';
import type { Clock } from '../../ports.ts';
import { createCell, type Source } from '../../source.ts';
import type { OfficeStore } from '../../store.ts';
import { type Permitted, readTree, type TreeReader } from './local-tree.ts';

/** A folder that was taken away, or given back, is noticed within this. */
const lookAgainMs = 30_000;
/** Folders that are fetched into rest in the same store. */
const keyPrefix = 'share/';

export interface Share {
	readonly reader: TreeReader;
	readonly state: 'ready' | 'ask' | 'missing';
	readonly untilClosed: boolean;
}

export interface Shares {
	/** By folder's id. */
	get(id: string): Share | undefined;
	add(id: string, tree: LocalTree): Promise<void>;
	remove(id: string): Promise<void>;
	/** In a click's handler. */
	resume(id: string): Promise<Result>;
	/** Reading it failed: asks the browser how it stands. */
	look(id: string): void;
	/** Another number after each change. */
	readonly version: Source<number>;
	stop(): void;
}

interface Held {
	readonly tree: LocalTree;
	readonly reader: TreeReader;
	state: Share['state'];
}

/** Rejects with a `StoreFailure` when the disk fails. */
export async function openShares({ store, clock }: { readonly store: OfficeStore; readonly clock: Clock }): Promise<Shares> {
	const held = new Map<string, Held>();
	const version = createCell(0);
	let cancel = (): void => undefined;

	function hold(id: string, tree: LocalTree): void {
		held.set(id, { tree, reader: readTree(tree), state: 'ready' });
	}

	async function look(id: string): Promise<void> {
		const share = held.get(id);
		if (!share) return;
		const permission = await share.reader.permission();
		const state = permission === 'granted' ? 'ready' : permission === 'gone' ? 'missing' : 'ask';
		if (share.state === state || held.get(id) !== share) return;
		share.state = state;
		version.set(version.get() + 1);
	}

	function lookAtAll(): void {
		cancel = clock.after(lookAgainMs, lookAtAll);
		for (const [id, { tree }] of held) if (tree.kind === 'handle') void look(id);
	}

	for (const [key, handle] of await store.handles()) if (key.startsWith(keyPrefix)) hold(key.slice(keyPrefix.length), { kind: 'handle', handle });
	await Promise.all([...held.keys()].map(look));
	cancel = clock.after(lookAgainMs, lookAtAll);

	return {
		version,
		get(id) {
			const share = held.get(id);
			return share && { reader: share.reader, state: share.state, untilClosed: share.tree.kind === 'files' };
		},
		async add(id, tree) {
			if (tree.kind === 'handle') await store.putHandle(keyPrefix + id, tree.handle);
			hold(id, tree);
			version.set(version.get() + 1);
		},
		async remove(id) {
			if (held.delete(id)) version.set(version.get() + 1);
			await store.deleteHandle(keyPrefix + id);
		},
		async resume(id) {
			const share = held.get(id);
			if (!share) return fail('not-found');
			if (share.tree.kind === 'handle') {
				const answer = await (share.tree.handle as FileSystemDirectoryHandle & Permitted).requestPermission({ mode: 'read' });
				if (answer !== 'granted') return fail('permission-lost');
			}
			await look(id);
			return share.state === 'ready' ? done : fail(share.state === 'missing' ? 'file-gone' : 'permission-lost');
		},
		look: (id) => void look(id),
		stop: () => cancel(),
	};
}
