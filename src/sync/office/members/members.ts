/** Who is in the office: the resolver (PROTOCOL.md, 4) as a pure function, and as a view that follows the log. */
import { lanes, kinds, type Entry, type Id } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import { createCell, type Source } from '../../source.ts';
import { decodeAct } from './acts.ts';
import { deviceOfCard, deviceOfJoin } from './join-proof.ts';
import type { CheckJoin } from './judgement.ts';
import type { MembersState } from './members-state.ts';
import { createResolver } from './resolver.ts';

export type { Member, MembersState } from './members-state.ts';

/** The state of an office by these acts, given in any order; entries of the office lane that are no acts only link chains. */
export function resolve(acts: Iterable<Entry>, officeId: Id, checkJoin?: CheckJoin): MembersState {
	const resolver = createResolver(officeId, checkJoin);
	resolver.add(acts);
	return resolver.state();
}

export interface MembersView {
	readonly state: Source<MembersState>;
	/** Whether an act held names this device, in force or not: whose lanes 1 and 2 are stored. */
	knownDevice(device: Id): boolean;
	stop(): void;
}

/** Follows the office lane of a log. */
export function createMembersView(deps: { readonly log: Log; readonly checkJoin?: CheckJoin }): MembersView {
	const { log } = deps;
	const resolver = createResolver(log.officeId, deps.checkJoin);
	const named = new Set<Id>();

	function take(entries: Iterable<Entry>): boolean {
		const acts = [...entries].filter((entry) => entry.header.lane === lanes.office);
		for (const entry of acts) {
			const device = deviceNamedBy(entry);
			if (device !== undefined) named.add(device);
		}
		resolver.add(acts);
		return acts.length > 0;
	}

	take(log.entries(lanes.office));
	const state = createCell(resolver.state());
	const stop = log.subscribe((entries) => {
		if (take(entries)) state.set(resolver.state());
	});
	return { state, knownDevice: (device) => named.has(device), stop };
}

function deviceNamedBy(entry: Entry): Id | undefined {
	if (entry.header.kind === kinds.genesis) return entry.header.author;
	const act = decodeAct(entry.header.kind, entry.body);
	if (act?.type === 'admit') return deviceOfJoin(act.join);
	return act?.type === 'addDevice' ? deviceOfCard(act.card) : undefined;
}
