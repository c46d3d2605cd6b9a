/** The 16 digits of this device, while it waits for a manager who compares them with those on the own screen (PROTOCOL.md, 5). */
import { joinCode } from '../../../crypto/join-code.ts';
import { idToBytes } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import { createCell, type Source } from '../../source.ts';
import { cardOf } from '../admission/applicants.ts';
import type { MembersState } from '../members/members-state.ts';

/** Empty unless this device is suspended, and for the tenth of a second that they take. */
export function createOwnCode({ log, members }: { readonly log: Log; readonly members: Source<MembersState> }): { readonly code: Source<string>; stop(): void } {
	const code = createCell('');
	let computing = false;

	async function look(): Promise<void> {
		const self = members.get().devices.get(log.device);
		if (self?.suspended !== true) {
			code.set('');
			return;
		}
		const card = cardOf(log, self.joinedBy);
		if (card === undefined || computing || code.get() !== '') return;
		computing = true;
		const digits = await joinCode(idToBytes(log.officeId), card);
		computing = false;
		if (members.get().devices.get(log.device)?.suspended === true) code.set(digits);
	}

	void look();
	return { code, stop: members.subscribe(() => void look()) };
}
