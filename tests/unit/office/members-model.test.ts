/** The resolver beside a model of it that is small enough to read: the same random histories give the same office. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ranks } from '../../../src/sync/office/members/roles.ts';
import { tellHistory } from '../../support/acts-history.ts';
import { model } from '../../support/members-model.ts';

test('the resolver and its model agree about random histories', () => {
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 2 ** 30 }), fc.integer({ min: 5, max: 32 }), (seed, length) => {
			const { story, entries } = tellHistory(seed, length);
			const state = story.state(entries);
			const real = {
				inForce: [...state.inForce].sort(),
				devices: [...state.devices.values()].map((device) => `${device.id} ${device.memberId}${device.suspended ? ' suspended' : ''}`).sort(),
				formerDevices: [...state.formerDevices.keys()].sort(),
				roles: [...state.members.values()].map((member) => `${member.id} ${ranks[member.role]}`).sort(),
				departments: [...state.departments].map(([id, { name, members }]) => `${id} ${name} ${members.join()}`).sort(),
				policyId: state.policyId,
				recoverySerial: state.recoverySerial,
			};
			expect(real).toEqual(model(entries, story.officeId, story.checkJoin));
		}),
		{ numRuns: 40 },
	);
}, 240_000);
