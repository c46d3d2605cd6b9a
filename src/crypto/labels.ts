/**
 * The one list of labels. Every signature, hash and key derivation begins with `"LANDLINE/1/" ‖ label ‖ 0x00`, so that
 * bytes made for one purpose mean nothing in another (ATTACKS.md A25, A26). No label contains a zero byte, hence none is
 * a prefix of another's input. A label, once used, is never given a second meaning.
 */

import { concat, utf8 } from './bytes.ts';

export const labels = {
	// the log
	entry: 'entry',
	heads: 'heads',
	ack: 'ack',
	notice: 'notice',
	// who
	card: 'card',
	member: 'member',
	addDevice: 'add-device',
	transfer: 'transfer',
	recovery: 'recovery',
	recoveryCheck: 'recovery-check',
	safety: 'safety',
	// invites and joining
	inviteSign: 'inv-sign',
	invitePsk: 'inv-psk',
	invitePskSeal: 'invite-psk-seal',
	devicePsk: 'device-psk',
	joinInvite: 'join-invite',
	joinDevice: 'join-device',
	joinTopic: 'join-topic',
	joinSignal: 'join-signal',
	code: 'code',
	waiting: 'waiting',
	// the mesh
	meshCommit: 'mesh-commit',
	meshTopic: 'mesh-topic',
	meshSignal: 'mesh-signal',
	meshContent: 'mesh-content',
	rekeyTurn: 'rekey-turn',
	grant: 'grant',
	content: 'content',
	// links
	signal: 'signal',
	offerHash: 'offer-hash',
	first: 'first',
	knock: 'knock',
	presence: 'presence',
	goodbye: 'goodbye',
	// conversations
	conversation: 'conversation',
	epoch: 'epoch',
	prekey: 'prekey',
	keysHint: 'keys-hint',
	keysWrap: 'keys-wrap',
	messageKey: 'msg-key',
	draftRoom: 'draft-room',
	documentRoom: 'document-room',
	documentWriter: 'document-writer',
	// files
	fileGroup: 'file-group',
	fileRoot: 'file-root',
	fileManifest: 'file-manifest',
	folderPage: 'folder-page',
	bulkFirst: 'bulk-first',
	// sealing and the vault
	sealCommit: 'seal-commit',
	sealKey: 'seal-key',
	vault: 'vault',
	vaultRecord: 'vault-record',
	vaultSlot: 'vault-slot',
} as const;

/** One of the strings above. */
export type Label = (typeof labels)[keyof typeof labels];

/**
 * `"LANDLINE/1/" ‖ label ‖ 0x00 ‖ parts`. The parts are joined without separators: all but one must have a fixed length,
 * or carry it (`lp`), else two different lists of parts would give the same bytes.
 */
export function labelled(label: Label, ...parts: readonly Uint8Array[]): Uint8Array {
	return concat(utf8(`LANDLINE/1/${label}\0`), ...parts);
}
