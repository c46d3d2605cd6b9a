/** The command line and the environment of `npm start`, read into one narrow type, or into a sentence that says what is wrong. */
import { parseArgs } from 'node:util';
import { parseDoor } from './door.ts';

export const defaultPort = 8787;
/** The port browsers take for `stun:host` without a number. */
export const defaultStunPort = 3478;

/** What the operator asked for. `host` is `undefined` for all addresses; `stunPort` 0 switches STUN off. */
export type Options = {
	readonly host: string | undefined;
	readonly port: number;
	readonly stunPort: number;
	readonly tls: { readonly certPath: string; readonly keyPath: string } | undefined;
	/** The fragment of the invite link that is the door. */
	readonly door: string | undefined;
	/** Further host names under which the server answers. */
	readonly names: readonly string[];
};

export type OptionsResult =
	| { readonly kind: 'run'; readonly options: Options }
	| { readonly kind: 'help' }
	| { readonly kind: 'wrong'; readonly sentence: string };

export const helpText = `Landline: serves the app, passes sealed signals between browsers and answers STUN.

  npm start -- [flags]

  --host ADDRESS     listen on this address only (default: all)          LANDLINE_HOST
  --port NUMBER      TCP port of the app (default: ${defaultPort})                 LANDLINE_PORT
  --stun-port NUMBER UDP port of STUN (default: ${defaultStunPort}, 0 = off)           LANDLINE_STUN_PORT
  --cert FILE        certificate chain, PEM; needs --key                 LANDLINE_CERT
  --key FILE         private key, PEM; both are reloaded when they change LANDLINE_KEY
  --door LINK        an invite link: opening the plain address asks to join LANDLINE_DOOR
  --name HOST        a further name this server answers to (repeatable)  LANDLINE_NAME (comma-separated)
  --help             this text

docs/operator.md tells how to get a certificate that browsers trust.`;

const flags = {
	host: { type: 'string' },
	port: { type: 'string' },
	'stun-port': { type: 'string' },
	cert: { type: 'string' },
	key: { type: 'string' },
	door: { type: 'string' },
	name: { type: 'string', multiple: true },
	help: { type: 'boolean' },
} as const;

/** Reads flags; what is not given as a flag is taken from the environment, and an empty value is a missing one. */
export function readOptions(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): OptionsResult {
	let values;
	try {
		({ values } = parseArgs({ args: [...argv], options: flags, strict: true }));
	} catch (error) {
		return wrong(`${error instanceof Error ? error.message : String(error)} (npm start -- --help lists the flags.)`);
	}
	if (values.help) return { kind: 'help' };

	const given = (flag: Exclude<keyof typeof values, 'help' | 'name'>): string | undefined => {
		const value = (values[flag] ?? env[`LANDLINE_${flag.toUpperCase().replace('-', '_')}`] ?? '').trim();
		return value === '' ? undefined : value;
	};

	const port = parsePort(given('port'), defaultPort);
	if (port === undefined) return wrong(`--port ${given('port') ?? ''} is not a port number: give 0 (any free one) to 65535.`);
	const stunPort = parsePort(given('stun-port'), defaultStunPort);
	if (stunPort === undefined) return wrong(`--stun-port ${given('stun-port') ?? ''} is not a port number: give 1 to 65535, or 0 to switch STUN off.`);

	const host = given('host');
	if (host !== undefined && !/^[A-Za-z0-9.:%_-]+$/.test(host)) return wrong(`--host ${host} is no address: give one like 192.168.0.10, without http:// and without a port.`);

	const certPath = given('cert');
	const keyPath = given('key');
	if (certPath !== undefined && keyPath === undefined) return wrong('--cert needs --key: give the private key that belongs to the certificate.');
	if (keyPath !== undefined && certPath === undefined) return wrong('--key needs --cert: give the certificate that belongs to the private key.');

	const link = given('door');
	const door = link === undefined ? undefined : parseDoor(link);
	if (link !== undefined && door === undefined) {
		return wrong('--door is not an invite link: copy the whole link from "Invite people", with everything after the # sign, and put it in quotes.');
	}

	const names = (values.name ?? (env['LANDLINE_NAME'] ?? '').split(',')).map((name) => name.trim().toLowerCase()).filter((name) => name !== '');
	const badName = names.find((name) => !/^[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?$/.test(name));
	if (badName !== undefined) return wrong(`--name ${badName} is no host name: give one like landline.example.com, without http:// and without a port.`);

	const tls = certPath !== undefined && keyPath !== undefined ? { certPath, keyPath } : undefined;
	return { kind: 'run', options: { host, port, stunPort, tls, door, names } };
}

function parsePort(text: string | undefined, fallback: number): number | undefined {
	if (text === undefined) return fallback;
	const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
	return port <= 65_535 ? port : undefined;
}

function wrong(sentence: string): OptionsResult {
	return { kind: 'wrong', sentence };
}
