/**
 * `Policy = version u32 | acts u8 | horizonDays u16 | retentionDays u16 | history u8 | inviteBy u8 | ext` (PROTOCOL.md, 4). GENESIS carries the
 * first, an owner's POLICY each later one. `acts` is the highest act kind in force: one above it is void for every build.
 */
import type { Reader, Writer } from '../../../crypto/codec.ts';
import { readExtensions, writeExtensions, type Extension } from '../../extensions.ts';
import { ranks } from './roles.ts';

export interface Policy {
	readonly version: number;
	/** Highest act kind in force. */
	readonly acts: number;
	/** How long lanes 1 and 2 are carried. */
	readonly horizonDays: number;
	/** How long messages are kept; 0 = no limit. */
	readonly retentionDays: number;
	/** What a newcomer reads: nothing older, or what lies inside the horizon. */
	readonly history: 'none' | 'horizon';
	/** Least rank that may invite. */
	readonly inviteBy: number;
	readonly extensions: readonly Extension[];
}

/** The highest act kind this build knows and puts into force in the offices it founds. */
export const knownActs = 21;

export const firstPolicy: Policy = {
	version: 0,
	acts: knownActs,
	horizonDays: 90,
	retentionDays: 0,
	history: 'horizon',
	inviteBy: ranks.manager,
	extensions: [],
};

export function writePolicy(writer: Writer, policy: Policy): Writer {
	writer.u32(policy.version).u8(policy.acts).u16(policy.horizonDays).u16(policy.retentionDays);
	return writeExtensions(writer.u8(policy.history === 'none' ? 0 : 1).u8(policy.inviteBy), policy.extensions);
}

export function readPolicy(reader: Reader): Policy {
	const [version, acts, horizonDays, retentionDays] = [reader.u32(), reader.u8(), reader.u16(), reader.u16()];
	const [history, inviteBy] = [reader.u8(), reader.u8()];
	if (history > 1 || inviteBy < ranks.member || inviteBy > ranks.owner) reader.fail();
	return { version, acts, horizonDays, retentionDays, history: history === 0 ? 'none' : 'horizon', inviteBy, extensions: readExtensions(reader) };
}
