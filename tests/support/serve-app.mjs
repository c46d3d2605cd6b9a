/** `node serve-app.mjs FLAGS…`: the server as built, without asking whether the build is old: a lane builds before. */
import { main } from '../../build/signaling/main.js';

await main(process.argv.slice(2));
