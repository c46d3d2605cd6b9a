/**
 * A model of the resolver (PROTOCOL.md, 4), as close to its text as code gets: sets, recursion and filters, nothing remembered but the verdicts,
 * no order but the one the text gives. Signatures and bodies are checked by the code under test; who may do what, and what stays, is decided anew.
 */
import { hex } from '../../src/crypto/bytes.ts';
import { decodeCard, memberId, verify } from '../../src/crypto/identity.ts';
import { idToBytes, type Entry, type Id } from '../../src/sync/log/entry.ts';
import { decodeForkProof, verifyForkProof, type ForkProof } from '../../src/sync/log/fork.ts';
import { decodeAct, decodeHeads, type Act, type ActBodies, type ActName, type Cut } from '../../src/sync/office/members/acts.ts';
import { deviceOfJoin } from '../../src/sync/office/members/join-proof.ts';
import type { CheckJoin } from '../../src/sync/office/members/judgement.ts';
import { verifyTransfer } from '../../src/sync/office/members/transfer.ts';

interface Node { id: Id; author: Id; seq: number; prev: Id; kind: number; act: Act | undefined; proof: ForkProof | undefined; depth: number; past: Set<Node> }
interface Standing { role: number; serial: number; giver: Node }
interface Verdict { member: Id; standing: Standing; needs: number; rests: Node[]; about: Node[]; target?: Id; invite?: Node; key?: string }
interface Join { node: Node; member: Id; role: number }
interface Fork { node: Node; seq: number; lane: number; known: (by: Node) => boolean }
type By = Node | undefined;
/** What is in force, in the order in which it came to be so, and what is known about the rest. */
interface World { set: Set<Node>; inForce: Node[]; out: Map<Node, By>; contests: Map<Node, Set<By>> }

