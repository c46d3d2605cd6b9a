/** What goes out, to whom, of which content, over the last seconds: for the transfers' list on the giving side. */
import type { Clock } from '../../ports.ts';
import { type Cell, createCell, type Source } from '../../source.ts';
import { contentKey, type ContentRef } from '../content.ts';
import type { Upload } from './bulk-port.ts';
import { createSpeed, type Speed } from './speed.ts';

const everyMs = 500;
/** Of what nothing has gone for so long nothing is told any more. */
const shownMs = 5_000;

export interface UploadLedger {
	add(device: string, ref: ContentRef, bytes: number): void;
	readonly uploads: Source<readonly Upload[]>;
}

export function createUploadLedger(clock: Clock): UploadLedger {
	const running = new Map<string, { readonly device: string; readonly ref: ContentRef; readonly speed: Speed; bytes: number; lastMs: number }>();
	const uploads: Cell<readonly Upload[]> = createCell([]);
	let isDue = false;

	function tell(): void {
		isDue = false;
		const nowMs = clock.now();
		for (const [key, { lastMs }] of running) if (nowMs - lastMs > shownMs) running.delete(key);
		uploads.set([...running.values()].map(({ device, ref, bytes, speed }) => ({ device, ref, bytes, bytesPerSecond: speed.bytesPerSecond() })));
		if (running.size > 0) schedule();
	}

	function schedule(): void {
		if (isDue) return;
		isDue = true;
		clock.after(everyMs, tell);
	}

	return {
		add(device, ref, bytes) {
			const key = `${device} ${contentKey(ref)}`;
			const one = running.get(key) ?? { device, ref, speed: createSpeed(clock), bytes: 0, lastMs: 0 };
			one.bytes += bytes;
			one.lastMs = clock.now();
			one.speed.add(bytes);
			running.set(key, one);
			schedule();
		},
		uploads,
	};
}
