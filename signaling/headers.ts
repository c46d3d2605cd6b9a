/** The headers of every response (LAN.md, section 10): nothing foreign is loaded, framed or run, and user text is never HTML. */
import { createHash } from 'node:crypto';

/**
 * Trusted Types policies that exist: Svelte's templates, SvelteKit's URLs, ours for the service worker's URL, ours for that of the worker of scrypt, and
 * the note editor's (ProseMirror's), which reads what is pasted in a document that is never shown and takes from it what its schema knows.
 */
const trustedTypesPolicies = 'svelte-trusted-html sveltekit-trusted-url landline-worker landline-offload ProseMirrorClipboard';

/** The one style attribute that SvelteKit writes itself, of the element that announces a new page to screen readers. */
const announcerStyle =
	'position: absolute; left: 0; top: 0; clip: rect(0 0 0 0); clip-path: inset(50%); overflow: hidden; white-space: nowrap; width: 1px; height: 1px';

/** Off: every feature a messenger does not use that browsers know by this header. The camera reads invite and verification codes. */
const permissionsPolicy = [
	'accelerometer=()',
	'autoplay=(self)',
	'browsing-topics=()',
	'camera=(self)',
	'display-capture=()',
	'encrypted-media=()',
	'geolocation=()',
	'gyroscope=()',
	'hid=()',
	'magnetometer=()',
	'microphone=()',
	'midi=()',
	'payment=()',
	'publickey-credentials-create=(self)',
	'publickey-credentials-get=(self)',
	'serial=()',
	'usb=()',
	'xr-spatial-tracking=()',
].join(', ');

/** The inline scripts and style attributes of a page, as CSP source expressions. */
export type InlineHashes = { readonly scripts: readonly string[]; readonly styleAttributes: readonly string[] };

export function hashInline(html: string): InlineHashes {
	const scripts = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/gi)].map((match) => cspHash(match[1] ?? ''));
	const styles = [...html.matchAll(/\sstyle="([^"]*)"/gi)].map((match) => cspHash(match[1] ?? ''));
	return { scripts: [...new Set(scripts)], styleAttributes: [...new Set([cspHash(announcerStyle), ...styles])] };
}

/**
 * @param inline what the served page holds; left away for answers without a page
 * @param host the Host header when it has been checked: it stands in the policy for browsers whose `'self'` does not cover WebSockets
 * @param secure whether this server itself speaks TLS
 */
export function responseHeaders(inline: InlineHashes | undefined, host: string | undefined, secure: boolean): Record<string, string> {
	const sockets = host === undefined ? '' : secure ? ` wss://${host}` : ` ws://${host} wss://${host}`;
	return {
		'Content-Security-Policy': [
			"default-src 'none'",
			["script-src 'self'", ...(inline?.scripts ?? [])].join(' '),
			"style-src 'self'",
			["style-src-attr 'unsafe-hashes'", ...(inline?.styleAttributes ?? [])].join(' '),
			"font-src 'self'",
			"img-src 'self' blob: data:",
			"media-src 'self' blob:",
			`connect-src 'self'${sockets}`,
			// A download by the service worker is opened in one; the app itself may not be framed.
			"frame-src 'self'",
			"worker-src 'self'",
			"manifest-src 'self'",
			"base-uri 'none'",
			"form-action 'none'",
			"frame-ancestors 'none'",
			"require-trusted-types-for 'script'",
			`trusted-types ${trustedTypesPolicies}`,
		].join('; '),
		'X-Content-Type-Options': 'nosniff',
		'Referrer-Policy': 'no-referrer',
		'Cross-Origin-Opener-Policy': 'same-origin',
		'Cross-Origin-Resource-Policy': 'same-origin',
		'Cross-Origin-Embedder-Policy': 'require-corp',
		'Permissions-Policy': permissionsPolicy,
	};
}

function cspHash(text: string): string {
	return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
