/**
 * What the status line tells: how many colleagues are online, how many of them this device is linked to, and how the server is.
 * Counted in people, not devices: a colleague with two browsers is one.
 */
import type { Mesh } from '../../link/mesh-port.ts';
import type { Log } from '../../log/log.ts';
import type { Connection } from '../../office.ts';
import type { Ports } from '../../ports.ts';
import { derive, type Source } from '../../source.ts';
import { actKinds } from '../members/acts.ts';
import type { MembersState } from '../members/members-state.ts';

export interface ConnectionDeps {
	mesh: Mesh;
	log: Log;
	members: Source<MembersState>;
	/** Devices that presence holds for online. */
	present: Source<ReadonlySet<string>>;
	/** How far this clock is from the server's, ms. */
	clockOffMs: Source<number>;
	/** How far the list of people is to be trusted. */
	list: Source<Connection['list']>;
	/** The own digits, while a manager is to compare them. */
	code: Source<string>;
	ports: Pick<Ports, 'build'>;
}

export function createConnectionView({ mesh, log, members, present, clockOffMs, list, code, ports }: ConnectionDeps): Source<Connection> {
	return derive([mesh.links, mesh.online, mesh.server, mesh.serverInfo, members, present, log.writable, clockOffMs, list, code], () => {
		const state = members.get();
		const self = state.devices.get(mesh.self.device)?.memberId;
		const peopleOf = (devices: Iterable<string>): Set<string> => {
			const people = [...devices].map((device) => state.devices.get(device)?.memberId).filter((member) => member !== undefined && member !== self);
			return new Set(people as string[]);
		};
		const links = mesh.links.get();
		const linked = peopleOf(links.filter((link) => !link.limited).map((link) => link.device));
		const online = peopleOf([...mesh.online.get(), ...present.get(), ...links.map((link) => link.device)]);
		const builds = [mesh.serverInfo.get()?.build, ...links.map((link) => link.build)];
		return {
			linked: linked.size,
			online: Math.max(online.size, linked.size),
			server: mesh.server.get(),
			newBuild: builds.some((build) => isNewer(build, ports.build)),
			readOnly: farewell(log, state).readOnly || (state.unknownActs ? 'newer-office' : log.writable.get() === 'forked' ? 'forked' : ''),
			removedBy: farewell(log, state).removedBy,
			list: list.get(),
			code: code.get(),
			clockOffMs: clockOffMs.get(),
		};
	});
}

/** Whether this device is out of the office, or held, and by whom. */
function farewell(log: Log, state: MembersState): Pick<Connection, 'readOnly' | 'removedBy'> {
	const former = state.formerDevices.get(log.device);
	if (!former) return { readOnly: state.devices.get(log.device)?.suspended === true ? 'suspended' : '', removedBy: '' };
	const act = log.get(former.removedBy)?.header;
	if (!act || act.kind === actKinds.leave) return { readOnly: act ? 'left' : 'removed', removedBy: '' };
	const by = state.devices.get(act.author) ?? state.formerDevices.get(act.author);
	return { readOnly: 'removed', removedBy: state.members.get(by?.memberId ?? '')?.name ?? '' };
}

/** SvelteKit's build id is the time of the build; any other difference of the server's counts as new. */
function isNewer(theirs: string | undefined, mine: string): boolean {
	if (theirs === undefined || theirs === '' || theirs === mine) return false;
	const [their, own] = [Number(theirs), Number(mine)];
	return Number.isFinite(their) && Number.isFinite(own) ? their > own : true;
}
