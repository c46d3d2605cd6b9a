/** The thread of one scrypt: a job comes in, 32 bytes go out. Wiring only; whoever started it ends it. */
import { scryptAtOnce, type ScryptJob } from './scrypt.ts';

globalThis.onmessage = ({ data }: MessageEvent<ScryptJob>) => globalThis.postMessage(scryptAtOnce(data));
