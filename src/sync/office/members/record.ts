/** The office's record (issue 3, the audit log): every act and every proof of a fork held, in fields that a page can put into sentences. Not part of the state's hash. */
import { kinds, type Id } from '../../log/entry.ts';
import { byDepth, type ActNode } from './act-graph.ts';
import type { Act, ActName } from './acts.ts';
import { deviceOfCard, deviceOfJoin } from './join-proof.ts';
import type { Judged } from './judgement.ts';
import { isInForce, type View } from './resolved-view.ts';
import type { Rank } from './roles.ts';

export interface ActRecord {
	readonly id: Id;
	/** Which act, or the proof of a fork; `undefined` for one that this build does not know or that is malformed. */
	readonly name: ActName | 'forkProof' | undefined;
	/** Its number in PROTOCOL.md, 4. */
	readonly kind: number;
	readonly authorDevice: Id;
	/** Whose device that was in the act's own past; `undefined` where nobody's. */
	readonly author: Id | undefined;
	/** By the author's clock. */
	readonly wallMs: number;
	/** Whom and what it is about, as far as the act says. */
	readonly about: {
		readonly member?: Id;
		readonly device?: Id;
		readonly invite?: Id;
		readonly role?: Rank;
		/** A name given, to a person or an invite. */
		readonly name?: string;
		readonly notice?: Id;
		/** An invite that brings a member back, or an ADMIT through one. */
		readonly returns?: true;
	};
	/** `void`: its author had no right to it. `excluded`: they had, but something they did not know takes it out. */
	readonly standing: 'in-force' | 'void' | 'excluded';
	/** The act, or the proof of a fork, that excludes it, if it was one. */
	readonly excludedBy: Id | undefined;
}

/** In causal order: parents first, then by depth and id. */
export function recordOf(view: View, nodes: readonly ActNode[], judged: readonly (Judged | undefined)[]): readonly ActRecord[] {
	return nodes
		.filter((node) => node.isAct || node.entry.header.kind === kinds.forkProof)
		.sort(byDepth)
		.map((node): ActRecord => {
			const { kind, author, wallMs } = node.entry.header;
			const verdict = judged[node.index];
			const forked = kind === kinds.forkProof ? [...view.forks.values()].flat().find((fork) => fork.node === node) : undefined;
			return {
				id: node.id,
				name: kind === kinds.forkProof ? 'forkProof' : node.act?.type,
				kind,
				authorDevice: author,
				author: view.devices.get(author)?.memberId ?? verdict?.judgement.member,
				wallMs,
				about: forked ? aboutDevice(forked.author, view) : aboutOf(node.act, view),
				standing: forked || isInForce(view, node) ? 'in-force' : verdict ? 'excluded' : 'void',
				excludedBy: view.excluded.get(node)?.id,
			};
		});
}

function aboutOf(act: Act | undefined, view: View): ActRecord['about'] {
	switch (act?.type) {
		case 'invite':
			return { invite: act.invitePublic, ...(act.replaces === undefined ? { role: act.role, name: act.label } : { member: act.replaces, returns: true }) };
		case 'inviteRevoke':
			return { invite: act.invitePublic };
		case 'admit':
			return { ...aboutDevice(deviceOfJoin(act.join), view), invite: act.join.invitePublic, ...(isReturn(view, deviceOfJoin(act.join)) ? { returns: true } : {}) };
		case 'addDevice':
			return aboutDevice(deviceOfCard(act.card), view);
		case 'hold':
		case 'confirm':
		case 'removeDevice':
			return aboutDevice(act.device, view);
		case 'setRole':
			return { member: act.member, role: act.role };
		case 'removeMember':
			return { member: act.member };
		case 'ownerTransfer':
			return { member: act.newOwner };
		case 'profile':
		case 'department':
			return { name: act.name };
		case 'noticeWithdraw':
		case 'roll':
			return { notice: act.notice };
		default:
			return {};
	}
}

const isReturn = (view: View, device: Id): boolean => view.devices.get(device)?.joins.some((join) => join.bringsBack) ?? false;

function aboutDevice(device: Id, view: View): ActRecord['about'] {
	const member = view.devices.get(device)?.memberId;
	return member === undefined ? { device } : { device, member };
}
