/** What is done with each signal that comes in, over the server or a neighbour (PROTOCOL.md, sections 5 and 7). */
import type { Clock } from '../ports.ts';
import type { SignalContext } from './contexts.ts';
import type { Dialling, Standing } from './dialling.ts';
import type { Knocking } from './knocking.ts';
import { probeDeadlineMs } from './link.ts';
import type { LiveLinks } from './live-links.ts';
import type { Negotiation } from './negotiation.ts';
import type { Newcomers } from './newcomers.ts';
import type { Peers } from './peers.ts';
import type { ReceivedSignal, SignalGate } from './signal.ts';

export interface ListeningDeps {
	readonly clock: Clock;
	readonly gate: SignalGate;
	readonly newcomer: boolean;
	readonly running: () => boolean;
	readonly standing: (device: string) => Standing;
	readonly live: LiveLinks;
	readonly peers: Peers;
	readonly newcomers: Newcomers;
	readonly dialling: Dialling;
	readonly negotiation: Negotiation;
	readonly knocking: Knocking;
}

export interface Listening {
	/** `false` when the signal was refused: bad, foreign, stale, repeated, or fitting nothing. */
	hear(context: SignalContext, sealed: Uint8Array): boolean;
}

export function createListening(deps: ListeningDeps): Listening {
	const { live, peers, newcomers, dialling, negotiation } = deps;
	const { attempts } = dialling;
	const isServed = (): boolean => deps.newcomer && live.infos.get().length > 0;

	/** The device has spoken: what was known of an earlier start of it counts no more. */
	function note(signal: ReceivedSignal, context: SignalContext): void {
		if (!peers.heard(signal.device, signal.boot, context)) return;
		dialling.renewed(signal.device);
		if (negotiation.attempt(signal.device)?.boot !== signal.boot) negotiation.abort(signal.device, 'glare');
	}

	function heardHello(signal: ReceivedSignal, context: SignalContext): boolean {
		const { device, boot } = signal;
		if (deps.newcomer) return false;
		const wish = (): void => {
			note(signal, context);
			dialling.calledFor(device);
		};
		const standing = live.get(device);
		if (standing?.info.boot === boot) return true;
		if (standing) {
			// A reload, or yesterday's hello said again by the server: if the link answers, it was the latter (A56).
			const stop = live.onClosed((link) => {
				if (link.device !== device) return;
				stop();
				if (deps.running()) wish();
			});
			deps.clock.after(probeDeadlineMs + 1, stop);
			standing.link.probe();
		} else if (context.invite === undefined || context.alone) wish();
		else newcomers.heard(signal, [...live.full().keys()].filter((colleague) => deps.standing(colleague) === 'member'), wish);
		return true;
	}

	function heardOffer(signal: ReceivedSignal, context: SignalContext): boolean {
		if (isServed()) return false;
		note(signal, context);
		const answer = negotiation.offered(signal, context);
		if (answer) attempts.queueOffer(signal.device, () => deps.running() && !isServed() && dialling.mayLink(signal.device, context.invite) && answer());
		return answer !== undefined;
	}

	/** A newcomer says that it has a link: whoever else was about to offer need not. */
	function served(device: string): boolean {
		newcomers.served(device);
		attempts.forget(device);
		negotiation.abort(device, 'served');
		return true;
	}

	return {
		hear(context, sealed) {
			const signal = deps.running() ? deps.gate.open(context, sealed) : undefined;
			if (!signal || deps.standing(signal.device) === 'refused' || peers.isGone(signal.device, signal.boot)) return false;
			if (signal.kind === 'knock') return context.invite === undefined && deps.standing(signal.device) === 'member' && deps.knocking.heard(signal);
			if (signal.kind === 'hello') return heardHello(signal, context);
			if (signal.kind === 'offer') return heardOffer(signal, context);
			if (signal.kind === 'bye' && context.invite !== undefined && !deps.newcomer) return served(signal.device);
			return negotiation.take(signal);
		},
	};
}
