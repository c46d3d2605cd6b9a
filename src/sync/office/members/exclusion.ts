/** What keeps an act out of force, by what else is in force (PROTOCOL.md, 4, the resolver). */
import { isBefore, type ActNode } from './act-graph.ts';
import { countsUnder } from './cuts.ts';
import type { Judged } from './judgement.ts';
import { quarantinesOf } from './quarantine.ts';
import { isInForce, isSenior, removalsOf, standingAmong, suspensionsOf, type View } from './resolved-view.ts';

/** Why an act is not in force; `by` is `undefined` where it was no act that excluded it. */
export interface Exclusion {
	readonly by: ActNode | undefined;
}

/** @param followed acts of forked devices that stay */
export function exclusionOf(view: View, { node, judgement }: Judged, followed: ReadonlySet<ActNode>): Exclusion | undefined {
	const fallen = judgement.rests.find((rest) => !isInForce(view, rest));
	if (fallen) return { by: view.excluded.get(fallen) };
	const device = view.devices.get(node.entry.header.author);
	if (!device) return undefined;
	const cut = removalsOf(view, device)[0];
	if (cut && !countsUnder(cut, node)) return { by: cut.judged.node };
	const [fork] = followed.has(node) ? [] : quarantinesOf(view, node);
	if (fork) return { by: fork.node };
	// What lies in the past of the suspending act was written before: it stays.
	const causes = suspensionsOf(view, device).filter((cause) => cause === undefined || !isBefore(node, cause));
	if (causes.length > 0) return { by: causes[0] };
	const demotion = view.demotions.get(judgement.member)?.find((act) => isDemoted(act.judged.node, judgement.needs) && !isBefore(act.judged.node, node) && !countsUnder(act, node));
	return demotion && { by: demotion.judged.node };
}

const isDemoted = ({ act }: ActNode, needs: number): boolean => act?.type === 'setRole' && needs > act.role;

/** Removals, demotions and HOLDs fall where somebody more senior has, at the same time, made the target no less senior than the author. */
export function outrankedBy(view: View, { node, judgement }: Judged): Exclusion | undefined {
	const { target } = judgement;
	if (target === undefined || target === judgement.member) return undefined;
	const unseen = (view.roleActs.get(target) ?? []).filter((act) => !isBefore(node, act));
	const standing = standingAmong(unseen);
	return standing && !isSenior(judgement.standing, standing) ? { by: standing.giver } : undefined;
}
