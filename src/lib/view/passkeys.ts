/**
 * The browser's passkeys (WebAuthn Level 3) for the vault. Only the PRF extension's output is of use here, so a passkey without it is refused;
 * no server checks a signature, so the challenge is drawn and forgotten. The name that the browser shows tells nothing of person or office: it
 * may be kept outside of this computer.
 */
import type { PasskeyFailure, Passkeys, PasskeySecret } from '../../sync/passkeys.ts';
import { words } from '../words.ts';

const challengeBytes = 32;
const userIdBytes = 32;
const timeoutMs = 120_000;
/** Ed25519, ES256 and RS256 (COSE): what authenticators sign with. */
const algorithms = [-8, -7, -257];

export function createPasskeys({ navigator, location, isSecureContext }: Window): Passkeys {
	const rpId = location.hostname;
	// Absent outside a secure context, whatever the types say.
	const credentials = navigator.credentials as CredentialsContainer | undefined;

	async function get(known: readonly { readonly credentialId: Uint8Array; readonly prfInput: Uint8Array }[]): Promise<PasskeySecret | PasskeyFailure> {
		if (!credentials) return 'passkey-failed';
		const evalByCredential = Object.fromEntries(known.map(({ credentialId, prfInput }) => [base64url(credentialId), { first: new Uint8Array(prfInput) }]));
		return ask(() =>
			credentials.get({
				publicKey: {
					rpId,
					challenge: drawn(challengeBytes),
					allowCredentials: known.map(({ credentialId }) => ({ type: 'public-key', id: new Uint8Array(credentialId) })),
					userVerification: 'required',
					timeout: timeoutMs,
					extensions: { prf: { evalByCredential } },
				},
			}),
		);
	}

	async function create({ prfInput, known }: Parameters<Passkeys['create']>[0]): Promise<PasskeySecret | PasskeyFailure> {
		if (!credentials) return 'passkey-failed';
		let made: PublicKeyCredential | undefined;
		const answer = await ask(async () => {
			const credential = await credentials.create({
				publicKey: {
					rp: { id: rpId, name: words.landline },
					user: { id: drawn(userIdBytes), name: words.protect.passkeyName, displayName: words.protect.passkeyName },
					challenge: drawn(challengeBytes),
					pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
					authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
					excludeCredentials: known.map((id) => ({ type: 'public-key', id: new Uint8Array(id) })),
					timeout: timeoutMs,
					extensions: { prf: { eval: { first: new Uint8Array(prfInput) } } },
				},
			});
			if (credential instanceof PublicKeyCredential) made = credential;
			return credential;
		});
		// Some say only that they can, and tell the secret when they are asked the next time.
		const canLater = made?.getClientExtensionResults().prf?.enabled === true;
		if (answer === 'passkey-unsupported' && made && canLater) return get([{ credentialId: new Uint8Array(made.rawId), prfInput }]);
		return answer;
	}

	return { lack: !isSecureContext || !('PublicKeyCredential' in globalThis) || !credentials ? 'browser' : isAddress(rpId) ? 'address' : '', create, get };
}

async function ask(request: () => Promise<Credential | null>): Promise<PasskeySecret | PasskeyFailure> {
	try {
		const credential = await request();
		if (!(credential instanceof PublicKeyCredential)) return 'passkey-failed';
		const first = credential.getClientExtensionResults().prf?.results?.first;
		if (first === undefined) return 'passkey-unsupported';
		const secret = first instanceof ArrayBuffer ? new Uint8Array(first) : new Uint8Array(first.buffer, first.byteOffset, first.byteLength).slice();
		return { credentialId: new Uint8Array(credential.rawId), secret };
	} catch (error) {
		const name = error instanceof Error ? error.name : '';
		// Also when nobody answered in time, or none of the passkeys is there: the browser does not say which.
		if (name === 'NotAllowedError' || name === 'AbortError') return 'passkey-cancelled';
		return name === 'InvalidStateError' ? 'passkey-known' : 'passkey-failed';
	}
}

/** WebAuthn refuses addresses: a passkey belongs to a name. */
const isAddress = (host: string): boolean => host.startsWith('[') || /^[\d.]+$/.test(host);

const drawn = (bytes: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(bytes));

/** As the extension names a credential. */
function base64url(bytes: Uint8Array): string {
	return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
