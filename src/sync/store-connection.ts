/**
 * Keeps one database connection alive. Browsers close them on their own (Safari: "Connection to Indexed Database server lost"; Chromium:
 * "Internal error opening backing store"), and a dead handle never recovers: it is opened again, with growing patience, and then given up loudly.
 */
import type { Clock } from './ports.ts';
import type { Cell } from './source.ts';

const reopenTries = 6;
const reopenFirstMs = 100;

/** `superseded`: another tab needs a newer schema, this one let go. `lost`: the browser closed the database and it did not open again. */
export type ConnectionState = 'open' | 'reopening' | 'superseded' | 'lost' | 'closed';

export interface Connection<Db> {
	set(db: Db): void;
	/** Runs against the open database; once more after a reopening if the connection was lost under it. Rejects with what the database said. */
	use<T>(work: (db: Db) => Promise<T>): Promise<T>;
	lost(): void;
	close(): void;
}

export function createConnection<Db extends { close(): void }>(reconnect: () => Promise<Db>, state: Cell<ConnectionState>, clock: Clock): Connection<Db> {
	let db: Db | undefined;
	let reopening: Promise<void> | undefined;
	const isUsable = (): boolean => state.get() === 'open' || state.get() === 'reopening';

	async function reopen(): Promise<void> {
		db = undefined;
		state.set('reopening');
		for (let attempt = 0; attempt < reopenTries; attempt++) {
			await new Promise<void>((resolve) => clock.after(reopenFirstMs * 2 ** attempt, resolve));
			if (!isUsable()) return;
			try {
				db = await reconnect();
				state.set('open');
				return;
			} catch {
				// The next attempt waits longer.
			}
		}
		state.set('lost');
	}

	function lost(): Promise<void> {
		reopening ??= reopen().finally(() => {
			reopening = undefined;
		});
		return reopening;
	}

	return {
		set(opened) {
			db = opened;
		},
		async use(work) {
			for (let attempt = 0; ; attempt++) {
				if (reopening !== undefined) await reopening;
				if (db === undefined || !isUsable()) throw new Error(`the database is ${state.get()}`);
				try {
					return await work(db);
				} catch (error) {
					const isClosed = error instanceof Error && error.name === 'InvalidStateError';
					if (attempt > 0 || !isClosed || !isUsable()) throw error;
					await lost();
				}
			}
		},
		lost: () => {
			if (isUsable()) void lost();
		},
		close() {
			state.set('closed');
			db?.close();
			db = undefined;
		},
	};
}
