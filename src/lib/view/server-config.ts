/** What the server tells of itself at `/config`, read field by field: it comes from outside. */

export interface ServerConfig {
	/** Invite fragment, when the server has a door. */
	readonly door: string | undefined;
	/** 0 when it answers no STUN. */
	readonly stunPort: number;
	/** This computer's address as the server sees it. */
	readonly address: string;
	/** How far this computer's clock is from the server's, ms; 0 when it is near. */
	readonly clockOffMs: number;
}

const timeoutMs = 3000;
/** Office clocks differ by seconds; below this nobody would notice. */
const nearClockMs = 5 * 60_000;
const maxPort = 65_535;

/** `undefined` when the server does not answer. */
export async function readServerConfig(get: typeof fetch = fetch): Promise<ServerConfig | undefined> {
	try {
		const response = await get('/config', { cache: 'no-store', signal: AbortSignal.timeout(timeoutMs) });
		return response.ok ? parse(await response.json(), clockOff(response.headers.get('date'))) : undefined;
	} catch {
		return undefined;
	}
}

/** The one ICE server there is: ours. `undefined` when it is switched off. */
export function stunServer(config: ServerConfig, host: string): RTCIceServer | undefined {
	return config.stunPort > 0 ? { urls: `stun:${host}:${String(config.stunPort)}` } : undefined;
}

function clockOff(date: string | null): number {
	const offMs = Date.now() - Date.parse(date ?? '');
	return Math.abs(offMs) >= nearClockMs ? offMs : 0;
}

function parse(value: unknown, clockOffMs: number): ServerConfig | undefined {
	if (typeof value !== 'object' || value === null) return undefined;
	const { door, stunPort, address } = value as Record<string, unknown>;
	return {
		door: typeof door === 'string' && door !== '' ? door : undefined,
		stunPort: typeof stunPort === 'number' && Number.isInteger(stunPort) && stunPort > 0 && stunPort <= maxPort ? stunPort : 0,
		address: typeof address === 'string' ? address : '',
		clockOffMs,
	};
}
