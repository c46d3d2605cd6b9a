/** The process: reads the command line, starts the server, prints where it is, stops on SIGTERM and SIGINT. Wiring only. */
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { lanAddresses } from './addresses.ts';
import { bannerLines } from './banner.ts';
import { machineNames } from './gate.ts';
import { helpText, readOptions } from './options.ts';
import { createSignalingServer } from './server.ts';
import { StartFailure } from './start-failure.ts';

/** When a stop has not finished by then, the process ends anyway. */
const stopWithinMs = 1_900;

/** @param argv the flags, without the interpreter and the script */
export async function main(argv: readonly string[]): Promise<void> {
	const read = readOptions(argv, process.env);
	if (read.kind === 'help') {
		console.log(helpText);
		return;
	}
	if (read.kind === 'wrong') {
		fail(read.sentence);
		return;
	}
	const { host, port, stunPort, tls, door, names } = read.options;

	let server;
	try {
		server = await createSignalingServer({
			appDirectory: fileURLToPath(new URL('../app/', import.meta.url)),
			host,
			port,
			stunPort: stunPort === 0 ? undefined : stunPort,
			tls,
			door,
			names: [...names, ...machineNames(hostname())],
			report: (sentence) => console.error(sentence),
		});
	} catch (error) {
		if (!(error instanceof StartFailure)) throw error;
		fail(error.message);
		return;
	}

	const stop = (): void => {
		setTimeout(() => process.exit(0), stopWithinMs).unref();
		void server.close().then(() => process.exit(0));
	};
	process.once('SIGTERM', stop);
	process.once('SIGINT', stop);

	const { credentials } = server;
	const facts = { host, port: server.port, stunPort: server.stunPort, credentials, names, door: door !== undefined, lan: lanAddresses(), nowMs: Date.now() };
	console.log(bannerLines(facts).join('\n'));
}

function fail(sentence: string): void {
	console.error(sentence);
	process.exitCode = 1;
}
