/// <reference types="@sveltejs/kit" />
/// <reference lib="webworker" />
/**
 * Starts Landline while its server is off (LAN.md, section 6). The whole build is stored at install; pages come from that store first;
 * signaling and what tells the present are never answered from it. A new build waits until the page says "take over".
 */
import { build, files, version } from '$service-worker';
import { createWorkerDownloads, downloadPath } from './lib/saving/worker-downloads.ts';

// TypeScript gives every file the page's globals; this one runs in a worker.
const worker = globalThis.self as unknown as ServiceWorkerGlobalScope;

const prefix = 'landline-';
const current = `${prefix}${version}`;
/** The one page of the app: every address of it is answered with this. */
const shell = '/';
/** Asked of the server or not at all. */
const live = new Set(['/signal', '/config', '/healthz', '/trust']);
const networkTimeoutMs = 3000;
/** Tabs of the last build may still ask for its parts. */
const keptBuilds = 2;
const downloads = createWorkerDownloads();

worker.addEventListener('install', (event) => {
	event.waitUntil(store());
});

worker.addEventListener('activate', (event) => {
	event.waitUntil(dropOldBuilds().then(() => worker.clients.claim()));
});

worker.addEventListener('message', (event: ExtendableMessageEvent) => {
	const data = event.data as { kind?: unknown } | null;
	if (data?.kind === 'take-over') event.waitUntil(worker.skipWaiting());
	if (data?.kind === 'download') downloads.offer(data, event.ports[0]);
});

worker.addEventListener('fetch', (event) => {
	const { request } = event;
	const url = new URL(request.url);
	if (request.method !== 'GET' || url.origin !== worker.location.origin || live.has(url.pathname)) return;
	if (url.pathname.startsWith(downloadPath)) event.respondWith(downloads.answer(url.pathname.slice(downloadPath.length)));
	else event.respondWith(request.mode === 'navigate' ? page(request) : asset(request));
});

worker.addEventListener('notificationclick', (event) => {
	event.notification.close();
	const data = event.notification.data as { url?: unknown } | null;
	event.waitUntil(show(typeof data?.url === 'string' ? data.url : shell));
});

async function store(): Promise<void> {
	const cache = await caches.open(current);
	// `reload` goes past the browser's own cache: a stored page must be the one of this build.
	await cache.addAll([shell, ...build, ...files].map((path) => new Request(path, { cache: 'reload' })));
}

async function dropOldBuilds(): Promise<void> {
	// Names come in the order of their making.
	const others = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== current);
	await Promise.all(others.slice(0, Math.max(0, others.length - (keptBuilds - 1))).map((name) => caches.delete(name)));
}

async function page(request: Request): Promise<Response> {
	const stored = await (await caches.open(current)).match(shell);
	return stored ?? fromNetwork(request);
}

async function asset(request: Request): Promise<Response> {
	const stored = (await (await caches.open(current)).match(request, { ignoreSearch: true })) ?? (await caches.match(request));
	return stored ?? fromNetwork(request);
}

async function fromNetwork(request: Request): Promise<Response> {
	try {
		return await fetch(request, { signal: AbortSignal.timeout(networkTimeoutMs) });
	} catch {
		return Response.error();
	}
}

async function show(url: string): Promise<void> {
	const windows = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
	const [first] = windows;
	if (!first) {
		await worker.clients.openWindow(url);
		return;
	}
	await first.focus();
	first.postMessage({ kind: 'open', url });
}
