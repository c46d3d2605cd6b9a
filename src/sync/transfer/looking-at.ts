/** A whole file for looking at, fetched first where it is not here. It carries a type under which nothing in it runs (A40). */
import { fail, type Result, succeed } from '../failures.ts';
import type { Clock } from '../ports.ts';
import type { BulkPlane } from './bulk/bulk-port.ts';
import { fileType, headBytes, inertType } from './file-types.ts';
import type { Staging } from './staging/staging.ts';
import { type PlannedFile, ReadFailure, type Supply } from './supply.ts';

const maxLookedAtBytes = 64 * 1024 * 1024;
/** Who looks at a file waits no longer for somebody who has it. */
const patienceMs = 10_000;

export function createLookingAt({ bulk, staging, clock }: { readonly bulk: BulkPlane; readonly staging: Staging; readonly clock: Clock }): (supply: Supply, file: PlannedFile) => Promise<Result<Blob>> {
	async function bring(supply: Supply, { ref }: PlannedFile): Promise<Result> {
		const sink = await staging.sink(ref);
		if (!sink.ok) return sink;
		if (sink.value.have.whole) return { ok: true, value: undefined };
		const fetch = bulk.fetch({ ref, sink: sink.value, trust: supply.trust(ref), candidates: () => supply.candidates() });
		let cancelTimer: (() => void) | undefined;
		const watch = (): void => {
			const isLooking = fetch.progress.get().state === 'looking';
			if (!isLooking) {
				cancelTimer?.();
				cancelTimer = undefined;
			} else cancelTimer ??= clock.after(patienceMs, () => fetch.cancel());
		};
		const stop = fetch.progress.subscribe(watch);
		watch();
		const outcome = await fetch.outcome;
		stop();
		cancelTimer?.();
		switch (outcome) {
			case 'done':
				return { ok: true, value: undefined };
			case 'cancelled':
				return fail('no-source');
			case 'refused':
				return fail('not-allowed');
			case 'changed':
				return fail('file-changed');
			case 'gone':
				return fail('file-gone');
			case 'disk-full':
				return fail('disk-full');
			case 'write-failed':
				return fail('disk-failed');
		}
	}

	return async (supply, file) => {
		if (file.size > maxLookedAtBytes) return fail('too-large');
		if (file.ref.size > 0 && staging.held(file.ref) < file.ref.size) {
			const brought = await bring(supply, file);
			if (!brought.ok) return brought;
		}
		try {
			const parts: Uint8Array<ArrayBuffer>[] = [];
			for await (const bytes of supply.bytes(file)) parts.push(bytes);
			return succeed(lookable(parts, parts[0]));
		} catch (error) {
			if (error instanceof ReadFailure) return fail('disk-failed');
			throw error;
		}
	};
}

/** @param first the first bytes, which say what it is */
export function lookable(parts: readonly BlobPart[], first: Uint8Array | undefined): Blob {
	return new Blob([...parts], { type: inertType(fileType(first?.subarray(0, headBytes) ?? new Uint8Array(0))) });
}
