/** From a resolved view to the immutable state that everybody else reads, and its hash. */
import { hex, utf8 } from '../../../crypto/bytes.ts';
import { sha256 } from '../../../crypto/hash.ts';
import { meshKeyId } from '../../../crypto/mesh-key.ts';
import { lanes, type Id, type Lane } from '../../log/entry.ts';
import { byDepth, isBefore, type ActGraph, type ActNode } from './act-graph.ts';
import { maxHeads } from './acts.ts';
import { countsUnder, cutOffOf } from './cuts.ts';
import { deviceOfJoin } from './join-proof.ts';
import type { Judged } from './judgement.ts';
import type { CutOff, DepartmentState, Device, FormerDevice, Generation, InviteState, Member, MembersState } from './members-state.ts';
import { quarantinesOf } from './quarantine.ts';
import { recordOf, type ActRecord } from './record.ts';
import { compareStanding, isInForce, isRemoved, isSuspended, joinOf, removalsOf, standingOf, suspensionsOf, type DeviceRecord, type NodeOf, type Standing, type View } from './resolved-view.ts';
import { roleOf } from './roles.ts';

export function takeSnapshot(view: View, graph: ActGraph, judged: readonly (Judged | undefined)[], officeId: Id): MembersState {
	const all = [...view.devices.values()];
	const devices = new Map(all.filter((record) => !isRemoved(view, record)).map((record) => [record.id, deviceOf(view, record)]));
	const members = membersOf(view, devices);
	const formerDevices = new Map(all.flatMap((record) => formerOf(view, record)).map((former) => [former.id, former]));
	const state = {
		officeName: view.genesis?.act.officeName ?? '',
		officeId,
		recoveryPublic: view.transfer?.act.nextRecoveryPublic ?? view.genesis?.act.recoveryPublic ?? new Uint8Array(32),
		policy: view.policy,
		policyId: view.policyId,
		members,
		devices,
		formerDevices,
		cuts: new Map([...forkEnds(view), ...all.filter((record) => isRemoved(view, record)).map((record) => [record.id, cutOffsOf(view, record, graph)] as const)]),
		quarantined: new Set([...view.forks.keys()].filter((id) => view.devices.has(id))),
		recoverySerial: view.transfer?.act.serial ?? 0,
		invites: invitesOf(view),
		departments: departmentsOf(view, members),
		generations: generationsOf(view),
		inForce: new Set(graph.nodes.filter((node) => isInForce(view, node)).map((node) => node.id)),
		// The deepest first: who may name only 64 names those that carry the most.
		heads: [...headsOf(view, graph)].sort((a, b) => -byDepth(a, b)).slice(0, maxHeads).map((node) => node.id),
		unknownActs: view.unknownActs,
		waiting: graph.waiting(),
	};
	let hash: string | undefined;
	let record: readonly ActRecord[] | undefined;
	return {
		...state,
		get stateHash() {
			return (hash ??= hashOf(state));
		},
		record: () => (record ??= recordOf(view, graph.nodes, judged)),
	};
}

function deviceOf(view: View, record: DeviceRecord): Device {
	const join = joinOf(record);
	return { id: record.id, memberId: record.memberId, kemPublic: join.card.kemPublic, joinedBy: join.node.id, broughtBack: join.bringsBack, suspended: isSuspended(view, record) };
}

function formerOf(view: View, record: DeviceRecord): readonly FormerDevice[] {
	const [first] = removalsOf(view, record);
	return first ? [{ ...deviceOf(view, record), removedBy: first.judged.node.id }] : [];
}

/** Where the content of forked devices ends: before the first seq they used twice. In the office lane the acts are judged one by one. */
function forkEnds(view: View): ReadonlyMap<Id, ReadonlyMap<Lane, CutOff>> {
	const ends = new Map<Id, Map<Lane, CutOff>>();
	for (const { author, lane, seq } of [...view.forks.values()].flat()) {
		if (lane === lanes.office || !view.devices.has(author)) continue;
		const ofDevice = ends.get(author) ?? new Map<Lane, CutOff>();
		ends.set(author, ofDevice);
		if (seq <= (ofDevice.get(lane)?.seq ?? Infinity)) ofDevice.set(lane, { seq: seq - 1, id: undefined });
	}
	return ends;
}

function cutOffsOf(view: View, record: DeviceRecord, graph: ActGraph): ReadonlyMap<Lane, CutOff> {
	const cuts = removalsOf(view, record);
	return new Map(
		Object.values(lanes).flatMap((lane): [Lane, CutOff][] => {
			const end = cutOffOf(cuts, record.id, lane, graph.nodes);
			return end ? [[lane, end]] : [];
		}),
	);
}

/** What nothing that counts has followed yet. What a removed or forked device wrote beyond its end is not followed, or others would have to fetch it. */
function headsOf(view: View, graph: ActGraph): readonly ActNode[] {
	const counts = (node: ActNode): boolean => {
		const device = view.devices.get(node.entry.header.author);
		const cut = device && removalsOf(view, device)[0];
		// An ADMIT rests on its INVITE, not on its witness: a manager's CONFIRM of who came that way has to follow it.
		if (cut) return countsUnder(cut, node) || isInForce(view, node);
		return isInForce(view, node) || quarantinesOf(view, node).length === 0;
	};
	const heads = new Set<ActNode>();
	const seen = new Set<ActNode>();
	const todo = [...graph.heads()];
	for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
		if (seen.has(node)) continue;
		seen.add(node);
		if (counts(node)) heads.add(node);
		else todo.push(...node.frontier);
	}
	const nodes = [...heads];
	return nodes.filter((node) => !nodes.some((other) => isBefore(node, other)));
}

