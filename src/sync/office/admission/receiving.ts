/**
 * The last part of every joining (PROTOCOL.md, 5 and 6): the office lane comes in, the own resolver shows this device as one in force, and a
 * GRANT brings the key of a commit in force. What members say of it decides nothing.
 */
import type { MeshPort } from '../../link/mesh-port.ts';
import { messageTypes } from '../../link/message-types.ts';
import type { Id } from '../../log/entry.ts';
import type { Source } from '../../source.ts';
import type { MembersState } from '../members/members-state.ts';
import type { MeshKeyring } from '../keys/mesh-keys.ts';

/** A GRANT may come before the log that proves it; of so many the newest are tried. */
const maxGrants = 8;
const maxGrantBytes = 32_768;

export interface Receiving {
	/** Resolves once this device is one in force and holds the current mesh key. */
	readonly done: Promise<void>;
	stop(): void;
}

export function createReceiving(deps: {
	readonly device: Id;
	readonly mesh: Pick<MeshPort, 'onMessage'>;
	readonly members: Source<MembersState>;
	readonly meshKeys: Pick<MeshKeyring, 'accept' | 'isCurrent' | 'meshKeys'>;
	/** The log shows this device: in force, or held back until a manager's CONFIRM. */
	readonly shown: (as: 'in-force' | 'suspended') => void;
}): Receiving {
	const { device, members, meshKeys } = deps;
	let grants: readonly Uint8Array[] = [];
	let over = false;
	let finish = (): void => undefined;
	const done = new Promise<void>((resolve) => {
		finish = resolve;
	});

	let checking: Promise<void> = Promise.resolve();
	function check(): void {
		checking = checking.then(async () => {
			const self = members.get().devices.get(device);
			if (over || !self) return;
			deps.shown(self.suspended ? 'suspended' : 'in-force');
			if (self.suspended) return;
			for (const grant of grants) {
				if (meshKeys.isCurrent()) break;
				await meshKeys.accept(grant).catch(() => false);
			}
			if (!meshKeys.isCurrent()) return;
			stop();
			finish();
		});
	}

	function stop(): void {
		over = true;
		for (const stopOne of stops) stopOne();
	}

	const stops = [
		deps.mesh.onMessage([messageTypes.grant], (_link, payload) => {
			if (payload.length > maxGrantBytes) return;
			grants = [...grants, payload.slice()].slice(-maxGrants);
			check();
		}),
		members.subscribe(check),
		meshKeys.meshKeys.subscribe(check),
	];
	check();
	return { done, stop };
}
