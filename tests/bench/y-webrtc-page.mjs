/** The page of the rival: one Y.Doc over y-webrtc 10.3. Bundled by the bench; runs in the browser. */
import { WebrtcProvider } from 'y-webrtc';
import * as Y from 'yjs';

const { signaling, stun, pages } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const doc = new Y.Doc();
// The default limit of 20 to 35 connections would split the room for good: the rival gets as many as it needs.
const provider = new WebrtcProvider('bench', doc, { signaling: [signaling], maxConns: pages + 5, peerOpts: { config: { iceServers: [{ urls: stun }] } } });
provider.awareness.setLocalStateField('user', { name: `person ${Math.random()}` });
const messages = doc.getArray('messages');
Object.assign(window, {
	benchWrite: (/** @type {string} */ text) => messages.push([text]),
	benchHas: (/** @type {string} */ text) => messages.toArray().includes(text),
});
