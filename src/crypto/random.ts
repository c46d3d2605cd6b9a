/**
 * Randomness is handed in, so that a test can replay a run and a vector can name its ephemeral key.
 * Whoever composes the app passes `systemRandom`.
 */

/** Gives `n` fresh bytes. Must be a cryptographic source wherever a key or nonce is drawn from it. */
export type Random = (n: number) => Uint8Array;

/** The platform's cryptographic source, in Node, pages and workers alike. `n` ≤ 65,536 (a limit of `getRandomValues`). */
export const systemRandom: Random = (n) => crypto.getRandomValues(new Uint8Array(n));
