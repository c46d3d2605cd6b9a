/**
 * Passkeys as far as the vault uses them: a secret that one of them, and nothing else, makes out of an input (WebAuthn's PRF extension). The
 * browser's side is handed in.
 */
import type { FailureCode } from './failures.ts';

/** What a passkey answers with. */
export interface PasskeySecret {
	readonly credentialId: Uint8Array;
	/** 32 bytes. */
	readonly secret: Uint8Array;
}

export type PasskeyFailure = Extract<FailureCode, `passkey-${string}`>;

export interface Passkeys {
	/** Why there are none: the browser has no such thing, or the app's address is digits, which WebAuthn refuses. Empty where there are. */
	readonly lack: '' | 'browser' | 'address';
	/** Makes one; the person is asked to confirm. `known` are those that open this vault already. */
	create(wish: { readonly prfInput: Uint8Array; readonly known: readonly Uint8Array[] }): Promise<PasskeySecret | PasskeyFailure>;
	/** Asks for one of these. */
	get(known: readonly { readonly credentialId: Uint8Array; readonly prfInput: Uint8Array }[]): Promise<PasskeySecret | PasskeyFailure>;
}
