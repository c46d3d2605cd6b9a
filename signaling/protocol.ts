/**
 * The frames of the signaling socket. They are y-webrtc's (JSON text: `subscribe`, `unsubscribe`, `publish`, `ping`; its
 * `bin/server.js`), so an unmodified y-webrtc client works here (DESIGN.md, D5), and one more that only the server sends:
 * `welcome`, which such a client ignores. A frame that breaks a limit below is not understood at all.
 */
export const maxFrameBytes = 64 * 1024;
export const maxTopicLength = 256;
export const maxTopicsPerFrame = 1024;

/** What a client may say. */
export type ClientFrame =
	| { readonly type: 'subscribe'; readonly topics: readonly string[] }
	| { readonly type: 'unsubscribe'; readonly topics: readonly string[] }
	| { readonly type: 'publish'; readonly topic: string }
	| { readonly type: 'ping' };

/** The first frame on every socket. `address` is the client's, as the server sees it; `stunPort` is 0 when STUN is off. */
export type Welcome = {
	readonly type: 'welcome';
	readonly address: string;
	readonly build: string;
	readonly stunPort: number;
};

/**
 * Reads one text frame. `undefined` for anything that is not exactly one of the four.
 * Further fields of a `publish` are not looked at: it is passed on as it came, byte for byte.
 */
export function parseClientFrame(text: string): ClientFrame | undefined {
	const value = parseJson(text);
	if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
	switch (value.type) {
		case 'subscribe':
		case 'unsubscribe': {
			const topics: unknown = 'topics' in value ? value.topics : undefined;
			if (!Array.isArray(topics) || topics.length > maxTopicsPerFrame || !topics.every(isTopic)) return undefined;
			return { type: value.type, topics };
		}
		case 'publish':
			return 'topic' in value && isTopic(value.topic) ? { type: 'publish', topic: value.topic } : undefined;
		case 'ping':
			return { type: 'ping' };
		default:
			return undefined;
	}
}

function isTopic(value: unknown): value is string {
	return typeof value === 'string' && value.length > 0 && value.length <= maxTopicLength;
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}
