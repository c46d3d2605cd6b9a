/**
 * Starts a worker of this build. Under Trusted Types a script's address needs a policy, whose name may be taken once; ours lets through what
 * this origin serves, and nothing else.
 */

/** Named in the server's headers (signaling/headers.ts). */
const policyName = 'landline-offload';

/** The part of Trusted Types we use; TypeScript's library does not know it yet. */
interface TrustedTypes {
	createPolicy(name: string, rules: { createScriptURL(url: string): string }): TrustedPolicy;
}
interface TrustedPolicy {
	createScriptURL(url: string): string;
}

let policy: TrustedPolicy | undefined;

/** Throws what the browser throws when it will not start one. */
export function startWorker(url: string): Worker {
	return new Worker(trusted(url), { type: 'module' });
}

function trusted(url: string): string {
	const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
	if (trustedTypes === undefined) return url;
	policy ??= trustedTypes.createPolicy(policyName, { createScriptURL: own });
	return policy.createScriptURL(url);
}

function own(url: string): string {
	if (new URL(url, location.href).origin !== location.origin) throw new TypeError('a worker of another origin');
	return url;
}
