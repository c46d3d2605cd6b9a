/**
 * Tells the office of forks (PROTOCOL.md, section 3): who holds both signed headers writes a FORK_PROOF, after a wait of its own, unless a
 * colleague was first. A proof that does not hold keeps nobody from writing a true one.
 */
import type { Random } from '../../crypto/random.ts';
import type { Clock } from '../ports.ts';
import { kinds, lanes, type Verify } from './entry.ts';
import { decodeForkProof, type Fork, verifyForkProof } from './fork.ts';
import type { Log } from './log.ts';

/** Of a hundred who saw the same fork, a few write. */
const jitterMs = 30_000;

/** @param deps.mayWrite whether this device is in force */
export function createForkWatch(deps: { log: Log; clock: Clock; random: Random; mayWrite(): boolean; verify?: Verify }): { stop(): void } {
	const { log, clock } = deps;
	let cancel: (() => void) | undefined;

	function isTold(fork: Fork): boolean {
		for (const { header, body } of log.entries(lanes.office)) {
			if (header.kind !== kinds.forkProof) continue;
			const proof = decodeForkProof(body, log.officeId);
			const isOfIt = proof?.author === fork.author && proof.lane === fork.lane && proof.seq <= (fork.provenSeq ?? 0);
			if (isOfIt && verifyForkProof(proof, deps.verify)) return true;
		}
		return false;
	}

	async function tell(): Promise<void> {
		cancel = undefined;
		if (!deps.mayWrite() || log.writable.get() !== 'ready') return;
		for (const fork of log.forks.get()) {
			const { proof } = fork;
			if (proof === undefined || fork.author === log.device || isTold(fork)) continue;
			// Whatever keeps it from being written, a colleague or the next start writes it.
			await log.append({ kind: kinds.forkProof, lane: lanes.office, body: () => proof });
		}
	}

	function schedule(): void {
		if (cancel !== undefined || log.forks.get().length === 0) return;
		const [high = 0, low = 0] = deps.random(2);
		cancel = clock.after(((high * 256 + low) / 65_536) * jitterMs, () => void tell());
	}

	schedule();
	const stops = [log.forks.subscribe(schedule), log.writable.subscribe(schedule)];
	return {
		stop() {
			cancel?.();
			for (const stop of stops) stop();
		},
	};
}
