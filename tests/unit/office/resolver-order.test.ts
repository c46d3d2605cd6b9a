/** A11: random histories of an office, delivered in random orders, in one go or entry by entry, give one state. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createResolver } from '../../../src/sync/office/members/resolver.ts';
import { shuffled, tellHistory } from '../../support/acts-history.ts';
import { createStory } from '../../support/acts-story.ts';
import { pick, seededRandom } from '../../support/seeded-random.ts';

const histories = 60;
const ordersOfEach = 17;

describe('A11: the resolver', () => {
	test('gives one state in 1,000 random orders of delivery, and whether it looked in between', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 2 ** 30 }), fc.integer({ min: 8, max: 36 }), (seed, length) => {
				const { story, entries } = tellHistory(seed, length);
				const expected = story.state([...entries]).stateHash;
				for (let order = 0; order < ordersOfEach; order++) {
					// The short way and whole passes agree.
					const resolver = createResolver(story.officeId, story.checkJoin, order % 4 !== 3);
					for (const entry of shuffled(entries, seed + order)) {
						resolver.add([entry]);
						// Views that are asked for on the way are remembered: they must do no harm.
						if (order % 2 === 0) resolver.state();
					}
					expect(resolver.state().stateHash).toBe(expected);
				}
			}),
			{ numRuns: histories },
		);
	}, 240_000);

	test('what is in force never grows out of thin air: always an owner, nobody above what an owner gave', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 2 ** 30 }), (seed) => {
				const { story, entries } = tellHistory(seed, 40);
				const state = story.state([...entries]);
				expect([...state.members.values()].some((member) => member.role === 'owner' && member.inForce)).toBe(true);
				expect(state.members.get(story.memberOf({ ...story.person('x'), keys: story.person('x').keys }))).toBeUndefined();
				for (const member of state.members.values()) {
					if (member.role !== 'owner' || member.inviteId === undefined) continue;
					const raised = entries.some((entry) => state.inForce.has(entry.id) && [9, 20].includes(entry.header.kind));
					expect(raised).toBe(true);
				}
			}),
			{ numRuns: 20 },
		);
	}, 240_000);
});

describe('the pace of the resolver', () => {
	test('200 members and 1,000 acts, and one more', () => {
		const story = createStory({ seed: 5 });
		const random = seededRandom(5);
		const invite = story.invite(story.founder, { maxUses: 0 });
		const people = [story.founder];
		for (let i = 0; i < 199; i++) {
			const newcomer = story.person(`Person ${i}`);
			const witness = people[pick(random, people.length)] ?? story.founder;
			story.tell(witness, { type: 'admit', join: story.join(invite, newcomer, witness) });
			people.push(newcomer);
		}
		while (story.entries.length < 1000) {
			const author = people[pick(random, people.length)] ?? story.founder;
			// Every fifth act is written at the same time as another.
			const after = pick(random, 5) === 0 ? story.entries.slice(-3, -1) : undefined;
			story.tell(author, { type: 'profile', name: `Name ${story.entries.length}`, department: '', extensions: [] }, after);
		}
		// The signatures of the JOINs are checked once per start; here they are known.
		story.state();
		const entries = shuffled(story.entries, 9);
		// The best of three: other tests share the processor.
		const wholeMs = Math.min(...[1, 2, 3].map(() => {
			const started = performance.now();
			expect(story.state(entries).members.size).toBe(200);
			return performance.now() - started;
		}));

		const resolver = createResolver(story.officeId, story.checkJoin);
		resolver.add(story.entries);
		resolver.state();
		const more = Array.from({ length: 20 }, () => story.tell(people[pick(random, 200)] ?? story.founder, { type: 'profile', name: 'Newer', department: '', extensions: [] }));
		const startedMore = performance.now();
		for (const entry of more) {
			resolver.add([entry]);
			resolver.state();
		}
		const oneMs = (performance.now() - startedMore) / more.length;
		console.info(`resolver: 1,000 acts of 200 members in ${wholeMs.toFixed(0)} ms, one more in ${oneMs.toFixed(1)} ms`);
		expect(wholeMs).toBeLessThan(2_000);
		expect(oneMs).toBeLessThan(100);
	}, 120_000);

	test('150 removals among 1,000 acts, some beside others: no whole pass for each', () => {
		const story = createStory({ seed: 6 });
		const random = seededRandom(6);
		const invite = story.invite(story.founder, { maxUses: 0 });
		const here = [story.founder];
		const any = () => here[pick(random, here.length)] ?? story.founder;
		for (let i = 0; i < 200; i++) {
			const newcomer = story.person(`Person ${i}`);
			story.tell(any(), { type: 'admit', join: story.join(invite, newcomer, story.founder) });
			here.push(newcomer);
		}
		for (let removed = 0; story.entries.length < 1000; ) {
			if (removed < 150 && pick(random, 4) === 0) {
				const [gone] = here.splice(1 + pick(random, here.length - 1), 1);
				if (!gone) throw new Error('somebody is left');
				story.tell(story.founder, { type: 'removeMember', member: story.memberOf(gone), reason: 0, cut: story.cutAt(gone) });
				removed++;
			} else {
				const after = pick(random, 5) === 0 ? story.entries.slice(-3, -1) : undefined;
				story.tell(any(), { type: 'profile', name: `Name ${story.entries.length}`, department: '', extensions: [] }, after);
			}
		}
		const { stateHash } = story.state();
		const started = performance.now();
		expect(story.state(shuffled(story.entries, 3)).stateHash).toBe(stateHash);
		const ms = performance.now() - started;
		console.info(`resolver: 1,000 acts with 150 removals in ${ms.toFixed(0)} ms`);
		expect(ms).toBeLessThan(4_000);
	}, 120_000);
});
