/**
 * Files in conversations (PROTOCOL.md, 11): sealed chunk by chunk under a key of their own, told of in a message, and fetched by its readers from
 * whoever of them has them.
 */
import { hex, utf8 } from '../../../crypto/bytes.ts';
import { fileKeyBytes, importFileKey, openAttachmentChunk, sealAttachmentChunk } from '../../../crypto/file-seal.ts';
import { leafBytes, leafOf } from '../../../crypto/file-hash.ts';
import type { Random } from '../../../crypto/random.ts';
import { done, fail, type Result, succeed } from '../../failures.ts';
import type { FileToSend } from '../../files.ts';
import type { MeshPort } from '../../link/mesh-port.ts';
import { type Id, zeroId } from '../../log/entry.ts';
import type { Clock } from '../../ports.ts';
import type { BulkPlane } from '../../transfer/bulk/bulk-port.ts';
import { chunkCount, groupCount, leavesOfGroup, listOfLeaves, maxContentBytes, plainChunkBytes, sealedChunkBytes } from '../../transfer/chunk-list.ts';
import type { AttachmentRef, ContentTrust } from '../../transfer/content.ts';
import { fileType, headBytes } from '../../transfer/file-types.ts';
import { stagedBytes } from '../../transfer/staged-bytes.ts';
import type { Staging } from '../../transfer/staging/staging.ts';
import { ReadFailure, type Supply } from '../../transfer/supply.ts';
import type { AttachmentStates } from '../conversations/attachment-states.ts';
import { type FileMessage, maxFileNameBytes, maxThumbnailBytes, plainSize, sealedSize } from '../conversations/file-message.ts';
import type { MessageFiles, ToldFile } from '../conversations/message-files.ts';
import type { Roster } from '../conversations/roster.ts';

/** Who has what is asked for after colleagues came or went, at most this often. */
const lookAfterMs = 1_500;
/** The newest are looked for. */
const maxLookedFor = 256;

export interface Attachments {
	send(conversation: string, files: readonly FileToSend[]): Promise<Result>;
	supply(message: Id): Result<Supply>;
	/** Something was fetched, or somebody came or went. */
	look(): void;
	stop(): void;
}

const refOf = ({ message, file }: ToldFile): AttachmentRef => ({ kind: 'attachment', message, root: file.root, size: file.size, chunkBytes: file.chunkBytes });
/** While its message has no id yet. A power cut in between leaves it under this, where it is found again by its root. */
const untold = (file: Pick<FileMessage, 'root' | 'size' | 'chunkBytes'>): AttachmentRef => ({ kind: 'attachment', message: zeroId, root: file.root, size: file.size, chunkBytes: file.chunkBytes });