function membersOf(view: View, devices: ReadonlyMap<Id, Device>): ReadonlyMap<Id, Member> {
	const byMember = new Map<Id, Device[]>();
	for (const device of devices.values()) {
		const others = byMember.get(device.memberId);
		if (others) others.push(device);
		else byMember.set(device.memberId, [device]);
	}
	const places = seniorities(view);
	const rows = [...view.members.values()].flatMap((record): Member[] => {
		const first = view.devices.get(record.firstDevice);
		if (!first) return [];
		const own = byMember.get(record.id) ?? [];
		const join = joinOf(first);
		const profile = view.profiles.get(record.id)?.act;
		return [
			{
				id: record.id,
				name: profile?.name ?? join.card.name,
				department: profile?.department ?? '',
				role: roleOf(standingOf(view, record).role),
				devices: own.map((device) => device.id).sort(),
				firstDevice: record.firstDevice,
				inForce: own.length > 0,
				suspended: own.length > 0 && own.every((device) => device.suspended),
				seniority: places.get(record.id) ?? places.size,
				inviteId: join.inviteId,
				joined: join.node.entry.header.lamport,
			},
		];
	});
	rows.sort((a, b) => a.joined - b.joined || (a.id < b.id ? -1 : 1));
	return new Map(rows.map((member) => [member.id, member]));
}

/** Each member's place, the most senior first. */
function seniorities(view: View): ReadonlyMap<Id, number> {
	const standings = [...view.members.values()].filter((record) => view.devices.has(record.firstDevice)).map((record): [Id, Standing] => [record.id, standingOf(view, record)]);
	standings.sort(([, a], [, b]) => compareStanding(a, b));
	return new Map(standings.map(([id], index) => [id, index]));
}

function invitesOf(view: View): ReadonlyMap<Id, InviteState> {
	const rows = [...view.invites.values()].sort((a, b) => byDepth(a.node, b.node));
	return new Map(rows.map(({ node, createdBy }): [Id, InviteState] => {
		const { type: _type, heads: _heads, ...body } = node.act;
		const admits = view.admits.get(body.invitePublic) ?? [];
		const uses = new Set(admits.map((admit) => deviceOfJoin(admit.act.join))).size;
		return [
			body.invitePublic,
			{
				...body,
				actId: node.id,
				createdBy,
				authorDevice: node.entry.header.author,
				revoked: view.revokes.has(body.invitePublic),
				revokedMs: (view.revokes.get(body.invitePublic) ?? []).reduce((last, revoke) => Math.max(last, revoke.entry.header.wallMs), 0),
				uses,
				lastUseMs: admits.reduce((last, admit) => Math.max(last, admit.entry.header.wallMs), 0),
				overused: body.maxUses > 0 && uses > body.maxUses,
			},
		];
	}));
}

function departmentsOf(view: View, members: ReadonlyMap<Id, Member>): ReadonlyMap<Id, DepartmentState> {
	return new Map(
		[...view.departments].flatMap(([id, { act }]): [Id, DepartmentState][] => {
			const inForce = [...new Set(act.members)].filter((member) => members.get(member)?.inForce === true);
			return act.name === '' ? [] : [[id, { name: act.name, members: inForce.sort() }]];
		}),
	);
}

function generationsOf(view: View): readonly Generation[] {
	return [...view.rekeys].sort(byDepth).map((node) => ({
		commit: node.act.commit,
		keyId: hex(meshKeyId(node.act.commit)),
		actId: node.id,
		author: node.entry.header.author,
		wallMs: node.entry.header.wallMs,
		tainted: isTainted(view, node),
		rekey: node.act,
	}));
}

/**
 * Whether someone who holds this key should not: it was sealed to them, or granted later, and what keeps them from it now was not known to
 * who drew it.
 */
function isTainted(view: View, rekey: NodeOf<'meshRekey'>): boolean {
	const sealedTo = new Set(rekey.act.copies.map((copy) => copy.device));
	return [...view.devices.values()].some((device) => {
		const removals = removalsOf(view, device);
		if (removals.length > 0) return !removals.some(({ judged }) => isBefore(judged.node, rekey));
		if (!isSuspended(view, device)) return false;
		const couldHaveIt = sealedTo.has(device.id) || !isBefore(joinOf(device).node, rekey);
		return couldHaveIt && !suspensionsOf(view, device).some((cause) => cause !== undefined && isBefore(cause, rekey));
	});
}

/** Over everything in it, in an order of its own. */
function hashOf(state: Omit<MembersState, 'stateHash' | 'record'>): string {
	const plain = (value: unknown): unknown => {
		if (value instanceof Uint8Array) return hex(value);
		if (value instanceof Map) return [...(value as Map<string, unknown>).entries()].sort(([a], [b]) => (a < b ? -1 : 1));
		if (value instanceof Set) return [...(value as Set<string>)].sort();
		return value;
	};
	const text = JSON.stringify({ ...state, heads: [...state.heads].sort() }, (_key, value: unknown) => plain(value));
	return hex(sha256(utf8(text)));
}
