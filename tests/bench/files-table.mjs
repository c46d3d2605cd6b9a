/** The rows of the files bench with their aims and floors (FILES.md, 4.2): all of them, met or not, and what was not measured said so. */
import { median } from './measure.mjs';

const rivals = { pairdrop: 'PairDrop (64,000 B, stops every 1 MB)', 'simple-peer': "simple-peer's stream (64 KiB marks)", trystero: 'Trystero (16 KiB)', localsend: 'LocalSend web (16 KiB, polls)' };

/**
 * @param {Record<string, number[]>} numbers MiB/s unless the row says otherwise
 * @param {{ capMiB: number, size: number, large: number }} given
 * @returns {(string | boolean)[][]}
 */
export function filesRows(numbers, { capMiB, size, large }) {
	const of = (/** @type {string} */ name) => (numbers[name] ? median(numbers[name] ?? []) : NaN);
	const ceiling = Math.max(...['raw 64', 'raw 128', 'raw 255'].map(of).filter((one) => !Number.isNaN(one)));
	const spread = (/** @type {string} */ name, digits = 1) => {
		const all = numbers[name] ?? [];
		return all.length < 2 ? '' : ` (${Math.min(...all).toFixed(digits)}–${Math.max(...all).toFixed(digits)})`;
	};
	const shown = (/** @type {string} */ name, digits = 1) => (numbers[name] ? of(name).toFixed(digits) + spread(name, digits) : 'not measured');
	const share = (/** @type {string} */ name) => (numbers[name] && Number.isFinite(ceiling) ? (of(name) / ceiling).toFixed(2) : '');
	/** @param {string} row @param {string} name @param {number} aim @param {number} floor */
	const ofC = (row, name, aim, floor) => [row, shown(name), share(name), `≥ ${aim.toFixed(2)} C`, `${floor.toFixed(2)} C`, of(name) / ceiling >= aim];
	/** @param {string} row @param {string} name @param {number} aim @param {number | string} floor @param {'≤' | '≥'} sign @param {number} [digits] */
	const plain = (row, name, aim, floor, sign, digits = 0) => [row, shown(name, digits), '', `${sign} ${aim}`, String(floor), sign === '≤' ? of(name) <= aim : of(name) >= aim];
	const best = Math.max(...Object.keys(rivals).map(of).filter((one) => !Number.isNaN(one)));
	const times = of('ours') / best;
	const p95 = (/** @type {string} */ name) => [...(numbers[name] ?? [])].sort((a, b) => a - b)[Math.floor((numbers[name]?.length ?? 0) * 0.95)] ?? NaN;
	const capped = Math.min(3 * capMiB, ceiling);
	const growth = Math.abs(of('memory large') - of('memory'));
	return [
		...['raw 64', 'raw 128', 'raw 255'].map((way) => [`bare channel, ${way.slice(4)} KiB messages, MiB/s`, shown(way), share(way), '', '']),
		ofC('one source, hashed into the private disk, MiB/s', 'ours', 0.9, 0.8),
		ofC('the same, sealed as an attachment', 'ours sealed', 0.85, 0.75),
		ofC('the same, export to a folder counted', 'ours with export', 0.7, 0.55),
		ofC('reading, hashing, sealing alone, MiB/s', 'work alone', 3, 2),
		...Object.entries(rivals).map(([way, name]) => [`${name}, MiB/s`, shown(way), share(way), '', '']),
		['ours ÷ the best of these', Number.isFinite(times) ? times.toFixed(2) : 'not measured', '', '> 1', '1.2', times > 1],
		[`three sources of ${capMiB} MiB/s each, MiB/s`, shown('capped'), '', `≥ ${(0.9 * capped).toFixed(1)}`, (0.75 * capped).toFixed(1), of('capped') >= 0.9 * capped],
		plain('a source is killed: longest pause, ms', 'killed pause', 1_000, 3_000, '≤'),
		plain('broken off and loaded anew at 50 %: fetched again, MiB', 'fetched again', 16, 64, '≤', 1),
		plain('the same: until bytes flow, ms', 'flows again', 2_000, 5_000, '≤'),
		plain('a byte flipped by a holder: chunks fetched again', 'chunks again', 1, 'never kept', '≤'),
		plain(`memory growth, ${size} MiB, MiB`, 'memory', 64, 128, '≤'),
		plain(`memory growth, ${large} MiB, MiB`, 'memory large', 64, 128, '≤'),
		['difference of the two, %', numbers['memory'] ? ((growth / Math.max(1, of('memory'))) * 100).toFixed(0) : 'not measured', '', '< 10', '', growth / Math.max(1, of('memory')) < 0.1],
		plain('10,000 files of 4 KiB, files/s', 'small files', 1_500, 500, '≥'),
		plain('10,000-file folder: until its list is there, ms', 'listing', 1_000, 3_000, '≤'),
		['chat there and back, p95, idle, ms', p95('chat idle').toFixed(1), '', '', ''],
		['chat there and back, p95, while a file comes, ms', p95('chat busy').toFixed(1), '', `≤ ${(p95('chat idle') + 20).toFixed(0)}`, (p95('chat idle') + 100).toFixed(0), p95('chat busy') <= p95('chat idle') + 20],
	];
}
