/** The bulk plane over real connections of this browser: descriptions from the template, both channels, the first message, a file. */
import { expect, test } from 'vitest';
import { equal, hex } from '../../src/crypto/bytes.ts';
import { leafOf } from '../../src/crypto/file-hash.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import type { LinkInfo, MeshPort } from '../../src/sync/link/mesh-port.ts';
import { systemClock } from '../../src/sync/ports.ts';
import { createCell } from '../../src/sync/source.ts';
import { createBulkConnection } from '../../src/sync/transfer/bulk/bulk-connection.ts';
import { createBulkPlane } from '../../src/sync/transfer/bulk/bulk-plane.ts';
import type { BulkPlane } from '../../src/sync/transfer/bulk/bulk-port.ts';
import { createChunkSet } from '../../src/sync/transfer/chunk-set.ts';
import type { ChunkSink, ContentRef, Holding } from '../../src/sync/transfer/content.ts';

const MiB = 1024 * 1024;
const size = 5 * MiB + 333;
const ref: ContentRef = { kind: 'folder-file', folder: '00'.repeat(16), path: 'a', size, modifiedMs: 1 };
const connections: RTCPeerConnection[] = [];

class Watched extends RTCPeerConnection {
	constructor(configuration?: RTCConfiguration) {
		super(configuration);
		connections.push(this);
	}
}

/** Links that carry each message as it is. */
function meshes(ids: readonly [string, string]): MeshPort[] {
	const handlers = ids.map(() => new Map<number, ((from: LinkInfo, payload: Uint8Array) => void)[]>());
	const info = (device: string): LinkInfo => ({ device, boot: '', limited: false, sinceMs: 0, session: '', invite: undefined, build: '' });
	return ids.map((device, own) => ({
		links: createCell<readonly LinkInfo[]>([info(ids[own === 0 ? 1 : 0])]),
		send(_to, message) {
			const copy = message.slice();
			queueMicrotask(() => {
				for (const handler of handlers[1 - own]?.get(copy[0] ?? 0) ?? []) handler(info(device), copy.subarray(1));
			});
			return true;
		},
		broadcast: () => undefined,
		onMessage(types, handler) {
			for (const type of types) handlers[own]?.set(type, [...(handlers[own].get(type) ?? []), handler]);
			return () => undefined;
		},
		onOpened: () => () => undefined,
		onClosed: () => () => undefined,
		neighbours: () => new Set<string>(),
		self: { device, boot: '' },
	}));
}

function planes(holding: Holding): readonly [BulkPlane, BulkPlane, string] {
	const ids = [hex(systemRandom(32)), hex(systemRandom(32))] as const;
	const made = meshes([ids[0], ids[1]]).map((mesh) =>
		createBulkPlane({
			clock: systemClock,
			random: systemRandom,
			mesh,
			holdings: { open: () => Promise.resolve(mesh.self.device === ids[0] ? holding : 'not-here') },
			appHost: 'localhost',
			seenAddress: () => undefined,
			connect: (initiator, events) => createBulkConnection({ clock: systemClock, RTCPeerConnection: Watched, iceServers: [] }, initiator, events),
		}),
	);
	return [made[0]!, made[1]!, ids[0]];
}

function fileOf(bytes: Uint8Array): Holding {
	return {
		have: () => createChunkSet(Math.ceil(size / MiB), 'all'),
		async readChunk(index) {
			const chunk = bytes.slice(index * MiB, (index + 1) * MiB);
			return { bytes: chunk, leaf: await leafOf(chunk) };
		},
		leavesOfGroup: () => Promise.resolve(undefined),
		groups: () => Promise.resolve(undefined),
		manifest: () => Promise.resolve(undefined),
	};
}

function memory(written: () => void): ChunkSink & { readonly bytes: Uint8Array } {
	const have = createChunkSet(Math.ceil(size / MiB));
	const bytes = new Uint8Array(size);
	return {
		bytes,
		have,
		async write(index, buffer, leaf) {
			const chunk = new Uint8Array(buffer);
			if (!equal(await leafOf(chunk), leaf)) return 'wrong';
			bytes.set(chunk, index * MiB);
			have.add(index);
			written();
			return 'written';
		},
	};
}

const randomFile = (): Uint8Array => {
	const bytes = new Uint8Array(size);
	for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
	return bytes;
};

test('a file comes whole over a connection of its own, with two channels that were agreed on beforehand', async () => {
	connections.length = 0;
	const file = randomFile();
	const [alice, bob, owner] = planes(fileOf(file));
	const sink = memory(() => undefined);
	const fetch = bob.fetch({ ref, sink, trust: { isOwner: (device) => device === owner, root: undefined, rootOf: () => undefined }, candidates: () => [owner] });
	expect(await fetch.outcome).toBe('done');
	expect(equal(sink.bytes, file)).toBe(true);
	expect(connections.length).toBe(2);
	// One fingerprint in each description, and no line but the template's.
	for (const connection of connections) expect(connection.remoteDescription?.sdp.match(/a=fingerprint:sha-256 /g)?.length).toBe(1);
	alice.stop();
	bob.stop();
	expect(connections.every(({ connectionState }) => connectionState === 'closed')).toBe(true);
});

test('the connection dies under it: it is made anew, and the file comes whole', async () => {
	connections.length = 0;
	const file = randomFile();
	const [alice, bob, owner] = planes(fileOf(file));
	alice.setUploadLimit(6 * MiB);
	let broken = false;
	const sink = memory(() => {
		if (broken) return;
		broken = true;
		// As a socket that the system took: the other end hears nothing of it but by the channel.
		for (const connection of connections) connection.close();
	});
	const fetch = bob.fetch({ ref, sink, trust: { isOwner: (device) => device === owner, root: undefined, rootOf: () => undefined }, candidates: () => [owner] });
	expect(await fetch.outcome).toBe('done');
	expect(equal(sink.bytes, file)).toBe(true);
	expect(connections.length).toBeGreaterThanOrEqual(4);
	alice.stop();
	bob.stop();
});
