/** Preloaded into a signaling server (`node --import`): counts what it sends to browsers, and tells the parent when asked. */
import { WebSocket } from 'ws';

let deliveries = 0;
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (/** @type {unknown[]} */ ...args) {
	deliveries += 1;
	return Reflect.apply(send, this, args);
};
process.on('message', () => process.send?.({ deliveries }));
process.channel?.unref();
