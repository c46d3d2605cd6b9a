/**
 * What the page can tell about itself, in words (MISSION.md, "A doctor"): each finding says how things are and, where they are not
 * well, what to do.
 */
import type { Connection } from '../../sync/office.ts';
import { size } from '../times.ts';
import type { Needs } from './needs.ts';
import type { ServerConfig } from './server-config.ts';
import type { WorkerState } from './service-worker.svelte.ts';

export interface Finding {
	readonly what: string;
	readonly mood: 'good' | 'bad' | 'unsure';
	readonly text: string;
}

export interface StorageView {
	readonly persisted: boolean | undefined;
	readonly usedBytes: number | undefined;
	readonly quotaBytes: number | undefined;
}

export interface Observed {
	readonly address: string;
	readonly needs: Needs;
	readonly worker: WorkerState;
	readonly workerReason: string;
	readonly storage: StorageView;
	/** What it says of this page; `undefined` when it did not answer. */
	readonly server: ServerConfig | undefined;
	readonly connection: Connection;
	readonly notifications: NotificationPermission | 'missing';
	readonly browser: string;
}

export async function readStorage(storage: StorageManager | undefined): Promise<StorageView> {
	// Absent outside a secure context, whatever the types say.
	if (storage === undefined) return { persisted: undefined, usedBytes: undefined, quotaBytes: undefined };
	const estimate = await storage.estimate().catch((): StorageEstimate => ({}));
	const persisted = await storage.persisted().catch(() => undefined);
	return { persisted, usedBytes: estimate.usage, quotaBytes: estimate.quota };
}

export function diagnose(seen: Observed): readonly Finding[] {
	return [secure(seen), webrtc(seen), storage(seen), worker(seen), server(seen), stun(seen), links(seen), clock(seen), browser(seen)];
}

function secure({ needs, address }: Observed): Finding {
	return needs.secure
		? { what: 'Address', mood: 'good', text: `${address} is a secure context.` }
		: { what: 'Address', mood: 'bad', text: `${address} is not a secure context. Open the address that begins with https.` };
}

function webrtc({ needs }: Observed): Finding {
	return needs.webrtc
		? { what: 'Links to colleagues', mood: 'good', text: 'The browser can link to other browsers directly.' }
		: { what: 'Links to colleagues', mood: 'bad', text: 'WebRTC is switched off or missing. Ask for it to be allowed for this address.' };
}

function storage({ needs, storage: { persisted, usedBytes, quotaBytes } }: Observed): Finding {
	if (!needs.storage) return { what: 'Storage', mood: 'bad', text: 'The browser gives no storage. Use a normal window, not a private one.' };
	const room = usedBytes !== undefined && quotaBytes !== undefined ? ` ${size(usedBytes)} of ${size(quotaBytes)} are used.` : '';
	return persisted === true
		? { what: 'Storage', mood: 'good', text: `The browser has promised to keep the data.${room}` }
		: { what: 'Storage', mood: 'unsure', text: `The browser may clear the data when the disk runs full.${room} Ask it to keep them under “This device”.` };
}

function worker({ worker: state, workerReason }: Observed): Finding {
	switch (state) {
		case 'ready':
			return { what: 'Start without server', mood: 'good', text: 'Landline is stored in this browser and starts while the server is off.' };
		case 'starting':
			return { what: 'Start without server', mood: 'unsure', text: 'Landline is being stored in this browser.' };
		case 'missing':
			return { what: 'Start without server', mood: 'bad', text: 'This browser offers no service worker here, so Landline needs its server to start.' };
		case 'failed':
			return {
				what: 'Start without server',
				mood: 'bad',
				text: `The service worker was refused: ${workerReason} Mostly the certificate of the server is not trusted on this computer.`,
			};
	}
}

function server({ connection, server: view }: Observed): Finding {
	if (connection.server === 'connected') {
		const address = view?.address ? ` It sees this computer as ${view.address}.` : '';
		return { what: 'Server', mood: 'good', text: `The signaling server answers.${address}` };
	}
	if (view !== undefined) {
		return {
			what: 'Server',
			mood: 'bad',
			text: `The server gives out pages and sees this computer as ${view.address}, but its signaling does not connect. A proxy or a virus scanner may keep WebSockets back.`,
		};
	}
	return {
		what: 'Server',
		mood: connection.linked > 0 ? 'unsure' : 'bad',
		text: 'The signaling server does not answer. Who is connected stays connected; who comes new is found through colleagues. Check that its computer runs and that this one is on the network.',
	};
}

function stun({ server: view }: Observed): Finding {
	if (view === undefined) return { what: 'Other floors', mood: 'unsure', text: 'Unknown while the server does not answer.' };
	return view.stunPort > 0
		? { what: 'Other floors', mood: 'good', text: `The server helps computers of other subnets to find each other (UDP port ${String(view.stunPort)}).` }
		: { what: 'Other floors', mood: 'unsure', text: 'The server’s help across subnets is switched off, so only computers of one subnet are sure to connect.' };
}

function links({ connection: { linked, online } }: Observed): Finding {
	if (online === 0 && linked === 0) return { what: 'Colleagues', mood: 'unsure', text: 'No colleague is online at present.' };
	if (linked >= online) return { what: 'Colleagues', mood: 'good', text: `Linked to all ${String(linked)} who are online.` };
	return {
		what: 'Colleagues',
		mood: linked > 0 ? 'unsure' : 'bad',
		text: `Linked to ${String(linked)} of ${String(online)} who are online. Guest Wi-Fi and some access points keep computers from reaching each other; messages then travel through colleagues who reach both.`,
	};
}

const nearClockMs = 60_000;

function clock({ connection: { clockOffMs } }: Observed): Finding {
	return Math.abs(clockOffMs) < nearClockMs
		? { what: 'Clock', mood: 'good', text: 'The clock of this computer agrees with the colleagues’.' }
		: { what: 'Clock', mood: 'bad', text: 'The clock of this computer differs from the colleagues’. Set it right, or times will look wrong.' };
}

function browser({ browser: name, notifications }: Observed): Finding {
	const allowed = { granted: 'allowed', denied: 'blocked', default: 'not asked for yet', missing: 'not to be had' };
	return { what: 'Browser', mood: 'unsure', text: `${name}. Notifications are ${allowed[notifications]}.` };
}

/** The findings as plain text, to be sent to whoever looks after the computers. No name, no message, no key is in it. */
export function report(findings: readonly Finding[], whenMs: number): string {
	const marks = { good: '[ok]', bad: '[!!]', unsure: '[--]' };
	return [`Landline, ${new Date(whenMs).toISOString()}`, ...findings.map((one) => `${marks[one.mood]} ${one.what}: ${one.text}`)].join('\n');
}
