/** `node serve-page.mjs FOLDER PORT STUN-PORT`: the real signaling server with a test page in the app's place. STUN port 0 is off. */
import { createSignalingServer } from '../../build/signaling/server.js';

const [directory = '', port = '0', stunPort = '0'] = process.argv.slice(2);
const server = await createSignalingServer({ appDirectory: directory, port: Number(port), ...(stunPort === '0' ? {} : { stunPort: Number(stunPort) }) });
process.once('SIGTERM', () => void server.close().then(() => process.exit(0)));
console.log(`ready ${server.port} ${server.stunPort}`);
