/** Asking colleagues for parts of directories, and answering them: each question is judged when it comes, each answer matched to its question. */
import type { LinkInfo, MeshPort } from '../../link/mesh-port.ts';
import { messageTypes } from '../../link/message-types.ts';
import type { Id } from '../../log/entry.ts';
import type { Clock } from '../../ports.ts';
import { createRateByKey } from '../../rate.ts';
import { decodeAnswer, decodeAsk, encodeAnswer, encodeAsk, type FolderAnswer, type FolderAsk } from './folder-messages.ts';

/** A directory on a network drive takes its time. */
const answerWithinMs = 15_000;
const asks = { burst: 200, perSecond: 100 };
/** Of one colleague at a time; further ones are not heard. */
const maxAnswering = 16;

export interface FolderAsking {
	/** What that device answers; `undefined` where it does not. */
	ask(device: Id, ask: Omit<FolderAsk, 'request'>): Promise<Omit<FolderAnswer, 'request'> | undefined>;
	stop(): void;
}

export function createFolderAsking(deps: {
	readonly mesh: MeshPort;
	readonly clock: Clock;
	readonly answer: (from: Id, ask: FolderAsk) => Promise<Omit<FolderAnswer, 'request'>>;
}): FolderAsking {
	const { mesh, clock } = deps;
	const asked = new Map<number, { readonly device: Id; readonly settle: (answer: FolderAnswer | undefined) => void }>();
	const rate = createRateByKey(clock, asks);
	const answering = new Map<Id, number>();
	let next = 0;

	async function hear(from: Id, payload: Uint8Array): Promise<void> {
		const ask = rate.take(from) ? decodeAsk(payload) : undefined;
		const under = answering.get(from) ?? 0;
		if (!ask || under >= maxAnswering) return;
		answering.set(from, under + 1);
		try {
			const answer = await deps.answer(from, ask);
			mesh.send(from, encodeAnswer({ ...answer, request: ask.request }));
		} finally {
			answering.set(from, (answering.get(from) ?? 1) - 1);
		}
	}

	function gone({ device }: LinkInfo): void {
		for (const [request, one] of asked) {
			if (one.device !== device) continue;
			asked.delete(request);
			one.settle(undefined);
		}
	}

	const stops = [
		mesh.onMessage([messageTypes.folderAsk], ({ device, limited }, payload) => {
			if (!limited) void hear(device, payload);
		}),
		mesh.onMessage([messageTypes.folderAnswer], ({ device }, payload) => {
			const answer = decodeAnswer(payload);
			const one = answer && asked.get(answer.request);
			if (one?.device !== device) return;
			asked.delete(answer?.request ?? 0);
			one.settle(answer);
		}),
		mesh.onClosed(gone),
	];

	return {
		ask(device, ask) {
			const request = next++ % 2 ** 32;
			return new Promise((resolve) => {
				const cancel = clock.after(answerWithinMs, () => {
					asked.delete(request);
					resolve(undefined);
				});
				asked.set(request, {
					device,
					settle(answer) {
						cancel();
						resolve(answer);
					},
				});
				if (mesh.send(device, encodeAsk({ ...ask, request }), true)) return;
				cancel();
				asked.delete(request);
				resolve(undefined);
			});
		},
		stop() {
			for (const stop of stops) stop();
			for (const one of asked.values()) one.settle(undefined);
			asked.clear();
		},
	};
}
