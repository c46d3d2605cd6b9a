/**
 * What this replica carries no longer (PROTOCOL.md, section 3): of lanes 1 and 2, what lies before an author's newest BASE older than the
 * policy's horizon. What was read stays in `kept`. Peers that still offer it are not asked: it lies below our base.
 */
import type { Clock } from '../ports.ts';
import { type Id, kinds, type Lane, lanes } from './entry.ts';
import type { Log } from './log.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** Not while the office is being opened. */
const afterStartMs = 60_000;

export interface Horizon {
	stop(): void;
}

/** @param deps.isDelivered whether any other device said that it holds this own entry: what never left this device is not dropped */
export function createHorizon(deps: { log: Log; clock: Clock; horizonDays(): number; isDelivered(lane: Lane, seq: number): boolean }): Horizon {
	const { log, clock } = deps;
	let stopped = false;
	let cancel = clock.after(afterStartMs, () => void run());

	/** Today, by this clock and by what two authors wrote: neither a clock put ahead nor one author alone makes everything old. */
	function today(): number {
		const newest = new Map<Id, number>();
		for (const { author, lane, head } of log.vector()) {
			const wallMs = log.at(author, lane, head)?.header.wallMs ?? 0;
			newest.set(author, Math.max(wallMs, newest.get(author) ?? 0));
		}
		const [first = 0, second = first] = [...newest.values()].sort((a, b) => b - a);
		return Math.min(clock.now(), second);
	}

	async function run(): Promise<void> {
		const days = deps.horizonDays();
		const limitMs = today() - days * dayMs;
		for (const { author, lane, base } of days > 0 ? log.vector() : []) {
			if (lane === lanes.office) continue;
			const old = log.range(author, lane, base).findLast(({ header }) => header.kind === kinds.base && header.wallMs <= limitMs);
			if (old === undefined || (author === log.device && !deps.isDelivered(lane, old.header.seq))) continue;
			await log.dropBefore(author, lane, old.header.seq);
			if (stopped) return;
		}
		cancel = clock.after(dayMs, () => void run());
	}

	return {
		stop() {
			stopped = true;
			cancel();
		},
	};
}
