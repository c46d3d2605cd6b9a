/** Why the server did not start, as a sentence the operator can act on. */

/** Thrown while starting; its message is the sentence. */
export class StartFailure extends Error {
	override readonly name = 'StartFailure';
}

export type ListenAttempt = {
	readonly what: string;
	readonly transport: 'TCP' | 'UDP';
	readonly port: number;
	readonly host: string | undefined;
	readonly flag: '--port' | '--stun-port';
};

/** The sentence for a port that could not be opened. */
export function startSentence(error: unknown, { what, transport, port, host, flag }: ListenAttempt): string {
	const code = (error as NodeJS.ErrnoException | undefined)?.code;
	switch (code) {
		case 'EADDRINUSE': {
			const off = flag === '--stun-port' ? ', or 0 if another STUN server does this work' : '';
			return `${transport} port ${port} is in use by another program, so ${what} cannot use it. Stop that program, or choose another port with ${flag}${off}.`;
		}
		case 'EACCES':
		case 'EPERM':
			return `${transport} port ${port} needs rights this user does not have. Choose a port of 1024 or above with ${flag}, or see docs/operator.md.`;
		case 'EADDRNOTAVAIL':
			return `This computer has no address ${host ?? ''}. Give one of its own with --host, or leave --host away.`;
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return `The name ${host ?? ''} is not known here. Give an address of this computer with --host, or leave --host away.`;
		default:
			return `${what} could not open ${transport} port ${port}: ${error instanceof Error ? error.message : String(error)}.`;
	}
}
