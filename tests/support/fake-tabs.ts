/** What tabs of one browser profile share: Web Locks and broadcast channels, as far as leading uses them. */
import type { Channel } from '../../src/sync/lead.ts';

export interface FakeTabs {
	readonly locks: LockManager;
	openChannel(name: string): Channel;
	/** Names of the locks that are held. */
	held(): readonly string[];
}

interface Held {
	readonly release: () => void;
	readonly steal: () => void;
}

interface Waiting {
	readonly name: string;
	readonly grant: () => void;
}

export function createFakeTabs(): FakeTabs {
	const held = new Map<string, Held>();
	const waiting: Waiting[] = [];
	const channels = new Map<string, Set<Channel>>();

	function next(name: string): void {
		const index = waiting.findIndex((request) => request.name === name);
		if (index >= 0) waiting.splice(index, 1)[0]?.grant();
	}

	function grant(name: string, callback: (lock: Lock | null) => unknown): Promise<unknown> {
		return new Promise((resolve, reject) => {
			const mine: Held = {
				release() {
					if (held.get(name) !== mine) return;
					held.delete(name);
					next(name);
				},
				steal() {
					held.delete(name);
					reject(new DOMException('stolen', 'AbortError'));
				},
			};
			held.set(name, mine);
			const ended = (): void => {
				mine.release();
				resolve(undefined);
			};
			Promise.resolve(callback({ name, mode: 'exclusive' })).then(ended, ended);
		});
	}

	async function request(name: string, options: LockOptions, callback: (lock: Lock | null) => unknown): Promise<unknown> {
		await Promise.resolve();
		if (options.steal === true) held.get(name)?.steal();
		if (!held.has(name)) return grant(name, callback);
		if (options.ifAvailable === true) return callback(null);
		return new Promise((resolve, reject) => {
			const mine: Waiting = { name, grant: () => void grant(name, callback).then(resolve, reject) };
			waiting.push(mine);
			options.signal?.addEventListener('abort', () => {
				const index = waiting.indexOf(mine);
				if (index < 0) return;
				waiting.splice(index, 1);
				reject(new DOMException('aborted', 'AbortError'));
			});
		});
	}

	return {
		locks: { request, query: () => Promise.resolve({ held: [], pending: [] }) } as unknown as LockManager,
		openChannel(name) {
			const all = channels.get(name) ?? new Set<Channel>();
			channels.set(name, all);
			const channel: Channel = {
				onmessage: null,
				postMessage(message) {
					for (const other of all) if (other !== channel) setTimeout(() => other.onmessage?.({ data: message } as MessageEvent), 0);
				},
				close: () => void all.delete(channel),
			};
			all.add(channel);
			return channel;
		},
		held: () => [...held.keys()],
	};
}
