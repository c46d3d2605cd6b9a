/** The table of the mesh bench: every row with its aim, met or not, printed and kept in docs/benchmarks.md. */
import { median } from './measure.mjs';
import { writeSection } from './sections.mjs';

/** The aims were set for 30 pages. */
const aimPages = 30;
const aims = { payload: 35, idle: 2, deliveries: 1_500 };

/**
 * @typedef {object} Results
 * @property {number} pages
 * @property {number} rounds
 * @property {string} machine
 * @property {readonly import('./measure.mjs').Round[]} ours
 * @property {readonly import('./measure.mjs').Round[]} rival
 * @property {{ newcomerMs: number, returningMs: number } | undefined} firstRead
 */

/** @param {Results} results */
export function writeTable({ pages, rounds, machine, ours, rival, firstRead }) {
	const scale = (pages * (pages - 1)) / (aimPages * (aimPages - 1));
	const payloadAim = pages === aimPages ? aims.payload : Math.ceil(1.2 * (pages - 1));
	const deliveriesAim = pages === aimPages ? aims.deliveries : Math.ceil(aims.deliveries * scale);
	const of = (/** @type {readonly import('./measure.mjs').Round[]} */ all, /** @type {keyof import('./measure.mjs').Round} */ key) => median(all.map((one) => one[key]));
	const row = (/** @type {string} */ name, /** @type {keyof import('./measure.mjs').Round} */ key, /** @type {number | undefined} */ aim, /** @type {string} */ aimText, digits = 0) => {
		const mine = of(ours, key);
		const theirs = of(rival, key);
		// What was not reached in the time given took longer than that: more than any number that was.
		const isMet = mine <= (Number.isNaN(aim) ? Infinity : (aim ?? Infinity));
		return [name, show(mine, digits), show(theirs, digits), ratio(theirs, mine), aimText, aim === undefined || (Number.isNaN(aim) && rival.length === 0) ? '' : isMet ? 'met' : 'NOT met'];
	};
	const rows = [
		row('payload messages per change', 'payloadPerChange', payloadAim, `≤ ${payloadAim}`),
		row('idle messages per second and page', 'idlePerSecond', aims.idle, `≤ ${aims.idle}`, 2),
		row('server deliveries until all are joined', 'deliveries', deliveriesAim, `≤ ${deliveriesAim}`),
		row('all started at once: until all are connected, ms', 'connectedMs', of(rival, 'connectedMs'), "≤ y-webrtc's"),
		row('connections per pair', 'connectionsPerPair', 1, '1', 2),
		row('connections made per pair', 'constructedPerPair', undefined, '', 2),
		row('share of the pairs connected', 'reached', undefined, '', 3),
		row('memory per page, MiB', 'memoryMiB', undefined, ''),
		['newcomer: URL to first message read, ms', show(firstRead?.newcomerMs ?? NaN, 0), '–', '', '', ''],
		['returning: URL to first message read, ms', show(firstRead?.returningMs ?? NaN, 0), '–', '', '', ''],
	];
	const table = [['row', 'Landline', 'y-webrtc 10.3', 'y-webrtc ÷ Landline', 'aim', ''], ...rows];
	const markdown = [table[0], (table[0] ?? []).map(() => '---'), ...rows].map((cells) => `| ${(cells ?? []).join(' | ')} |`).join('\n');
	const text = `\`npm run bench -- mesh --pages ${pages} --rounds ${rounds}\`, ${new Date().toISOString().slice(0, 10)}, on ${machine}.

${pages} pages of the built app beside ${pages} bare pages of y-webrtc 10.3 with its own server and room for all, in turns in one headless
browser on one machine, medians of ${rounds} round${rounds === 1 ? '' : 's'}. Payload messages are those that carry a change: entries and ranges of
ours, sync messages of y-webrtc; what follows a change in both (heads, digests, awareness) stands in the idle row, measured over
60 s. Memory is the proportional share of all renderer processes; Landline's pages hold the whole interface, y-webrtc's an empty document. The aims
are the project's own, set for 30 pages; for other numbers those that grow with the office are scaled.

${markdown}
`;
	const complete = ours.length > 0 && rival.length > 0;
	if (complete) writeSection('mesh', text);
	const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((cells) => (cells[column] ?? '').length)));
	console.log(`\n${pages} pages, ${rounds} rounds, ${machine}\n`);
	for (const cells of table) console.log(cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
	console.log(complete ? '\nKept in docs/benchmarks.md.' : '\nNot kept: only one of the two was measured.');
}

/** @param {number} value @param {number} digits */
function show(value, digits) {
	return Number.isNaN(value) ? 'not reached' : value.toFixed(digits);
}

/** @param {number} theirs @param {number} ours */
function ratio(theirs, ours) {
	const value = theirs / ours;
	return Number.isFinite(value) ? `${value.toFixed(1)} ×` : '';
}
