/** The service worker of downloads-page.ts: what src/service-worker.ts does about downloads, without a build to store. */
/// <reference lib="webworker" />
import { createWorkerDownloads, downloadPath } from '../../src/lib/saving/worker-downloads.ts';

const worker = globalThis.self as unknown as ServiceWorkerGlobalScope;
const downloads = createWorkerDownloads();
worker.addEventListener('install', () => void worker.skipWaiting());
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener('message', (event: ExtendableMessageEvent) => {
	const data = event.data as { kind?: unknown };
	if (data.kind === 'download') downloads.offer(data, event.ports[0]);
});
worker.addEventListener('fetch', (event) => {
	const { pathname } = new URL(event.request.url);
	if (pathname.startsWith(downloadPath)) event.respondWith(downloads.answer(pathname.slice(downloadPath.length)));
});
