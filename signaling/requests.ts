/** HTTP: the app's files and pages, `/healthz` and `/config`. GET and HEAD only, every response with every header. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { unwrapAddress } from './addresses.ts';
import { parseHost, type HostHeader } from './gate.ts';
import { responseHeaders } from './headers.ts';
import type { AppSource } from './static.ts';

export type RequestDeps = {
	readonly app: AppSource;
	readonly isOurs: (host: HostHeader) => boolean;
	/** Whether the server itself speaks TLS. */
	readonly secure: boolean;
	readonly door: string | null;
	readonly stunPort: () => number;
	/** Open sockets. */
	readonly sockets: () => number;
	readonly uptimeSeconds: () => number;
	readonly report: (sentence: string) => void;
};

export function createRequestListener(deps: RequestDeps): (request: IncomingMessage, response: ServerResponse) => void {
	return (request, response) => {
		try {
			answer(deps, request, response);
		} catch (error) {
			deps.report(`A request could not be answered: ${error instanceof Error ? error.message : String(error)}`);
			response.destroy();
		}
	};
}

function answer(deps: RequestDeps, request: IncomingMessage, response: ServerResponse): void {
	const app = deps.app();
	const host = parseHost(request.headers.host);
	const ours = host !== undefined && deps.isOurs(host);
	const headers = responseHeaders(app?.inline, ours ? request.headers.host : undefined, deps.secure);
	for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);

	const path = (request.url ?? '/').replace(/[?#].*$/s, '');
	if (!host) {
		say(response, 400, 'The request names no host.');
	} else if (!ours) {
		say(response, 421, `This server does not answer to the name "${host.name}". Open it by its address, or start it with --name ${host.name}.`);
	} else if (request.method !== 'GET' && request.method !== 'HEAD') {
		response.setHeader('Allow', 'GET, HEAD');
		response.setHeader('Connection', 'close');
		say(response, 405, 'Only GET and HEAD are answered here.');
	} else if (path === '/healthz') {
		const health = { ok: app !== undefined, build: app?.build ?? '', sockets: deps.sockets(), uptimeSeconds: deps.uptimeSeconds() };
		sayJson(response, app ? 200 : 503, health);
	} else if (path === '/config') {
		const address = unwrapAddress(request.socket.remoteAddress);
		sayJson(response, 200, { build: app?.build ?? '', stunPort: deps.stunPort(), door: deps.door, address });
	} else if (!app) {
		say(response, 503, 'Landline is being built. Reload in a moment.');
	} else if (!app.serve(request, response, path)) {
		say(response, 404, 'There is nothing at this address.');
	}
}

function say(response: ServerResponse, status: number, sentence: string): void {
	send(response, status, 'text/plain; charset=utf-8', `${sentence}\n`);
}

function sayJson(response: ServerResponse, status: number, value: unknown): void {
	send(response, status, 'application/json', JSON.stringify(value));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
	response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), 'Cache-Control': 'no-store' });
	response.end(body);
}
