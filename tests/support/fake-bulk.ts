/**
 * Bulk connections of whole offices in memory, under the offices' clock: with a rate, cables that are cut, and frames that are changed on their
 * way. And what else the file plane has of a browser: a private disk, an estimate, somewhere to save to.
 */
import type { Random } from '../../src/crypto/random.ts';
import { done } from '../../src/sync/failures.ts';
import type { Description } from '../../src/sync/link/description.ts';
import type { Clock, FilePorts } from '../../src/sync/ports.ts';
import type { BulkConnectionEvents, BulkWire, ConnectBulk } from '../../src/sync/transfer/bulk/bulk-connection.ts';
import { createStagingEngine } from '../../src/sync/transfer/staging/engine.ts';
import { createMemoryDisk } from '../../src/sync/transfer/staging/memory-disk.ts';
import type { Disk } from '../../src/sync/transfer/staging/disk.ts';
import type { Saver } from '../../src/sync/transfer/supply.ts';
import { seededRandom } from './seeded-random.ts';

const diskBytes = 512 * 1024 * 1024;

export interface FakeBulk {
	connect(host: string): ConnectBulk;
	cut(a: string, b: string): void;
	mend(a: string, b: string): void;
	/** Bytes per second each connection of that host sends. */
	setRate(host: string, bytesPerSecond: number): void;
	/** Changes what that host sends as bytes of files. */
	tamper(host: string, change: (frame: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>): void;
	/** Bytes of files that host sent. */
	sent(host: string): number;
}

interface End {
	readonly host: string;
	readonly events: BulkConnectionEvents;
	readonly ufrag: string;
	readonly serial: number;
	remote: Description | undefined;
	other: End | undefined;
	closed: boolean;
	readonly freeMs: [number, number];
	readonly buffered: [number, number];
	lowWater: number;
}

export function createFakeBulk(clock: Clock): FakeBulk {
	const ends = new Set<End>();
	const cuts = new Set<string>();
	const rates = new Map<string, number>();
	const changes = new Map<string, (frame: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>>();
	const sent = new Map<string, number>();
	let serial = 0;
	const pair = (a: string, b: string): string => [a, b].sort().join('|');

	function describe(end: End, setup: 'actpass' | 'active'): void {
		clock.after(0, () => {
			if (!end.closed) end.events.described({ ufrag: end.ufrag, pwd: 'p'.repeat(22), fingerprint: new Uint8Array(32).fill(end.serial), setup, maxMessageSize: 262_144, candidates: [] });
		});
	}

	function meet(end: End): void {
		const other = [...ends].find((one) => one.ufrag === end.remote?.ufrag && one.remote?.ufrag === end.ufrag);
		if (!other || end.closed || other.closed || end.other || cuts.has(pair(end.host, other.host))) return;
		end.other = other;
		other.other = end;
		for (const side of [end, other]) clock.after(0, () => side.closed || side.events.connected({ control: wire(side, 0), data: wire(side, 1) }, 262_144));
	}

	function wire(end: End, channel: 0 | 1): BulkWire {
		return {
			get bufferedAmount() {
				return end.buffered[channel];
			},
			setLowWater(bytes) {
				end.lowWater = bytes;
			},
			send(frame) {
				if (end.closed) return false;
				const copy = channel === 1 ? (changes.get(end.host)?.(frame.slice()) ?? frame.slice()) : frame.slice();
				if (channel === 1) sent.set(end.host, (sent.get(end.host) ?? 0) + copy.length);
				end.buffered[channel] += copy.length;
				end.freeMs[channel] = Math.max(end.freeMs[channel], clock.now()) + (copy.length * 1000) / (rates.get(end.host) ?? 50e6);
				clock.after(end.freeMs[channel] - clock.now() + 1, () => arrive(end, channel, copy));
				return true;
			},
		};
	}

	function arrive(end: End, channel: 0 | 1, frame: Uint8Array<ArrayBuffer>): void {
		const before = end.buffered[channel];
		end.buffered[channel] -= frame.length;
		const { other } = end;
		if (end.closed || !other || cuts.has(pair(end.host, other.host))) return;
		if (!other.closed && channel === 0) other.events.control(frame.buffer);
		else if (!other.closed) other.events.data(frame.buffer);
		if (channel === 1 && before > end.lowWater && end.buffered[1] <= end.lowWater) end.events.drained();
	}

	function close(end: End): void {
		if (end.closed) return;
		end.closed = true;
		ends.delete(end);
		end.events.closed('closed-here');
		const { other } = end;
		if (other && !cuts.has(pair(end.host, other.host))) clock.after(1, () => close(other));
	}

	return {
		connect: (host) => (initiator, events) => {
			serial += 1;
			const end: End = { host, events, ufrag: `bulk${serial}`, serial, remote: undefined, other: undefined, closed: false, freeMs: [0, 0], buffered: [0, 0], lowWater: 0 };
			ends.add(end);
			if (initiator) describe(end, 'actpass');
			return {
				accept(kind, description) {
					end.remote = description;
					if (kind === 'offer') describe(end, 'active');
					clock.after(5, () => meet(end));
				},
				addCandidates: () => undefined,
				close: () => close(end),
			};
		},
		cut: (a, b) => void cuts.add(pair(a, b)),
		mend: (a, b) => void cuts.delete(pair(a, b)),
		setRate: (host, bytesPerSecond) => void rates.set(host, bytesPerSecond),
		tamper: (host, change) => void changes.set(host, change),
		sent: (host) => sent.get(host) ?? 0,
	};
}

/** What was saved, by path. */
export type Saved = Map<string, Uint8Array>;

export interface FakeFilePorts extends FilePorts {
	readonly saved: Saved;
	readonly disk: Disk;
}

export function createFilePorts(connect: ConnectBulk, random: Random): FakeFilePorts {
	const disk = createMemoryDisk(diskBytes);
	const saved: Saved = new Map();
	return {
		saved,
		disk,
		connect,
		openDisk: () => Promise.resolve({ engine: createStagingEngine(disk, random), lasting: true }),
		async removeDisk() {
			for (const name of await disk.names()) await disk.remove(name);
		},
		estimate: () => Promise.resolve({ quota: diskBytes, usage: 0 }),
		saver: (destination) => (destination.kind === 'here' ? undefined : saverInto(saved)),
	};
}

function saverInto(saved: Saved): Saver {
	return {
		has: ({ path, size }) => Promise.resolve(saved.get(path)?.length === size),
		async add({ path }, bytes) {
			const parts: Uint8Array[] = [];
			for await (const part of bytes()) parts.push(part);
			saved.set(path, Buffer.concat(parts));
			return done;
		},
		finish: () => Promise.resolve(done),
		abort: () => undefined,
	};
}

/** For tests that fetch nothing. */
export const createMemoryFilePorts = (): FilePorts =>
	createFilePorts(() => {
		throw new Error('nobody fetches anything here');
	}, seededRandom(1));
