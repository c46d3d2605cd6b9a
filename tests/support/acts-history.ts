/**
 * Random histories of an office in which everybody does anything, entitled or not, knowing all, or only some of what was done: concurrent roles,
 * removals of one another, low cuts, double uses, further devices, forks early and late, the printed key in honest and other hands.
 */
import type { Entry } from '../../src/sync/log/entry.ts';
import type { Cut } from '../../src/sync/office/members/acts.ts';
import { firstPolicy } from '../../src/sync/office/members/policy.ts';
import { createStory, type Person, type Printed, type Story, type StoryInvite } from './acts-story.ts';
import { pick, seededRandom } from './seeded-random.ts';

export interface History {
	readonly story: Story;
	readonly entries: readonly Entry[];
}

const maxPeople = 8;

export function tellHistory(seed: number, length: number): History {
	const random = seededRandom(seed);
	const story = createStory({ seed });
	const people: Person[] = [story.founder];
	const invites: StoryInvite[] = [];
	const printed: Printed[] = [story.printed];
	const newcomers = Array.from({ length: maxPeople }, (_, index) => story.person(`Person ${index}`));
	const chance = (one: number): boolean => pick(random, one) === 0;
	const any = <T>(list: readonly T[]): T | undefined => list[pick(random, Math.max(1, list.length))];
	const someone = (): Person => any(people) ?? story.founder;
	const rank = (): 1 | 2 | 3 => (pick(random, 3) + 1) as 1 | 2 | 3;
	/** What several see who act at the same time, and how many still do. */
	let moment: readonly Entry[] = [];
	let actors = 0;
	/** What is newest, what the others who act now have seen, or any earlier entries. */
	const seen = (): readonly Entry[] | undefined => {
		if (actors-- > 0) return moment;
		if (chance(3)) {
			moment = story.heads();
			actors = 1 + pick(random, 4);
			return moment;
		}
		if (!chance(5)) return undefined;
		return Array.from({ length: 1 + pick(random, 2) }, () => any(story.entries)).filter((entry) => entry !== undefined);
	};
	/** At what they wrote last, too low, at nothing, or at another's entry. */
	const cut = (target: Person): Cut => {
		const own = story.entries.filter((entry) => entry.header.author === target.device);
		const at = chance(2) ? target.last : any(own);
		return at && !chance(4) ? [{ device: target.device, lane: 0, seq: at.header.seq, id: at.id }] : [];
	};
	const bring = (newcomer: Person): void => {
		if (!people.includes(newcomer)) people.push(newcomer);
	};

	// Most histories begin with an office that works: two or three owners and managers, some members, an invite that is open.
	if (!chance(5)) {
		const open = story.invite(story.founder, { maxUses: 0, role: rank() === 1 ? 1 : 2 });
		invites.push(open);
		for (const newcomer of newcomers.slice(0, 3 + pick(random, 3))) {
			const invite = chance(2) ? open : story.invite(someone(), { role: chance(2) ? 1 : 2 });
			story.tell(someone(), { type: 'admit', join: story.join(invite, newcomer, story.founder) });
			bring(newcomer);
			if (chance(3)) story.tell(story.founder, { type: 'setRole', member: story.memberOf(newcomer), role: chance(2) ? 3 : 2, cut: [] });
		}
	}

	for (let i = story.entries.length; i < length; i++) {
		const author = chance(4) ? story.founder : someone();
		const target = someone();
		const after = seen();
		switch (pick(random, 22)) {
			case 0:
			case 1:
				invites.push(story.invite(author, { role: rank(), maxUses: pick(random, 3), confirm: chance(3) }, after));
				break;
			case 2:
			case 3:
			case 4: {
				const [invite, newcomer] = [any(invites), any(newcomers)];
				if (!invite || !newcomer) break;
				story.tell(author, { type: 'admit', join: story.join(invite, newcomer, author) }, after);
				bring(newcomer);
				break;
			}
			case 5: {
				const invite = any(invites);
				if (invite) story.tell(author, { type: 'inviteRevoke', invitePublic: invite.id }, after);
				break;
			}
			case 6:
				story.tell(author, { type: 'hold', device: target.device, reason: 0 }, after);
				break;
			case 7:
				story.tell(author, { type: 'confirm', device: target.device }, after);
				break;
			case 8:
			case 9:
			case 10:
				story.tell(author, { type: 'setRole', member: story.memberOf(target), role: rank(), cut: cut(target) }, after);
				break;
			case 11: {
				const parents = [story.officeId, ...story.entries.filter(({ header }) => header.kind === 8).map(({ id }) => id)];
				story.tell(author, { type: 'policy', parent: any(parents) ?? '', policy: { ...firstPolicy, version: 1 + pick(random, 2), horizonDays: pick(random, 99) } }, after);
				break;
			}
			case 12:
				story.tell(author, { type: 'removeMember', member: story.memberOf(target), reason: 0, cut: cut(target) }, after);
				break;
			case 13:
				story.tell(author, { type: 'removeDevice', device: target.device, reason: 0, cut: cut(target) }, after);
				break;
			case 14:
				story.tell(author, { type: 'leave', extensions: [] }, after);
				break;
			case 15: {
				const device = chance(6) ? any(newcomers) : story.person('Second');
				if (!device) break;
				story.addDevice(author, device, after);
				bring(device);
				break;
			}
			case 16: {
				// Back to an earlier entry, and on from there: a fork; somebody finds out, or nobody.
				const own = story.entries.filter((entry) => entry.header.author === author.device);
				const at = any(own);
				if (!at || at === author.last || (author === story.founder && !chance(4))) break;
				const held = story.entries.find(({ header }) => header.author === author.device && header.seq === at.header.seq + 1);
				author.last = at;
				const other = story.tell(author, { type: 'profile', name: `Other ${i}`, department: '', extensions: [] }, after);
				if (held && !chance(4)) story.proveFork(someone(), held, other);
				break;
			}
			case 17: {
				if (!chance(3)) break;
				const next = story.print();
				story.transfer(author, target, { serial: 1 + pick(random, printed.length), key: any(printed) ?? story.printed, next }, after);
				printed.push(next);
				break;
			}
			case 19: {
				// Somebody comes back with a new device: the old ones taken out before, or not all of them, or by another.
				const back = story.person('Back');
				const invite = story.invite(author, { replaces: story.memberOf(target), confirm: !chance(5), maxUses: chance(5) ? 0 : 1 }, after);
				invites.push(invite);
				const removal = chance(6) ? invite.entry : story.tell(chance(4) ? someone() : author, { type: 'removeDevice', device: target.device, reason: 0, cut: cut(target) }, [invite.entry]);
				story.tell(author, { type: 'admit', join: story.join(invite, back, author) }, [removal]);
				back.of = target.of ?? target;
				bring(back);
				break;
			}
			case 18: {
				// One of three departments, dissolved or with whom one likes, also who is not there.
				const members = Array.from({ length: pick(random, 4) }, () => story.memberOf(any(newcomers) ?? story.founder));
				story.tell(author, { type: 'department', id: `0${pick(random, 3)}`.repeat(16), name: chance(4) ? '' : `Department ${i}`, members }, after);
				break;
			}
			default:
				story.tell(author, chance(2) ? { type: 'profile', name: `Name ${i}`, department: '', extensions: [] } : { type: 'notice', audience: 0, keyId: new Uint8Array(8), sealed: new Uint8Array(80) }, after);
		}
	}
	return { story, entries: story.entries };
}

export function shuffled<T>(list: readonly T[], seed: number): T[] {
	const random = seededRandom(seed);
	const copy = [...list];
	for (let i = copy.length - 1; i > 0; i--) {
		const j = pick(random, i + 1);
		[copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
	}
	return copy;
}
