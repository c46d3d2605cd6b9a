/**
 * One tab leads (DESIGN.md D9): the tab that holds the Web Lock owns the links and the writes, for two writers with one key would
 * fork the log. A second tab asks the leader to drain and let go, and steals the lock only after 5 s of silence. The lock is held by
 * the tab, so it goes with the tab, and while it is held the browser neither freezes nor discards the page (LAN.md H4.3).
 */
import type { Clock } from './ports.ts';

const stealAfterMs = 5_000;
const request = 'let-go';

/** The part of `BroadcastChannel` that is used. */
export interface Channel {
	postMessage(message: unknown): void;
	onmessage: ((event: MessageEvent) => void) | null;
	close(): void;
}

export interface LeadDeps {
	locks: LockManager;
	openChannel(name: string): Channel;
	clock: Clock;
}

/** What a leader does when another tab asks (`drain`, then the lock is let go) and once it no longer leads (`lost`). */
export interface LeadEvents {
	drain(): Promise<void>;
	lost(): void;
}

export interface Lead {
	/** Lets go; `lost` is not called. */
	release(): void;
}

/** Leads under `name` if nobody does, else `undefined` at once. */
export function tryLead(deps: LeadDeps, name: string, events: LeadEvents): Promise<Lead | undefined> {
	return hold(deps, name, events, { ifAvailable: true });
}

/** Asks whoever leads to let go and leads after it; after 5 s without an answer the lock is stolen. */
export async function takeLead(deps: LeadDeps, name: string, events: LeadEvents): Promise<Lead> {
	const channel = deps.openChannel(name);
	channel.postMessage(request);
	const patience = new AbortController();
	const cancel = deps.clock.after(stealAfterMs, () => patience.abort());
	const polite = await hold(deps, name, events, { signal: patience.signal });
	cancel();
	// Not before: a message whose channel is closed at once may never be delivered.
	channel.close();
	if (polite !== undefined) return polite;
	const stolen = await hold(deps, name, events, { steal: true });
	if (stolen === undefined) throw new Error('a stolen lock is always granted');
	return stolen;
}

function hold(deps: LeadDeps, name: string, events: LeadEvents, options: LockOptions): Promise<Lead | undefined> {
	return new Promise((resolve, reject) => {
		let held = false;
		let released = false;
		let channel: Channel | undefined;
		const task = deps.locks.request(name, options, (lock) => {
			if (lock === null) return undefined;
			held = true;
			return new Promise<void>((letGo) => {
				channel = deps.openChannel(name);
				const release = () => {
					released = true;
					channel?.close();
					letGo();
				};
				channel.onmessage = (event) => {
					if (event.data !== request || released) return;
					const letGoNow = (): void => {
						if (released) return;
						release();
						events.lost();
					};
					// What could not be closed in order is let go all the same: the other tab would steal it.
					events.drain().then(letGoNow, letGoNow);
				};
				resolve({ release });
			});
		});
		task.then(
			() => resolve(undefined),
			(reason: unknown) => {
				// The promise of a held lock rejects only when another tab stole it; that of a waiting one when its patience ended.
				if (held) {
					channel?.close();
					if (!released) events.lost();
					released = true;
				} else if (options.signal?.aborted === true) resolve(undefined);
				else reject(reason instanceof Error ? reason : new Error(String(reason)));
			},
		);
	});
}
