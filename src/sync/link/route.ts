/**
 * How a signal gets to a device: over a neighbour that is linked to it, one hop, else over the server (PROTOCOL.md, section 7). From the
 * first link on the mesh is preferred, so the server may die. Who is linked to whom is told by NEIGHBOURS.
 */
import { concat, fromHex, hex } from '../../crypto/bytes.ts';
import { createWriter, decode } from '../../crypto/codec.ts';
import { inboxTopic } from '../../crypto/mesh-key.ts';
import type { Clock } from '../ports.ts';
import { createRateByKey } from '../rate.ts';
import type { SignalContext } from './contexts.ts';
import { messageTypes } from './message-types.ts';
import { bootBytes, maxSealedBytes } from './signal.ts';

const idBytes = 32;
const neighboursEveryMs = 1_000;
const maxNeighbours = 1_024;
/** What a link may have us pass on; senders stay below it by a margin. */
const relaysPerSecond = 20;
const ownRelaysPerSecond = 15;

export interface Route {
	/** Over the mesh first; at odd turns over the server first, and each turn over another neighbour. `false` if there is none. */
	send(device: string, context: SignalContext, sealed: Uint8Array, turn: number): boolean;
	/** Whether there is any way. */
	reaches(device: string): boolean;
	neighbours(device: string): ReadonlySet<string>;
	/** The same, with their starts. */
	neighbourBoots(device: string): ReadonlyMap<string, string>;
	/** Takes a neighbour's list; `false` if malformed. */
	takeNeighbours(from: string, payload: Uint8Array): boolean;
	/** Passes a signal on. `false` if it is malformed, too many, or nobody to pass it to. */
	takeRelay(from: string, payload: Uint8Array): boolean;
	/** Links have come or gone: the neighbours are told, at most once a second. */
	linksChanged(): void;
	stop(): void;
	readonly relayed: number;
}

export interface RouteDeps {
	readonly clock: Clock;
	/** Full links: device → boot. */
	readonly links: () => ReadonlyMap<string, string>;
	/** Whether there is a link of any kind. */
	readonly isLinked: (device: string) => boolean;
	readonly send: (device: string, message: Uint8Array) => boolean;
	readonly publish: (topic: string, sealed: Uint8Array) => boolean;
	readonly serverUp: () => boolean;
}

/** The sealed signal in a RELAYED. */
export function decodeRelayed(payload: Uint8Array): Uint8Array | undefined {
	return decode(payload, (r) => r.lp(maxSealedBytes));
}

export function createRoute(deps: RouteDeps): Route {
	const { clock } = deps;
	const lists = new Map<string, ReadonlyMap<string, string>>();
	const passedOn = createRateByKey(clock, { burst: relaysPerSecond, perSecond: relaysPerSecond });
	const asked = createRateByKey(clock, { burst: ownRelaysPerSecond, perSecond: ownRelaysPerSecond });
	let relayed = 0;
	let toldMs = Number.NEGATIVE_INFINITY;
	let cancelTelling: (() => void) | undefined;

	function tell(): void {
		cancelTelling = undefined;
		toldMs = clock.now();
		const links = [...deps.links()].slice(0, maxNeighbours);
		const writer = createWriter().u8(messageTypes.neighbours).u16(links.length);
		for (const [device, boot] of links) writer.raw(fromHex(device) ?? new Uint8Array(idBytes)).raw(fromHex(boot) ?? new Uint8Array(bootBytes));
		const message = writer.bytes();
		for (const [device] of links) deps.send(device, message);
	}

	function carriers(device: string): string[] {
		return [...deps.links().keys()].filter((neighbour) => neighbour !== device && lists.get(neighbour)?.has(device));
	}

	return {
		send(device, context, sealed, turn) {
			const target = fromHex(device);
			if (!target) return false;
			const overMesh = carriers(device).map((neighbour) => () => {
				if (!asked.take(neighbour)) return false;
				return deps.send(neighbour, createWriter().u8(messageTypes.relay).raw(target).lp(sealed).bytes());
			});
			// Different devices begin with different neighbours, so that one does not carry for all.
			const start = overMesh.length === 0 ? 0 : ((target[31] ?? 0) + turn) % overMesh.length;
			const rotated = [...overMesh.slice(start), ...overMesh.slice(0, start)];
			const overServer = (): boolean => deps.publish(inboxTopic(context.topicKey, target), sealed);
			return (turn % 2 === 0 ? [...rotated, overServer] : [overServer, ...rotated]).some((way) => way());
		},
		reaches: (device) => deps.serverUp() || carriers(device).length > 0,
		neighbours: (device) => new Set(lists.get(device)?.keys() ?? []),
		neighbourBoots: (device) => lists.get(device) ?? new Map(),
		takeNeighbours(from, payload) {
			const list = decode(payload, (r) => {
				const count = r.u16();
				if (count > maxNeighbours) r.fail();
				return new Map(Array.from({ length: count }, () => [hex(r.raw(idBytes)), hex(r.raw(bootBytes))] as const));
			});
			if (list) lists.set(from, list);
			return list !== undefined;
		},
		takeRelay(from, payload) {
			const relay = decode(payload, (r) => ({ to: hex(r.raw(idBytes)), sealed: r.lp(maxSealedBytes) }));
			if (!relay || relay.to === from || !deps.links().has(relay.to) || !passedOn.take(from)) return false;
			relayed += 1;
			return deps.send(relay.to, concat(Uint8Array.of(messageTypes.relayed), createWriter().lp(relay.sealed).bytes()));
		},
		linksChanged() {
			for (const device of [...lists.keys()]) if (!deps.isLinked(device)) lists.delete(device);
			cancelTelling ??= clock.after(Math.min(neighboursEveryMs, Math.max(0, toldMs + neighboursEveryMs - clock.now())), tell);
		},
		stop() {
			cancelTelling?.();
			lists.clear();
		},
		get relayed() {
			return relayed;
		},
	};
}
