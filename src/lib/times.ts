/** Times in the reader's own calendar, by Intl. The day is written 00 to 24, so that a time never needs more than five places. */

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const dayAndMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long' });
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
const withYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
const relativeDay = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const sizes = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** "14:05" */
export const clockTime = (ms: number): string => clock.format(ms);

/** Whole calendar days from `ms` to `nowMs`, in local time. */
export function daysAgo(ms: number, nowMs: number): number {
	return Math.round((startOfDay(nowMs) - startOfDay(ms)) / dayMs);
}

export const sameDay = (a: number, b: number): boolean => startOfDay(a) === startOfDay(b);

/** "Today", "Yesterday", "Monday, 3 March", "3 March 2025": the title of a day. */
export function dayTitle(ms: number, nowMs: number): string {
	const days = daysAgo(ms, nowMs);
	if (days === 0 || days === 1) return capital(relativeDay.format(-days, 'day'));
	return new Date(ms).getFullYear() === new Date(nowMs).getFullYear() ? weekday.format(ms) : withYear.format(ms);
}

/** "14:05" today, "yesterday 14:05", "3 March, 14:05", and with the year where it is another one. */
export function moment(ms: number, nowMs: number): string {
	const days = daysAgo(ms, nowMs);
	if (days === 0) return clockTime(ms);
	if (days === 1) return `${relativeDay.format(-1, 'day')} ${clockTime(ms)}`;
	return `${date(ms, nowMs)}, ${clockTime(ms)}`;
}

/** "14:05", "Yesterday", "3 March": as short as a list can take. */
export function shortMoment(ms: number, nowMs: number): string {
	const days = daysAgo(ms, nowMs);
	if (days === 0) return clockTime(ms);
	return days === 1 ? capital(relativeDay.format(-1, 'day')) : date(ms, nowMs);
}

export function date(ms: number, nowMs: number): string {
	return (new Date(ms).getFullYear() === new Date(nowMs).getFullYear() ? dayAndMonth : withYear).format(ms);
}

/** "1.5 MB" */
export function size(bytes: number): string {
	const units = ['B', 'kB', 'MB', 'GB', 'TB'];
	let value = bytes;
	let unit = 0;
	while (value >= 1000 && unit < units.length - 1) {
		value /= 1000;
		unit++;
	}
	return `${sizes.format(value)} ${units[unit] ?? ''}`;
}

function startOfDay(ms: number): number {
	const day = new Date(ms);
	return day.setHours(0, 0, 0, 0);
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** "40 minutes", "3 hours", "12 days". */
export function spanWords(ms: number): string {
	const minutes = Math.max(1, Math.round(Math.abs(ms) / 60_000));
	if (minutes < 120) return minutes === 1 ? '1 minute' : `${String(minutes)} minutes`;
	const hours = Math.round(minutes / 60);
	return hours < 72 ? `${String(hours)} hours` : `${String(Math.round(hours / 24))} days`;
}
