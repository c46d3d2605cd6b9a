/**
 * Runs before each build: keeps the hashed files of the last one for one release (LAN.md, section 6), because a page that was opened before the update
 * may still ask for them. The server looks there for what the present build lacks.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const hashed = fileURLToPath(new URL('../build/app/_app/immutable', import.meta.url));
const previous = fileURLToPath(new URL('../build/app-previous', import.meta.url));

if (existsSync(hashed)) {
	rmSync(previous, { recursive: true, force: true });
	renameSync(hashed, previous);
}
