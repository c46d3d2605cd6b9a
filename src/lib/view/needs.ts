/** What the page needs of the browser, and whether it is there (UI.md, "First visit"; LAN.md 2 and 5). */

export interface Needs {
	readonly secure: boolean;
	readonly webrtc: boolean;
	readonly storage: boolean;
}

/** Opens and deletes a small database: the only way to learn that a private window or a policy refuses one. */
export async function readNeeds(window: Window & typeof globalThis): Promise<Needs> {
	return {
		secure: window.isSecureContext,
		webrtc: typeof window.RTCPeerConnection === 'function',
		storage: await storageWorks(window),
	};
}

const probeName = 'landline-probe';
const probeTimeoutMs = 5000;

async function storageWorks(window: Window & typeof globalThis): Promise<boolean> {
	if (typeof window.indexedDB !== 'object') return false;
	return new Promise((resolve) => {
		// A browser that answers nothing at all is slow, not refusing: the core reports what it then meets.
		const timer = setTimeout(() => resolve(true), probeTimeoutMs);
		const settle = (works: boolean): void => {
			clearTimeout(timer);
			resolve(works);
		};
		try {
			const request = window.indexedDB.open(probeName);
			request.onerror = () => settle(false);
			request.onsuccess = () => {
				request.result.close();
				window.indexedDB.deleteDatabase(probeName);
				settle(true);
			};
		} catch {
			settle(false);
		}
	});
}