export function model(entries: readonly Entry[], officeId: Id, checkJoin: CheckJoin) {
	const nodes = new Map<Id, Node>();
	const verdicts = new Map<Node, Verdict>();
	const is = <N extends ActName>(node: Node, name: N): (Act & { type: N }) | undefined => (node.act?.type === name ? (node.act as Act & { type: N }) : undefined);
	const body = <N extends ActName>(node: Node, name: N): ActBodies[N] => is(node, name) as unknown as ActBodies[N];
	const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
	const byDepth = (a: Node, b: Node) => a.depth - b.depth || text(a.id, b.id);
	const byStanding = (a: Standing, b: Standing) => b.role - a.role || b.serial - a.serial || byDepth(a.giver, b.giver);
	const senior = (a: Standing, b: Standing) => byStanding(a, b) < 0;
	const verdict = (node: Node): Verdict => verdicts.get(node) as Verdict;
	const bySeniority = (a: Node, b: Node) => byStanding(verdict(a).standing, verdict(b).standing) || text(a.author, b.author) || a.seq - b.seq || text(a.id, b.id);

	// What the acts in force say.
	const all = (w: World, name: ActName) => w.inForce.filter((node) => is(node, name));
	const joins = (w: World, device: Id): Join[] => w.inForce.flatMap((node): Join[] => {
		const [genesis, admit, add] = [is(node, 'genesis'), is(node, 'admit'), is(node, 'addDevice')];
		const key = genesis ? node.author : admit ? deviceOfJoin(admit.join) : add ? hex(add.card.subarray(34, 66)) : undefined;
		if (key !== device) return [];
		const first = hex(memberId(idToBytes(officeId), idToBytes(device)));
		if (add) return [{ node, member: verdict(node).member, role: 1 }];
		return [{ node, member: (admit && verdict(node).target) ?? first, role: admit ? body(verdict(node).invite as Node, 'invite').role : 3 }];
	}).sort((a, b) => byDepth(a.node, b.node));
	const join = (w: World, device: Id) => joins(w, device).find(({ node }) => !w.contests.get(node)?.size) ?? joins(w, device)[0];
	const devices = (w: World) => [...new Set(w.inForce.flatMap((node) => {
		const [admit, add] = [is(node, 'admit'), is(node, 'addDevice')];
		return is(node, 'genesis') ? [node.author] : admit ? [deviceOfJoin(admit.join)] : add ? [hex(add.card.subarray(34, 66))] : [];
	}))];
	const memberOf = (w: World, device: Id) => joins(w, device)[0]?.member;
	const firstDevice = (w: World, member: Id) => devices(w).find((device) => joins(w, device).some((one) => one.member === member && !is(one.node, 'addDevice') && !(is(one.node, 'admit') && verdict(one.node).target !== undefined)));
	const given = (w: World, member: Id, but: (node: Node) => boolean = () => false): Standing | undefined => {
		const acts = w.inForce.filter((node) => (is(node, 'setRole')?.member ?? is(node, 'ownerTransfer')?.newOwner) === member && !but(node));
		const newest = acts.filter((one) => !acts.some((other) => other.past.has(one)));
		const standings = newest.map((giver): Standing => ({ role: is(giver, 'setRole')?.role ?? 3, serial: is(giver, 'ownerTransfer')?.serial ?? 0, giver }));
		return standings.sort((a, b) => a.role - b.role || byDepth(a.giver, b.giver))[0];
	};
	const standing = (w: World, member: Id): Standing | undefined => {
		const first = join(w, firstDevice(w, member) ?? '');
		return first && (given(w, member) ?? { role: first.role, serial: 0, giver: first.node });
	};
	const removals = (w: World, device: Id) => w.inForce.filter((node) => {
		const target = is(node, 'removeMember')?.member ?? (is(node, 'leave') && verdict(node).member);
		return is(node, 'removeDevice')?.device === device || (target !== undefined && target === memberOf(w, device));
	}).sort(bySeniority);
	const own = (w: World, member: Id) => devices(w).filter((device) => memberOf(w, device) === member && removals(w, device).length === 0);
	const forks = (w: World, device: Id): Fork[] => {
		const own = [...w.set].filter(({ author }) => author === device);
		const proofs = [...w.set].flatMap((node): Fork[] => (node.proof?.author === device ? [{ node, seq: node.proof.seq, lane: node.proof.lane, known: (by) => by.past.has(node) }] : []));
		const partings = own.map((one) => own.filter(({ prev }) => prev === one.prev).sort(byDepth)).filter((beside) => beside.length > 1);
		const shown = partings.map((beside): Fork => ({ node: beside[1] as Node, seq: beside[0]?.seq ?? 0, lane: 0, known: (by) => beside.filter((one) => by.past.has(one)).length > 1 }));
		return [...proofs, ...shown].sort((a, b) => byDepth(a.node, b.node));
	};
	const causes = (w: World, device: Id): By[] => {
		const first = join(w, device);
		const found = [...all(w, 'hold').filter((node) => body(node, 'hold').device === device), ...(first ? (w.contests.get(first.node) ?? []) : [])];
		const confirms = all(w, 'confirm').filter((node) => body(node, 'confirm').device === device);
		return found.filter((cause) => !confirms.some((confirm) => !cause?.past.has(confirm)));
	};
	const suspended = (w: World, device: Id) => forks(w, device).length > 0 || causes(w, device).length > 0;
	const invite = (w: World, key: Id) => all(w, 'invite').filter((node) => body(node, 'invite').invitePublic === key).sort(byDepth)[0];
	const admits = (w: World, key: Id) => all(w, 'admit').filter((node) => body(node, 'admit').join.invitePublic === key).sort(byDepth);
	const transfer = (w: World) => all(w, 'ownerTransfer').map((node) => body(node, 'ownerTransfer')).sort((a, b) => b.serial - a.serial)[0];
	const policies = (w: World) => {
		const chain = all(w, 'genesis');
		const next = () => all(w, 'policy').filter((node) => body(node, 'policy').parent === chain.at(-1)?.id).sort((a, b) => text(a.id, b.id))[0];
		for (let one = next(); one; one = next()) chain.push(one);
		return chain;
	};
	const policy = (w: World) => {
		const last = policies(w).at(-1) as Node;
		return { id: last.id, ...(is(last, 'policy') ?? body(last, 'genesis')).policy };
	};
	const counts = (w: World, cut: Cut, by: Node, node: Node) => {
		const named = cut.map((point) => (point.device === node.author && point.lane === 0 ? nodes.get(point.id) : undefined)).filter((one) => one && w.set.has(one) && one.author === node.author).at(-1);
		return node === by || by.past.has(node) || node === named || named?.past.has(node) === true;
	};
	const cutOf = (by: Node): Cut => is(by, 'removeMember')?.cut ?? is(by, 'removeDevice')?.cut ?? is(by, 'setRole')?.cut ?? [];
	const accusing = (w: World, node: Node) => (node.id === officeId ? [] : forks(w, node.author).filter((one) => (one.lane === 0 ? node.seq >= one.seq : !one.node.past.has(node))));

	/** In its own past. */
	function judge(node: Node, w: World): Verdict | undefined {
		const act = node.act;
		const member = memberOf(w, node.author);
		const me = member === undefined ? undefined : standing(w, member);
		const gone = removals(w, node.author).length > 0;
		if (!act || member === undefined || !me || gone || node.kind === 0 || node.kind > policy(w).acts) return undefined;
		const joinNode = (device: Id) => (join(w, device) ? [(join(w, device) as Join).node] : []);
		if (act.type === 'ownerTransfer') {
			const last = transfer(w);
			const key = last?.nextRecoveryPublic ?? body(nodes.get(officeId) as Node, 'genesis').recoveryPublic;
			const holds = firstDevice(w, act.newOwner) !== undefined && own(w, act.newOwner).length > 0 && act.serial === (last?.serial ?? 0) + 1 && verifyTransfer(act, officeId, key);
			return holds ? { member, standing: { role: 3, serial: act.serial, giver: node }, needs: 1, rests: [], about: joinNode(firstDevice(w, act.newOwner) ?? ''), key: hex(key) } : undefined;
		}
		if (suspended(w, node.author)) return undefined;
		const base = { member, standing: me, rests: [me.giver, ...joinNode(node.author)], about: [] };
		const may = (needs: number, more: Partial<Verdict> = {}): Verdict | undefined => (me.role >= needs ? { ...base, needs, ...more } : undefined);
		const over = (target: Id, needs: number, more: Partial<Verdict> = {}) => {
			const theirs = standing(w, target);
			return theirs && own(w, target).length > 0 && senior(me, theirs) ? may(needs, { target, ...more }) : undefined;
		};
		const back = (target: Id) => {
			const theirs = standing(w, target);
			const out = devices(w).filter((device) => memberOf(w, device) === target).some((device) => removals(w, device).some((by) => !is(by, 'removeDevice')));
			return theirs !== undefined && !out && senior(me, theirs);
		};
		const known = (device: Id) => joins(w, device).length > 0;
		const here = (device: Id) => known(device) && removals(w, device).length === 0;
		switch (act.type) {
			case 'invite': {
				if (act.role > 2 || act.role > me.role || invite(w, act.invitePublic)) return undefined;
				if (act.replaces === undefined) return may(policy(w).inviteBy);
				return policy(w).acts >= 21 && act.confirm && act.maxUses === 1 && back(act.replaces) ? may(2, { target: act.replaces }) : undefined;
			}
			case 'inviteRevoke': return invite(w, act.invitePublic) ? may(2) : undefined;
			case 'admit': {
				const by = invite(w, act.join.invitePublic);
				const revoked = all(w, 'inviteRevoke').some((one) => body(one, 'inviteRevoke').invitePublic === act.join.invitePublic);
				if (!by || revoked || known(deviceOfJoin(act.join)) || act.join.officeId !== officeId || !checkJoin(act.join)) return undefined;
				const { maxUses, confirm, replaces } = body(by, 'invite');
				if (replaces !== undefined && (!back(replaces) || own(w, replaces).length > 0)) return undefined;
				const old = replaces === undefined ? [] : devices(w).filter((device) => memberOf(w, device) === replaces).map((device) => removals(w, device)[0] as Node);
				const more = replaces === undefined ? {} : { target: replaces, rests: [...base.rests, ...old] };
				const uses = new Set(admits(w, act.join.invitePublic).map((one) => deviceOfJoin(body(one, 'admit').join))).size;
				return maxUses === 0 || uses < maxUses ? may(confirm ? 2 : 1, { invite: by, ...more }) : undefined;
			}
			case 'addDevice': {
				const card = decodeCard(act.card);
				if (!card || hex(card.officeId) !== officeId || known(hex(card.signPublic)) || own(w, member).length >= 5) return undefined;
				return verify(card.signPublic, act.newSignature, 'add-device', idToBytes(officeId), idToBytes(node.author)) ? may(1) : undefined;
			}
			case 'hold': return here(act.device) ? over(memberOf(w, act.device) ?? '', 2) : undefined;
			case 'confirm': return here(act.device) ? may(2, { about: joinNode(act.device) }) : undefined;
			case 'policy': return act.parent === policy(w).id && act.policy.version === policy(w).version + 1 && act.policy.acts >= policy(w).acts ? may(3) : undefined;
			case 'setRole': {
				const theirs = standing(w, act.member);
				if (!theirs || theirs.role === act.role || own(w, act.member).length === 0) return undefined;
				const about = { about: joinNode(firstDevice(w, act.member) ?? ''), target: act.member };
				return act.role > theirs.role ? may(3, about) : over(act.member, act.role === 1 ? 2 : 3, about);
			}
			case 'leave': return me.role < 3 || devices(w).some((one) => memberOf(w, one) !== member && here(one) && !suspended(w, one) && standing(w, memberOf(w, one) ?? '')?.role === 3) ? may(1) : undefined;
			case 'removeMember': return over(act.member, 2);
			case 'removeDevice':
				if (!here(act.device)) return undefined;
				return memberOf(w, act.device) !== member ? over(memberOf(w, act.device) ?? '', 2) : own(w, member).length > 1 ? may(1, { target: member }) : undefined;
			case 'meshRekey': {
				const [named, entitled] = [act.copies.map(({ device }) => device), devices(w).filter((device) => here(device) && !suspended(w, device))];
				return named.length === entitled.length && entitled.every((device) => named.includes(device)) ? may(2) : undefined;
			}
			case 'noticeWithdraw': return may([...node.past].some((one) => one.id === act.notice && is(one, 'notice') && verdicts.get(one)?.member === member) ? 1 : 2);
			case 'notice': case 'roll': case 'department': return may(2);
			case 'profile': return may(1);
			default: return undefined;
		}
	}

	/** By what is in force; `undefined` in a list of one: by no act. */
	function excluded(w: World, node: Node, followed: Set<Node>): [By] | undefined {
		const { rests, needs, member } = verdict(node);
		const fallen = rests.find((rest) => !w.inForce.includes(rest));
		if (fallen) return [w.out.get(fallen)];
		const removal = removals(w, node.author)[0];
		if (removal && !counts(w, cutOf(removal), removal, node)) return [removal];
		const fork = followed.has(node) ? undefined : accusing(w, node)[0];
		if (fork) return [fork.node];
		const cause = causes(w, node.author).filter((one) => !one?.past.has(node));
		if (cause.length > 0) return [cause[0]];
		const demotion = all(w, 'setRole').find((by) => body(by, 'setRole').member === member && needs > body(by, 'setRole').role && !node.past.has(by) && !counts(w, cutOf(by), by, node));
		return demotion && [demotion];
	}

	function resolve(set: Set<Node>): World {
		const contests = new Map<Node, Set<By>>();
		const [refused, followed] = [new Map<Node, By>(), new Set<Node>()];
		const ordered = [...set].filter((node) => verdicts.has(node)).sort(bySeniority);
		for (;;) {
			const w = pass(set, ordered, contests, refused, followed);
			const live = ordered.filter((node) => w.inForce.includes(node));
			const named = (node: Node) => removals(w, node.author).slice(0, 1).some((by) => counts(w, cutOf(by), by, node)) || (is(node, 'admit') !== undefined && vouchedFor(w, node, undefined));
			const inTime = (node: Node) => accusing(w, node).every((fork) => live.some((by) => by.past.has(node) && !fork.known(by) && senior(verdict(by).standing, verdict(node).standing)));
			const seen = ordered.filter((node) => !followed.has(node) && accusing(w, node).length > 0 && (named(node) || inTime(node)));
			if (seen.length > 0) { seen.forEach((node) => followed.add(node)); continue; }
			const found = [...tooMany(w), ...live.flatMap((node) => late(w, node, followed))].filter(([node, by]) => !refused.has(node) && contests.get(node)?.has(by) !== true);
			const authorless = found.filter(([, by]) => !by || !verdicts.has(by));
			const first = found.map(([, by]) => by).filter((by) => by !== undefined).sort(bySeniorityOrNot)[0];
			const chosen = authorless.length > 0 ? authorless : found.length > 0 ? found.filter(([, by]) => by === first) : lastExit(w, live);
			if (chosen.length === 0) return w;
			for (const [node, by] of chosen) {
				const device = is(node, 'admit') && deviceOfJoin(body(node, 'admit').join);
				if (device !== undefined && verdict(node).target === undefined && memberOf(w, device) === hex(memberId(idToBytes(officeId), idToBytes(device)))) contests.set(node, (contests.get(node) ?? new Set()).add(by));
				else refused.set(node, by);
			}
		}
	}
	const bySeniorityOrNot = (a: Node, b: Node) => (verdicts.has(a) && verdicts.has(b) ? bySeniority(a, b) : 0);

	function pass(set: Set<Node>, ordered: Node[], contests: World['contests'], refused: Map<Node, By>, followed: Set<Node>): World {
		const w: World = { set, inForce: [], out: new Map(), contests: new Map(contests) };
		const [visited, visiting] = [new Set<Node>(), new Set<Node>()];
		const restsOf = (node: Node) => [...verdict(node).rests, ...verdict(node).about, ...(verdict(node).invite ? [verdict(node).invite as Node] : [])];
		const leadsToVisiting = (node: Node): boolean => visiting.has(node) || (!visited.has(node) && restsOf(node).some(leadsToVisiting));
		const transfers: Node[] = [];
		for (let [serial, key] = [1, undefined as string | undefined]; ; serial++) {
			const next = ordered.filter((node) => is(node, 'ownerTransfer')?.serial === serial && (key ?? verdict(node).key) === verdict(node).key).sort((a, b) => text(a.id, b.id))[0];
			if (!next) break;
			transfers.push(next);
			key = hex(body(next, 'ownerTransfer').nextRecoveryPublic);
		}
		const decide = (node: Node): [By] | undefined => {
			const { invite: by, standing: mine, target, member } = verdict(node);
			if (refused.has(node)) return [refused.get(node)];
			if (is(node, 'ownerTransfer')) return transfers.includes(node) ? undefined : [undefined];
			if (by && target !== undefined && !w.inForce.includes(by)) return [w.out.get(by)];
			if (by && target === undefined) return w.inForce.includes(by) ? undefined : [w.out.get(by)];
			const out = excluded(w, node, followed);
			if (out || target === undefined || target === member) return out;
			const theirs = given(w, target, (one) => one.past.has(node));
			return theirs && !senior(mine, theirs) ? [theirs.giver] : undefined;
		};
		const visit = (node: Node): void => {
			if (visited.has(node)) return;
			visited.add(node);
			visiting.add(node);
			restsOf(node).forEach(visit);
			const about = ordered.filter((one) => (is(one, 'confirm')?.device ?? (is(one, 'admit') && deviceOfJoin(body(one, 'admit').join))) === node.author);
			if (causes(w, node.author).length > 0) for (const one of about) if (!leadsToVisiting(one)) visit(one);
			visiting.delete(node);
			const out = decide(node);
			if (out) w.out.set(node, out[0]);
			else w.inForce.push(node);
			if (!out && is(node, 'admit') && !followed.has(node) && accusing(w, node).length > 0) w.contests.set(node, new Set([...(contests.get(node) ?? []), undefined]));
		};
		[...transfers, ...ordered].forEach(visit);
		const chain = policies(w);
		for (const node of all(w, 'policy')) if (!chain.includes(node)) { w.inForce.splice(w.inForce.indexOf(node), 1); w.out.set(node, chain.at(-1)); }
		return w;
	}

	function vouchedFor(w: World, admit: Node, by: By): boolean {
		if (verdict(admit).target !== undefined) return false;
		const theirs = given(w, memberOf(w, deviceOfJoin(body(admit, 'admit').join)) ?? '');
		const cause = by && verdicts.get(by);
		return theirs !== undefined && (cause ? !senior(cause.standing, theirs) : theirs.role >= 2);
	}
	function tooMany(w: World): [Node, By][] {
		const beyond = all(w, 'invite').flatMap((one) => {
			const { invitePublic, maxUses } = body(one, 'invite');
			const used = admits(w, invitePublic).map((node) => deviceOfJoin(body(node, 'admit').join));
			if (one !== invite(w, invitePublic) || maxUses === 0) return [];
			return admits(w, invitePublic).filter((node, i) => new Set(used.slice(0, i + 1)).size > maxUses && !vouchedFor(w, node, undefined));
		});
		const twice = devices(w).flatMap((device) => joins(w, device).filter(({ member }) => member !== memberOf(w, device)).map(({ node }) => node));
		const members = new Set(devices(w).map((device) => memberOf(w, device) as Id));
		const many = [...members].flatMap((member) => {
			const kept: Id[] = [];
			const inOrder = devices(w).filter((device) => memberOf(w, device) === member).sort((a, b) => byDepth((joins(w, a)[0] as Join).node, (joins(w, b)[0] as Join).node));
			const over = inOrder.filter((device) => {
				const beside = kept.filter((other) => !removals(w, other).some((by) => joins(w, device)[0]?.node.past.has(by)));
				return beside.length >= 5 || (kept.push(device), false);
			});
			return over.flatMap((device) => joins(w, device));
		});
		return [...beyond, ...twice, ...many.map(({ node }) => node).filter((node) => is(node, 'addDevice'))].map((node) => [node, undefined]);
	}
	function late(w: World, node: Node, followed: Set<Node>): [Node, By][] {
		const admit = is(node, 'admit');
		if (is(node, 'genesis') || is(node, 'ownerTransfer')) return [];
		const out = excluded(w, node, followed);
		const found: By[] = out && !(admit && verdict(node).target === undefined && out[0] && !verdicts.has(out[0])) ? [out[0]] : [];
		if (admit) found.push(...all(w, 'inviteRevoke').filter((by) => body(by, 'inviteRevoke').invitePublic === admit.join.invitePublic && !by.past.has(node)));
		const came = is(node, 'invite') ? admits(w, body(node, 'invite').invitePublic) : admit ? [node] : [];
		return found.filter((by) => !came.some((one) => vouchedFor(w, one, by))).map((by) => [node, by]);
	}
	function lastExit(w: World, live: Node[]): [Node, By][] {
		const owner = (member: Id | undefined) => member !== undefined && standing(w, member)?.role === 3;
		if (devices(w).some((device) => owner(memberOf(w, device)) && removals(w, device).length === 0)) return [];
		return live.filter((node) => (is(node, 'leave') ?? (is(node, 'removeDevice') && verdict(node).target === verdict(node).member)) && owner(verdict(node).member)).slice(-1).map((node) => [node, undefined]);
	}

	// The acts whose parents are all held, each judged in its own past.
	for (let waiting = [...entries], before = -1; waiting.length !== before; ) {
		before = waiting.length;
		waiting = waiting.filter((entry) => {
			const { kind, prev, author, seq } = entry.header;
			const parents = [...(kind < 64 ? decodeHeads(kind, entry.body) : []), ...(seq > 0 ? [prev] : [])];
			if (nodes.has(entry.id)) return false;
			if (parents.some((id) => !nodes.has(id))) return true;
			const past = new Set(parents.flatMap((id) => [nodes.get(id) as Node, ...(nodes.get(id) as Node).past]));
			const claim = kind === 64 ? decodeForkProof(entry.body, officeId) : undefined;
			const proof = claim && verifyForkProof(claim) ? claim : undefined;
			const depth = 1 + Math.max(-1, ...[...past].map((one) => one.depth));
			const node: Node = { id: entry.id, author, seq, prev, kind, act: kind < 64 ? decodeAct(kind, entry.body) : undefined, proof, depth, past };
			nodes.set(node.id, node);
			if (node.id === officeId) verdicts.set(node, { member: '', standing: { role: 3, serial: 0, giver: node }, needs: 3, rests: [], about: [] });
			const found = past.size === 0 ? undefined : judge(node, resolve(past));
			if (found) verdicts.set(node, found);
			return false;
		});
	}
	const w = resolve(new Set(nodes.values()));
	const members = [...new Set(devices(w).flatMap((device) => joins(w, device).map(({ member }) => member)))];
	return {
		inForce: w.inForce.map(({ id }) => id).sort(),
		devices: devices(w).filter((device) => removals(w, device).length === 0).map((device) => `${device} ${memberOf(w, device)}${suspended(w, device) ? ' suspended' : ''}`).sort(),
		formerDevices: devices(w).filter((device) => removals(w, device).length > 0).sort(),
		roles: members.map((member) => `${member} ${standing(w, member)?.role}`).sort(),
		departments: [...new Set(all(w, 'department').map((node) => body(node, 'department').id))].flatMap((id) => {
			const last = body(all(w, 'department').filter((node) => body(node, 'department').id === id).sort(byDepth).at(-1) as Node, 'department');
			const here = last.members.filter((member, i, list) => list.indexOf(member) === i && own(w, member).length > 0);
			return last.name === '' ? [] : [`${id} ${last.name} ${here.sort().join()}`];
		}).sort(),
		policyId: policy(w).id,
		recoverySerial: transfer(w)?.serial ?? 0,
	};
}
