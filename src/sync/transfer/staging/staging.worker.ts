/** The thread of staging: hashing, sealing and the disk. Wiring only; the calls are those of `StagingEngine`. */
import { systemRandom } from '../../../crypto/random.ts';
import { createStagingEngine, type StagingEngine } from './engine.ts';
import { createOpfsDisk } from './opfs-disk.ts';
import type { Answer, Call } from './worker-engine.ts';

const thread = globalThis as unknown as { onmessage: (event: MessageEvent<Call>) => void; postMessage(answer: Answer, transfer?: Transferable[]): void };
let engine: StagingEngine | undefined;

async function run(call: Call): Promise<unknown> {
	if (call.method === 'start') {
		engine = createStagingEngine(await createOpfsDisk(call.args[0]), systemRandom);
		return undefined;
	}
	if (!engine) throw new Error('staging was not started');
	// The arguments are those of the method named beside them, which TypeScript does not follow through a union.
	return (engine[call.method] as (...args: readonly unknown[]) => Promise<unknown>)(...call.args);
}

thread.onmessage = ({ data: call }) => {
	run(call).then(
		(value) => thread.postMessage({ id: call.id, value }, buffersIn(value)),
		(error: unknown) => thread.postMessage({ id: call.id, error: String(error) }),
	);
};

/** A chunk's bytes go without being copied. */
function buffersIn(value: unknown): Transferable[] {
	const bytes = typeof value === 'object' && value !== null && 'bytes' in value ? value.bytes : undefined;
	return bytes instanceof Uint8Array && bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : [];
}
