/** The office's record (issue 3, the audit log): every act held, in fields that a page can put into sentences. Not part of the state's hash. */
import type { Id } from '../../log/entry.ts';
import { byDepth, type ActNode } from './act-graph.ts';
import type { Act, ActName } from './acts.ts';
import { deviceOfCard, deviceOfJoin } from './join-proof.ts';
import type { Judged } from './judgement.ts';
import { isInForce, type View } from './resolved-view.ts';
import type { Rank } from './roles.ts';

export interface ActRecord {
	readonly id: Id;
	/** Which act; `undefined` for one that this build does not know or that is malformed. */
	readonly name: ActName | undefined;
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
	};
	/** `void`: its author had no right to it. `excluded`: they had, but something they did not know takes it out. */
	readonly standing: 'in-force' | 'void' | 'excluded';
	/** The act, or the proof of a fork, that excludes it, if it was one. */
	readonly excludedBy: Id | undefined;
}

/** In causal order: parents first, then by depth and id. */
export function recordOf(view: View, nodes: readonly ActNode[], judged: readonly (Judged | undefined)[]): readonly ActRecord[] {
	return nodes
		.filter((node) => node.isAct)
		.sort(byDepth)
		.map((node): ActRecord => {
			const { kind, author, wallMs } = node.entry.header;
			const verdict = judged[node.index];
			return {
				id: node.id,
				name: node.act?.type,
				kind,
				authorDevice: author,
				author: view.devices.get(author)?.memberId ?? verdict?.judgement.member,
				wallMs,
				about: aboutOf(node.act, view),
				standing: isInForce(view, node) ? 'in-force' : verdict ? 'excluded' : 'void',
				excludedBy: view.excluded.get(node)?.id,
			};
		});
}

function aboutOf(act: Act | undefined, view: View): ActRecord['about'] {
	const ofDevice = (device: Id): ActRecord['about'] => {
		const member = view.devices.get(device)?.memberId;
		return member === undefined ? { device } : { device, member };
	};
	switch (act?.type) {
		case 'invite':
			return { invite: act.invitePublic, role: act.role, name: act.label };
		case 'inviteRevoke':
			return { invite: act.invitePublic };
		case 'admit':
			return { ...ofDevice(deviceOfJoin(act.join)), invite: act.join.invitePublic };
		case 'addDevice':
			return ofDevice(deviceOfCard(act.card));
		case 'hold':
		case 'confirm':
		case 'removeDevice':
			return ofDevice(act.device);
		case 'setRole':
			return { member: act.member, role: act.role };
		case 'removeMember':
			return { member: act.member };
		case 'ownerTransfer':
			return { member: act.newOwner };
		case 'profile':
			return { name: act.name };
		case 'noticeWithdraw':
		case 'roll':
			return { notice: act.notice };
		default:
			return {};
	}
}
