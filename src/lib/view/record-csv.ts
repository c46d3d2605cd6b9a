/** The office's record as a table for other programs: CSV after RFC 4180, in UTF-8. */
import type { RecordLine } from '../../sync/office.ts';
import { words } from '../words.ts';
import { recordSentence } from '../words/record.ts';

/** A cell that begins like a formula would be one in a spreadsheet, and names are anybody's. */
function cell(text: string): string {
	const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
	return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

export function recordCsv(lines: readonly RecordLine[]): string {
	const rows = lines.map((line) => [new Date(line.wallMs).toISOString(), line.author, recordSentence(line), words.record.standing[line.standing], line.id]);
	return [words.record.columns, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}
