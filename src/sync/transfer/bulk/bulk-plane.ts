/** The bulk plane put together: connections, giving, and the fetches of this device. What the composition root makes of an open office. */
import type { Random } from '../../../crypto/random.ts';
import { createCandidateRule } from '../../link/candidate.ts';
import type { MeshPort } from '../../link/mesh-port.ts';
import type { Clock } from '../../ports.ts';
import { chunkLength } from '../chunk-list.ts';
import type { Holdings } from '../content.ts';
import { cutOf } from '../content-ref.ts';
import { createBudget } from './budget.ts';
import type { ConnectBulk } from './bulk-connection.ts';
import type { BulkPlane, Fetch, Held } from './bulk-port.ts';
import { createFetching } from './fetching.ts';
import { createGiver } from './giver.ts';
import { createHave, type Had } from './have.ts';
import type { Lane } from './lane.ts';
import { createPairs } from './pairs.ts';
import { createRequests, type Requests } from './requests.ts';
import { createSmallFiles } from './small-files.ts';
import { createUploadLedger } from './upload-ledger.ts';

/** So many fetches in which a device gave what was false, and it is asked for nothing any more until the page is opened anew. */
const maxMisdeeds = 3;

export interface BulkPlaneDeps {
	readonly clock: Clock;
	readonly random: Random;
	readonly mesh: MeshPort;
	readonly holdings: Holdings;
	/** Host name the app was opened under. */
	readonly appHost: string;
	/** This client's address as the server sees it. */
	readonly seenAddress: () => string | undefined;
	readonly connect: ConnectBulk;
}

export function createBulkPlane(deps: BulkPlaneDeps): BulkPlane {
	const { clock, mesh, holdings } = deps;
	const ledger = createUploadLedger(clock);
	const giver = createGiver({ clock, holdings, ledger });
	const have = createHave({ clock, mesh, holdings });
	const asked = new Map<Lane, Requests>();
	const fetches = new Set<Fetch & { look(): void }>();
	const misdeeds = new Map<string, number>();
	const budget = createBudget(lookAll);

	function lookAll(): void {
		for (const one of [...fetches]) one.look();
	}

	function misdeed(device: string): void {
		misdeeds.set(device, (misdeeds.get(device) ?? 0) + 1);
	}

	const pairs = createPairs({
		clock,
		random: deps.random,
		mesh,
		allowed: createCandidateRule(deps.appHost),
		seenAddress: deps.seenAddress,
		connect: deps.connect,
		opened(lane) {
			asked.set(lane, createRequests(lane));
			lookAll();
		},
		control(lane, message) {
			const isAnswer = message.type === 'leaf' || message.type === 'list' || message.type === 'refuse';
			if (isAnswer ? asked.get(lane)?.control(message) !== true : !giver.control(lane, message)) lane.close('bad-frame');
		},
		data(lane, frame) {
			if (asked.get(lane)?.data(frame) !== true) lane.close('bad-frame');
		},
		drained: (lane) => giver.drained(lane),
		closed(lane, why) {
			if (why === 'bad-frame') misdeed(lane.device);
			giver.closed(lane);
			const requests = asked.get(lane);
			asked.delete(lane);
			requests?.closed();
			lookAll();
		},
		failed: lookAll,
	});

	const shared = {
		clock,
		budget,
		have,
		lanes: (device: string) =>
			pairs.lanes(device).flatMap((lane) => {
				const requests = asked.get(lane);
				return requests ? [{ lane, requests }] : [];
			}),
		want: (device: string, count: number) => pairs.want(device, count),
		misdeed,
		isTrusted: (device: string) => (misdeeds.get(device) ?? 0) < maxMisdeeds,
	};

	function begin<T extends Fetch & { look(): void }>(make: (over: () => void) => T): T {
		const fetch: T = make(() => {
			// In the next turn, because one may be over as soon as it began.
			queueMicrotask(() => fetches.delete(fetch));
		});
		fetches.add(fetch);
		return fetch;
	}

	return {
		fetch: (job) => begin((over) => createFetching({ ...shared, over }, job)),
		fetchSmall: (job) => begin((over) => createSmallFiles({ ...shared, over }, job)),
		async ask(refs, devices) {
			const answers = await Promise.all(devices.map(async (device) => ({ device, had: await have.ask(device, refs) })));
			return refs.map((ref, index) => answers.flatMap(({ device, had }): Held[] => heldOf(device, had[index], ref)));
		},
		uploads: ledger.uploads,
		setUploadLimit: (bytesPerSecond) => giver.setLimit(bytesPerSecond),
		stop() {
			for (const one of [...fetches]) one.cancel();
			pairs.stop();
			giver.stop();
			have.stop();
		},
	};
}

function heldOf(device: string, had: Had | undefined, ref: Parameters<typeof cutOf>[0]): Held[] {
	if (had === undefined || typeof had === 'string') return [];
	if (had.whole) return [{ device, bytes: ref.size }];
	let bytes = 0;
	for (let index = 0; index < had.count; index++) if (had.has(index)) bytes += chunkLength(cutOf(ref), index);
	return bytes > 0 ? [{ device, bytes }] : [];
}
