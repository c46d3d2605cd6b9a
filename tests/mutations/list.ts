/** Checks that are taken out one at a time, each with the tests that must notice. What no test notices nobody would miss. */

export interface Mutation {
	readonly name: string;
	/** Below `src`. */
	readonly file: string;
	/** Stands there exactly once. */
	readonly find: string;
	readonly replace: string;
	/** At least one test of them must fail. */
	readonly tests: readonly string[];
}

export const mutations: readonly Mutation[] = [
	{
		name: 'every signature holds',
		file: 'crypto/identity.ts',
		find: 'return ed25519.verify(signature, message, signPublic, { zip215: false });',
		replace: 'return true;',
		tests: ['tests/unit/codec/entry.test.ts', 'tests/unit/crypto/identity.test.ts'],
	},
	{
		name: 'signatures are taken by the loose rule',
		file: 'crypto/identity.ts',
		find: '{ zip215: false }',
		replace: '{ zip215: true }',
		tests: ['tests/unit/crypto/identity.test.ts', 'tests/unit/crypto/primitives.test.ts'],
	},
	{
		name: 'the key commitment is not looked at',
		file: 'crypto/seal.ts',
		find: 'if (!equal(sealed.subarray(0, commitBytes), commitment(key, nonce))) return undefined;',
		replace: '',
		tests: ['tests/unit/crypto/seal.test.ts'],
	},
	{
		name: 'a message goes out under the epoch it was planned for',
		file: 'sync/office/conversations/mailer.ts',
		find: 'if (!now.ok || now.value.epoch !== planned.value.epoch) throw changedMeanwhile;\n\t\t\treturn now.value;',
		replace: 'void now;\n\t\t\treturn planned.value;',
		tests: ['tests/scenario/gone-and-cut.test.ts'],
	},
	{
		name: 'a sender key serves any epoch',
		file: 'sync/office/keys/sender-keys.ts',
		find: "if (before && (before.conversation !== inner.conversation || before.epoch !== inner.epoch)) return 'refused';",
		replace: 'void before;',
		tests: ['tests/scenario/hostile-content.test.ts'],
	},
	{
		name: 'a removal cuts no acts',
		file: 'sync/office/members/exclusion.ts',
		find: 'if (cut && !countsUnder(cut, node)) return { by: cut.judged.node };',
		replace: 'void cut;',
		tests: ['tests/unit/office/members-attacks.test.ts', 'tests/unit/office/removal-acts.test.ts'],
	},
	{
		name: 'a demotion cuts nothing',
		file: 'sync/office/members/exclusion.ts',
		find: 'return demotion && { by: demotion.judged.node };',
		replace: 'void demotion;\n\treturn undefined;',
		tests: ['tests/unit/office/members-attacks.test.ts', 'tests/unit/office/members.test.ts'],
	},
	{
		name: 'a fork has no consequence',
		file: 'sync/office/members/exclusion.ts',
		find: 'if (fork) return { by: fork.node };',
		replace: 'void fork;',
		tests: ['tests/unit/office/members-attacks.test.ts', 'tests/unit/office/removal-acts.test.ts'],
	},
	{
		name: 'the log takes what lies beyond a cut',
		file: 'sync/log/log.ts',
		find: 'const taken = within(endOf(cuts(), author, lane), entries);',
		replace: 'const taken = entries;',
		tests: ['tests/scenario/removal-attacks.test.ts', 'tests/scenario/removal.test.ts'],
	},
	{
		name: 'the views show what lies beyond a cut',
		file: 'sync/office/conversations/roster.ts',
		find: 'isWithin(state.cuts.get(device)?.get(lane), seq, id)',
		replace: 'isWithin(undefined, seq, id)',
		tests: ['tests/scenario/gone-and-cut.test.ts'],
	},
	{
		name: 'the first message binds nothing',
		file: 'sync/link/link.ts',
		find: "const why = own && first ? firstMismatch(own, first) : 'mismatch';",
		replace: "const why = own && first ? (firstMismatch(own, own) ?? undefined) : 'mismatch';",
		tests: ['tests/unit/link/attacks.test.ts'],
	},
	{
		name: 'what peers give is stored without a look at its signature',
		file: 'sync/log/log.ts',
		find: "if (!verifyRange(entries, deps.verify)) return 'bad';",
		replace: '',
		tests: ['tests/unit/log/log.test.ts', 'tests/scenario/replication-hostile.test.ts'],
	},
	{
		name: 'a FORK_PROOF is believed',
		file: 'sync/log/fork.ts',
		find: 'return [a, b].every(({ headerBytes, signature }) => check(idToBytes(author), signature, labels.entry, headerBytes));',
		replace: 'return check !== undefined && a !== b && labels.entry !== author;',
		tests: ['tests/unit/log/fork-proof.test.ts'],
	},
	{
		name: 'lamports are not bounded',
		file: 'sync/log/chains.ts',
		find: 'header.lamport > floor && header.lamport <= bound',
		replace: 'header.lamport > floor && bound > 0',
		tests: ['tests/unit/log/log.test.ts', 'tests/scenario/replication-lamport.test.ts'],
	},
	{
		name: 'a removal cuts nothing off',
		file: 'sync/office/members/exclusion.ts',
		find: 'if (cut && !countsUnder(cut, node)) return { by: cut.judged.node };',
		replace: '',
		tests: ['tests/unit/office/members-attacks.test.ts'],
	},
	{
		name: 'a cut goes by numbers, not by names',
		file: 'sync/office/members/cuts.ts',
		find: '(node === last || isBefore(node, last))',
		replace: 'node.entry.header.seq <= last.entry.header.seq',
		tests: ['tests/unit/office/members-attacks.test.ts'],
	},
	{
		name: 'a fork quarantines nobody',
		file: 'sync/office/members/exclusion.ts',
		find: 'if (fork) return { by: fork.node };',
		replace: 'void fork;',
		tests: ['tests/unit/office/members-attacks.test.ts'],
	},
	{
		name: 'anybody who followed a forked history vouches for it',
		file: 'sync/office/members/quarantine.ts',
		find: 'isInForce(view, node) && isBefore(judged.node, node) && isSenior(judgement.standing, judged.judgement.standing)',
		replace: 'isInForce(view, node) && isBefore(judged.node, node) && judgement !== judged.judgement',
		tests: ['tests/unit/office/members-attacks.test.ts'],
	},
	{
		name: 'who knew of a fork saves what it wrote',
		file: 'sync/office/members/quarantine.ts',
		find: 'forks.every((fork) => followers.some(({ node }) => !isKnownTo(fork, node)))',
		replace: 'forks.length > 0 && followers.length > 0',
		tests: ['tests/unit/office/members-attacks.test.ts'],
	},
	{
		name: 'a removal outlives a promotion that it had not seen',
		file: 'sync/office/members/resolution.ts',
		find: ' ?? outrankedBy(view, judged)',
		replace: '',
		tests: ['tests/unit/office/members-attacks.test.ts'],
	},
	{
		name: 'the witness takes the owner along',
		file: 'sync/office/members/findings.ts',
		find: 'if (!admits.some((admit) => !isReplacing(admit, acts) && isVouchedFor(view, admit, by && byIndex[by.index]?.judgement.standing))) found.push',
		replace: 'if (admits.length >= 0) found.push',
		tests: ['tests/unit/office/members-attacks.test.ts'],
	},
	{
		name: 'rank of old counts beyond a later removal',
		file: 'sync/office/members/findings.ts',
		find: 'const causes = exclusion && !isFork ? [exclusion.by] : [];',
		replace: 'const causes = exclusion && !isFork && act?.type === \'admit\' ? [exclusion.by] : [];',
		tests: ['tests/unit/office/members-attacks.test.ts'],
	},
	{
		name: 'the last owner may go',
		file: 'sync/office/members/findings.ts',
		find: 'const chosen = found.length > 0 ? mostSenior(found, acts) : lastExit(view, held);',
		replace: 'const chosen = found.length > 0 ? mostSenior(found, acts) : lastExit(view, []);',
		tests: ['tests/unit/office/members-attacks.test.ts', 'tests/unit/office/removal-acts.test.ts'],
	},
	{
		name: 'ownership passes without the recovery key',
		file: 'sync/office/members/judgement.ts',
		find: 'if (!verifyTransfer(node.act, context.officeId, key)) return undefined;',
		replace: '',
		tests: ['tests/unit/office/members-attacks.test.ts'],
	},
	{
		name: 'a device is added without its own word',
		file: 'sync/office/members/judgement.ts',
		find: 'return verify(card.signPublic, node.act.newSignature, labels.addDevice, ...signed) ?',
		replace: 'void signed;\n\treturn verify(card.signPublic, node.act.newSignature, labels.addDevice, ...signed) || card ?',
		tests: ['tests/unit/office/removal-acts.test.ts'],
	},
	{
		name: 'a removed key returns',
		file: 'sync/office/members/judgement.ts',
		find: 'if (!card || hex(card.officeId) !== context.officeId || past.devices.has(hex(card.signPublic))) return undefined;',
		replace: 'if (!card || hex(card.officeId) !== context.officeId) return undefined;',
		tests: ['tests/unit/office/members-attacks.test.ts', 'tests/unit/office/removal-acts.test.ts'],
	},
	{
		name: 'what is found is not taken by seniority',
		file: 'sync/office/members/findings.ts',
		find: 'const first = causes.sort(compareSeniority)[0];\n\treturn found.filter(({ by }) => by === first?.node);',
		replace: 'void causes;\n\treturn found;',
		tests: ['tests/unit/office/members-attacks.test.ts'],
	},
	{
		name: 'whoever asks is given files',
		file: 'sync/office/holdings.ts',
		find: "(ref.kind === 'attachment' ? maySeeAttachment(ref, asker) : maySeeFolder(ref.folder, asker));",
		replace: "(ref.kind === 'attachment' ? maySeeAttachment(ref, asker) : maySeeFolder(ref.folder, asker)) || true;",
		tests: ['tests/scenario/shared-files.test.ts'],
	},
	{
		name: 'a page of a folder needs no signature of its owner',
		file: 'sync/office/folders/page.ts',
		find: 'if (!verify(idToBytes(device), r.raw(signatureBytes), labels.folderPage, idToBytes(officeId), body)) r.fail();',
		replace: 'verify(idToBytes(device), r.raw(signatureBytes), labels.folderPage, idToBytes(officeId), body);',
		tests: ['tests/unit/folders/page.test.ts'],
	},
	{
		name: 'anybody says of a folder whom it is for',
		file: 'sync/office/folders/folder-entries.ts',
		find: 'devices.find((device) => liesOn(folder, device))',
		replace: 'devices.find((device) => liesOn(folder, device) || true)',
		tests: ['tests/unit/folders/folder-entries.test.ts'],
	},
	{
		name: 'anybody may be brought back by any manager',
		file: 'sync/office/members/judgement.ts',
		find: 'isJunior(past, target, author) && (past.removals.get(target) ?? []).length === 0;',
		replace: 'past.members.has(target) && author.role > 0;',
		tests: ['tests/unit/office/bring-back.test.ts'],
	},
];
