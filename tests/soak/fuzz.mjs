/** `npm run soak -- fuzz [--cases 1000000] [--seed n]`: a million damaged frames, messages and entries; nothing throws, the heap stays bounded, the honest are served. */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createServer } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
const mebibyte = 2 ** 20;
/** By how much the heap may grow from a tenth of the cases to the last, all garbage collected. */
const maxGrowthBytes = 64 * mebibyte;
/** What goes into a live replica and through the frames; the rest through the decoders. */
const replicaShare = 0.2;
const frameShare = 0.1;

/** @param {string[]} args */
export async function main(args) {
	const { values } = parseArgs({ args, options: { cases: { type: 'string', default: '1000000' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) } } });
	const [cases, seed] = [Number(values.cases), Number(values.seed)];
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc');
	/** @type {unknown[]} */
	const escaped = [];
	process.on('unhandledRejection', (error) => escaped.push(error));
	process.on('uncaughtException', (error) => escaped.push(error));

	// The sources are TypeScript; Vite reads them.
	const vite = await createServer({ root, configFile: false, logLevel: 'error', server: { middlewareMode: true, watch: null }, optimizeDeps: { noDiscovery: true } });
	const { fuzzDecoders, fuzzFrames, fuzzReplica } = /** @type {typeof import('../support/fuzz.ts')} */ (await vite.ssrLoadModule('/tests/support/fuzz.ts'));
	const heap = () => {
		collect();
		return process.memoryUsage().heapUsed;
	};
	/** @type {number[]} */
	const heaps = [];
	const begin = Date.now();
	console.log(`${cases} cases, seed ${seed}`);

	const frames = Math.floor(cases * frameShare);
	const messages = Math.floor(cases * replicaShare);
	const steps = 10;
	let refused = 0;
	let closed = 0;
	for (let step = 0; step < steps; step++) {
		refused += fuzzDecoders(seed + step, Math.floor((cases - frames - messages) / steps)).refused;
		closed += fuzzFrames(seed + step, Math.floor(frames / steps)).closed;
		heaps.push(heap());
		console.log(`decoders and frames ${(step + 1) * 10} %: ${refused} refused, ${closed} links closed, heap ${(heaps.at(-1) ?? 0) / mebibyte | 0} MiB`);
	}
	/** @type {number[]} */
	const live = [];
	const report = await fuzzReplica(seed, messages, (done) => {
		if (done < ((live.length + 1) * messages) / steps) return;
		live.push(heap());
		console.log(`replica ${done} messages: heap ${(live.at(-1) ?? 0) / mebibyte | 0} MiB`);
	});
	await vite.close();

	const growth = Math.max((heaps.at(-1) ?? 0) - (heaps[0] ?? 0), (live.at(-1) ?? 0) - (live[0] ?? 0));
	const failures = [
		...escaped.map((error) => `an exception escaped: ${error instanceof Error ? error.stack : String(error)}`),
		...(growth > maxGrowthBytes ? [`the heap grew by ${growth / mebibyte | 0} MiB`] : []),
		...(report.taken < report.written ? [`of ${report.written} honest entries ${report.taken} came through`] : []),
		...(report.level ? [] : ['the honest devices differ']),
	];
	console.log(`${(Date.now() - begin) / 1000 | 0} s: ${refused} refused by decoders, ${closed} links closed, ${report.garbage} messages counted as garbage, ${report.taken} of ${report.written} honest entries taken, heap grew by ${growth / mebibyte | 0} MiB`);
	for (const failure of failures) console.error(failure);
	console.log(failures.length === 0 ? 'passed' : `FAILED (seed ${seed})`);
	process.exitCode = failures.length === 0 ? 0 : 1;
}
