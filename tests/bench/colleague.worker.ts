/** The colleague who was there: a replica with the whole office, in a worker, so that its work is not the measured page's. */
import { hex } from '../../src/crypto/bytes.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import { openLog } from '../../src/sync/log/log.ts';
import { createReplication } from '../../src/sync/log/replicate.ts';
import { systemClock } from '../../src/sync/ports.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { decodeOffice } from './office-file.ts';
import { createPortMesh } from './port-mesh.ts';
import { rivalUpdate } from './rival-array.ts';

const scope = globalThis as unknown as { onmessage: (event: MessageEvent<'replica' | 'rival'>) => void; postMessage(message: unknown, transfer?: Transferable[]): void };
const all = Number.MAX_SAFE_INTEGER;

scope.onmessage = ({ data: wish }) => {
	void (async () => {
		const file = decodeOffice(new Uint8Array(await (await fetch('/office.bin')).arrayBuffer()));
		if (wish === 'rival') {
			const update = rivalUpdate(file);
			scope.postMessage({ ready: true, update }, [update.buffer]);
			return;
		}
		const { officeId, colleague, reader } = file;
		// Its own entries were checked when they came.
		const log = await openLog({ officeId, keys: colleague, store: createMemoryStore(officeId), clock: systemClock, fresh: true, verify: () => true });
		for (const chain of file.chains) {
			const answer = await log.accept(chain, { claimed: all });
			if (answer !== 'stored') throw new Error(`the colleague does not take its own log: ${answer}`);
		}
		const channel = new MessageChannel();
		const mesh = createPortMesh(log.device, hex(reader.signPublic), channel.port1);
		createReplication({ log, mesh, clock: systemClock, random: systemRandom, keys: colleague });
		scope.postMessage({ ready: true, digest: hex(log.digest()), port: channel.port2 }, [channel.port2]);
		channel.port1.start();
	})();
};
