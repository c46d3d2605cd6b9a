/** The open links, who listens to what comes over them, and what they are told (the `MeshPort` of those above). */
import { type Cell, createCell } from '../source.ts';
import type { Link } from './link.ts';
import type { LinkInfo } from './mesh-port.ts';

export interface LiveLink {
	readonly link: Link;
	readonly info: LinkInfo;
}

export interface LiveLinks {
	readonly infos: Cell<readonly LinkInfo[]>;
	get(device: string): LiveLink | undefined;
	/** Devices with a full link and their starts; those that came by an invite are not yet in the mesh. */
	full(): ReadonlyMap<string, string>;
	/** Puts a new link in the place of an older one, which is closed. */
	open(live: LiveLink): void;
	/** The limited link is a full one now. */
	lift(device: string): void;
	/** Takes a link out; answers what it was, `undefined` if another stands in its place. */
	remove(device: string, link: Link, why: string): LiveLink | undefined;
	send(device: string, message: Uint8Array, urgent: boolean): boolean;
	broadcast(message: Uint8Array, urgent: boolean): void;
	/** Hands a message to its listeners; `false` if there are none. */
	dispatch(device: string, link: Link, type: number, payload: Uint8Array): boolean;
	onMessage(types: readonly number[], handler: (from: LinkInfo, payload: Uint8Array) => void): () => void;
	onOpened(fn: (link: LinkInfo) => void): () => void;
	onClosed(fn: (link: LinkInfo, why: string) => void): () => void;
	closeAll(why: string): void;
}

export function createLiveLinks(): LiveLinks {
	const links = new Map<string, LiveLink>();
	const infos = createCell<readonly LinkInfo[]>([]);
	const handlers = new Map<number, Set<(from: LinkInfo, payload: Uint8Array) => void>>();
	const openedListeners = new Set<(link: LinkInfo) => void>();
	const closedListeners = new Set<(link: LinkInfo, why: string) => void>();
	const changed = (): void => infos.set([...links.values()].map((live) => live.info));

	function put(live: LiveLink): void {
		links.set(live.info.device, live);
		changed();
		for (const listener of [...openedListeners]) listener(live.info);
	}

	function remove(device: string, link: Link, why: string): LiveLink | undefined {
		const live = links.get(device);
		if (live?.link !== link) return undefined;
		links.delete(device);
		changed();
		for (const listener of [...closedListeners]) listener(live.info, why);
		return live;
	}

	return {
		infos,
		get: (device) => links.get(device),
		full: () => new Map([...links.values()].filter(({ info }) => !info.limited && info.invite === undefined).map(({ info }) => [info.device, info.boot] as const)),
		open(live) {
			const old = links.get(live.info.device);
			if (old) {
				remove(live.info.device, old.link, 'replaced');
				old.link.close('replaced');
			}
			put(live);
		},
		lift(device) {
			const live = links.get(device);
			if (!live?.info.limited) return;
			live.link.limitReceived(undefined);
			put({ link: live.link, info: { ...live.info, limited: false } });
		},
		remove,
		send: (device, message, urgent) => links.get(device)?.link.send(message, urgent) ?? false,
		broadcast(message, urgent) {
			for (const { link, info } of links.values()) if (!info.limited) link.send(message, urgent);
		},
		dispatch(device, link, type, payload) {
			const live = links.get(device);
			const listeners = handlers.get(type);
			if (live?.link !== link || !listeners || listeners.size === 0) return false;
			for (const handler of [...listeners]) handler(live.info, payload);
			return true;
		},
		onMessage(types, handler) {
			for (const type of types) handlers.set(type, (handlers.get(type) ?? new Set()).add(handler));
			return () => {
				for (const type of types) handlers.get(type)?.delete(handler);
			};
		},
		onOpened(fn) {
			openedListeners.add(fn);
			return () => openedListeners.delete(fn);
		},
		onClosed(fn) {
			closedListeners.add(fn);
			return () => closedListeners.delete(fn);
		},
		closeAll(why) {
			for (const { link } of [...links.values()]) link.close(why);
		},
	};
}
