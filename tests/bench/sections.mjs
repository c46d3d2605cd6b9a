/** The sections of docs/benchmarks.md, one for each bench: a bench writes its own and leaves the others as they are. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));
const title = '# Benchmarks';
/** The order of sections in the file. */
const order = ['mesh', 'catch-up', 'newcomer', 'typing', 'files'];

/**
 * @typedef {object} Section
 * @property {string} name
 * @property {string} command what follows `npm run bench -- `
 * @property {string} machine
 * @property {string} about
 * @property {readonly string[]} columns
 * @property {readonly (readonly (string | boolean)[])[]} rows a boolean at the end says whether the aim is met
 */

/** Prints the table and keeps it. @param {Section} section */
export function keepSection({ name, command, machine, about, columns, rows }) {
	const table = [['row', ...columns, ''], ...rows.map((cells) => cells.map((cell) => (cell === true ? 'met' : cell === false ? 'NOT met' : cell)))];
	const width = table[0]?.length ?? 0;
	const full = table.map((cells) => [...cells, ...Array.from({ length: width - cells.length }, () => '')]);
	const markdown = [full[0], (full[0] ?? []).map(() => '---'), ...full.slice(1)].map((cells) => `| ${(cells ?? []).join(' | ')} |`).join('\n');
	writeSection(name, `\`npm run bench -- ${command}\`, ${new Date().toISOString().slice(0, 10)}, on ${machine}.\n\n${about}\n\n${markdown}`);
	const widths = (full[0] ?? []).map((_, column) => Math.max(...full.map((cells) => (cells[column] ?? '').length)));
	console.log(`\n${command}, ${machine}\n`);
	for (const cells of full) console.log(cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
	console.log('\nKept in docs/benchmarks.md.');
}

/** @param {string} name @param {string} text below its heading */
export function writeSection(name, text) {
	const sections = new Map((existsSync(file) ? readFileSync(file, 'utf8') : '').split(/^## /m).slice(1).map((part) => [part.slice(0, part.indexOf('\n')).trim(), part.slice(part.indexOf('\n')).trim()]));
	sections.set(name, text.trim());
	const place = (/** @type {string} */ one) => (order.includes(one) ? order.indexOf(one) : order.length);
	const sorted = [...sections].sort(([a], [b]) => place(a) - place(b));
	writeFileSync(file, `${[title, ...sorted.map(([one, body]) => `## ${one}\n\n${body}`)].join('\n\n')}\n`);
}
