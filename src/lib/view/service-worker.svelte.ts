/**
 * The service worker as the page sees it: registered, failed and why, or with a new version waiting (LAN.md 6). The worker itself is
 * `src/service-worker.ts`; it takes over when the person presses "Reload", never under their hands.
 */

export type WorkerState = 'starting' | 'ready' | 'missing' | 'failed';

const workerUrl = '/service-worker.js';
/** A chat tab lives for weeks, and navigation inside the page never looks for a new version. */
const lookAgainMs = 60 * 60_000;

/** The part of Trusted Types we use; TypeScript's library does not know it yet. */
interface TrustedTypes {
	createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

export class WorkerWatch {
	state = $state<WorkerState>('starting');
	/** The browser's own words where registering failed. */
	reason = $state('');
	/** A new version is installed and waits for its turn. */
	waiting = $state(false);
	#registration: ServiceWorkerRegistration | undefined;
	#reloading = false;

	/** Registers the worker and goes on watching it. Never throws: what fails is said in `state`. */
	async start(container: ServiceWorkerContainer | undefined): Promise<void> {
		if (container === undefined) {
			this.state = 'missing';
			return;
		}
		const controlled = container.controller !== null;
		container.addEventListener('controllerchange', () => {
			// The first worker of all takes hold of a page that came from the same build: no reload is needed then.
			if (!controlled && !this.#reloading) return;
			location.reload();
		});
		try {
			const registration = await container.register(trustedWorkerUrl(), { updateViaCache: 'none' });
			this.#registration = registration;
			this.state = 'ready';
			this.#watch(registration, container);
			setInterval(() => void this.look(), lookAgainMs);
		} catch (error) {
			this.state = 'failed';
			this.reason = error instanceof Error ? error.message : String(error);
		}
	}

	get registration(): ServiceWorkerRegistration | undefined {
		return this.#registration;
	}

	/** Asks the server for a newer worker; with the server off nothing happens. */
	async look(): Promise<void> {
		try {
			await this.#registration?.update();
		} catch {
			// The server is off or away: there is nothing newer to be had now.
		}
	}

	/** Lets the waiting version take over; the page reloads when it has. */
	takeOver(): void {
		this.#reloading = true;
		const waiting = this.#registration?.waiting;
		if (waiting) waiting.postMessage({ kind: 'take-over' });
		else location.reload();
	}

	#watch(registration: ServiceWorkerRegistration, container: ServiceWorkerContainer): void {
		const check = (): void => {
			this.waiting = registration.waiting !== null && container.controller !== null;
		};
		check();
		registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', check));
	}
}

/** Under Trusted Types a script's address needs a policy; the only one this makes is for our own worker. */
function trustedWorkerUrl(): string {
	const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
	if (trustedTypes === undefined) return workerUrl;
	return trustedTypes.createPolicy('landline-worker', { createScriptURL: () => workerUrl }).createScriptURL(workerUrl);
}