export function createAttachments(deps: {
	readonly selfDevice: Id;
	readonly mesh: MeshPort;
	readonly messageFiles: MessageFiles;
	readonly states: AttachmentStates;
	readonly roster: () => Roster;
	readonly staging: Staging;
	readonly bulk: () => BulkPlane;
	readonly clock: Clock;
	readonly random: Random;
}): Attachments {
	const { selfDevice, mesh, messageFiles, states, roster, staging, clock, random } = deps;
	let cancelLook: (() => void) | undefined;

	const linked = (): readonly Id[] => mesh.links.get().filter((link) => !link.limited).map((link) => link.device);

	/** The device that told of it first, then those of other members who may have fetched it. */
	function candidates({ conversation, author }: ToldFile): readonly Id[] {
		const members = messageFiles.members(conversation);
		const here = linked();
		return [...here.filter((device) => device === author), ...here.filter((device) => device !== author && members.has(roster().memberOf(device) ?? ''))];
	}

	async function sendOne(conversation: string, { file, thumbnail }: FileToSend): Promise<Result> {
		const allowed = messageFiles.maySend(conversation);
		if (!allowed.ok) return allowed;
		if (file.name === '' || thumbnail.length > maxThumbnailBytes) return fail('name-empty');
		const size = sealedSize(file.size);
		if (size > maxContentBytes) return fail('too-large');
		const keyBytes = random(fileKeyBytes);
		const key = await importFileKey(keyBytes);
		const cut = { size, chunkBytes: sealedChunkBytes };
		const begun: AttachmentRef = { kind: 'attachment', message: hex(random(32)), root: zeroId, ...cut };
		const sink = await staging.sink(begun);
		if (!sink.ok) return sink;
		const leaves = new Uint8Array(chunkCount(cut) * leafBytes);
		let mediaType = 'application/octet-stream';
		const giveUp = async (code: 'file-changed' | 'disk-full' | 'disk-failed'): Promise<Result> => {
			await staging.forget(begun);
			return fail(code);
		};
		for (let index = 0; index * plainChunkBytes < file.size; index++) {
			let plain: Uint8Array;
			try {
				plain = new Uint8Array(await file.slice(index * plainChunkBytes, (index + 1) * plainChunkBytes).arrayBuffer());
			} catch (error) {
				if (!(error instanceof DOMException)) throw error;
				return giveUp('file-changed');
			}
			if (index === 0) mediaType = fileType(plain.subarray(0, headBytes))?.mediaType ?? mediaType;
			const sealed = await sealAttachmentChunk(key, size, index, plain);
			const leaf = await leafOf(sealed);
			leaves.set(leaf, index * leafBytes);
			const written = await sink.value.write(index, sealed.buffer, leaf);
			if (written !== 'written') return giveUp(written === 'disk-full' ? 'disk-full' : 'disk-failed');
		}
		const list = await listOfLeaves(cut, leaves);
		sink.value.learnt?.({ groups: list.groups });
		for (let group = 0; group < groupCount(cut); group++) sink.value.learnt?.({ group, leaves: leavesOfGroup(leaves, group) });
		const told: FileMessage = { name: shortName(file.name), mediaType, ...cut, root: hex(list.root), key: keyBytes, thumbnail, extensions: [] };
		await staging.rename(begun, untold(told));
		await staging.settle();
		const sent = await messageFiles.send(conversation, told);
		if (!sent.ok) {
			await staging.forget(untold(told));
			return sent;
		}
		await staging.rename(untold(told), { ...untold(told), message: sent.value });
		await staging.settle();
		look();
		return done;
	}

	async function lookNow(): Promise<void> {
		const unheld: ToldFile[] = [];
		for (const conversation of messageFiles.conversations()) {
			for (const told of messageFiles.of(conversation)) {
				const ref = refOf(told);
				if (told.author === selfDevice && told.file.size > 0 && staging.held(ref) === 0 && staging.held(untold(told.file)) > 0) await staging.rename(untold(told.file), ref);
				const held = staging.held(ref);
				if (held < ref.size && !candidates(told).includes(told.author)) unheld.push(told);
				else states.set(told.message, { held: plainSize(held), reachable: true });
			}
		}
		const asked = unheld.slice(-maxLookedFor);
		const devices = [...new Set(asked.flatMap(candidates))];
		const answers = asked.length === 0 || devices.length === 0 ? [] : await deps.bulk().ask(asked.map(refOf), devices);
		for (const [index, told] of asked.entries()) states.set(told.message, { held: plainSize(staging.held(refOf(told))), reachable: (answers[index] ?? []).some((one) => one.bytes > 0) });
	}

	function look(): void {
		cancelLook ??= clock.after(lookAfterMs, () => {
			cancelLook = undefined;
			void lookNow();
		});
	}

	look();
	const stops = [mesh.links.subscribe(look), messageFiles.changed.subscribe(look)];
	return {
		async send(conversation, files) {
			if (files.length === 0) return fail('folder-empty');
			for (const one of files) {
				const sent = await sendOne(conversation, one);
				if (!sent.ok) return sent;
			}
			return done;
		},
		supply(message) {
			const told = messageFiles.get(message);
			if (!told) return fail('not-found');
			const { file } = told;
			const ref = refOf(told);
			return succeed({
				name: file.name,
				// eslint-disable-next-line @typescript-eslint/require-await -- as a folder's, which is looked up
				async *plan() {
					yield { ref, path: file.name.replaceAll(/[/\\\0]/gu, '_'), size: plainSize(file.size), modifiedMs: 0 };
					return 'whole' as const;
				},
				trust: (): ContentTrust => ({ isOwner: () => false, root: file.root, rootOf: () => undefined }),
				refresh: () => Promise.resolve(false),
				candidates: () => candidates(told),
				async *bytes() {
					const key = await importFileKey(file.key);
					let index = 0;
					for await (const sealed of stagedBytes(staging, ref)) {
						const plain = await openAttachmentChunk(key, file.size, index++, sealed);
						// Its root was right: the one who told of it sealed something else.
						if (!plain) throw new ReadFailure('a chunk that does not open');
						yield plain;
					}
				},
			});
		},
		look,
		stop() {
			cancelLook?.();
			for (const stop of stops) stop();
		},
	};
}

/** As much of a name as a message tells, its ending kept. */
function shortName(name: string): string {
	if (utf8(name).length <= maxFileNameBytes) return name;
	const dot = name.lastIndexOf('.');
	const ending = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : '';
	let stem = '';
	for (const { segment } of new Intl.Segmenter().segment(name.slice(0, name.length - ending.length))) {
		if (utf8(stem + segment + ending).length > maxFileNameBytes) break;
		stem += segment;
	}
	return stem + ending;
}
