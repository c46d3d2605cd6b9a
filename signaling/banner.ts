/** What the operator reads after the start: where to open Landline, for whom, and what other computers still need. */
import { isIP } from 'node:net';
import { isPublicAddress, urlHost } from './addresses.ts';
import { expiryWarning, type Credentials } from './tls.ts';

export type BannerFacts = {
	readonly host: string | undefined;
	readonly port: number;
	readonly stunPort: number;
	readonly credentials: Credentials | undefined;
	readonly names: readonly string[];
	readonly door: boolean;
	/** This computer's addresses as others reach it. */
	readonly lan: readonly string[];
	readonly nowMs: number;
};

/** The lines, without colour, so that they read the same in a journal. */
export function bannerLines(facts: BannerFacts): string[] {
	const { host, port, stunPort, credentials, lan } = facts;
	const scheme = credentials ? 'https' : 'http';
	const standard = credentials ? 443 : 80;
	const url = (name: string): string => `${scheme}://${urlHost(name)}${port === standard ? '' : `:${port}`}`;
	const loopbackOnly = host !== undefined && (host === 'localhost' || host === '::1' || host.startsWith('127.'));
	const everywhere = host === undefined || host === '0.0.0.0' || host === '::';
	const bound = everywhere ? lan : [host];
	const lines = [''];

	if (credentials) {
		const named = [...credentials.names.filter((name) => !name.startsWith('*.')), ...facts.names, ...credentials.addresses.filter((one) => isIP(one) === 4)];
		lines.push('Landline is running. Open it here and on other computers at');
		for (const name of new Set(named)) lines.push(`  ${url(name)}`);
		if (named.length === 0) lines.push('  the name your certificate is for (give it with --name to see it here)');
		lines.push('', 'Tell everyone one and the same address: history and keys belong to the address they were made under.');
		const warning = expiryWarning(credentials, facts.nowMs);
		if (warning !== undefined) lines.push(warning);
	} else {
		lines.push('Landline is running. Open it on this computer at', `  ${url(everywhere ? 'localhost' : host)}`, '');
		if (loopbackOnly) {
			lines.push('Other computers cannot reach it: --host limits it to this one.');
		} else {
			lines.push('Other computers reach it at');
			for (const name of [...facts.names, ...bound]) lines.push(`  ${url(name)}`);
			if (facts.names.length + bound.length === 0) lines.push('  no address: this computer is on no network');
			lines.push(
				'and there the page will say that it cannot work yet: browsers encrypt, store and',
				'work offline only over HTTPS with a certificate they trust. Start with',
				'  npm start -- --cert FILE --key FILE',
				'docs/operator.md shows two ways to such a certificate.',
			);
		}
	}

	lines.push('', stunPort === 0 ? 'STUN is off: colleagues in other subnets, or on a LAN without a gateway, will not find each other.' : `STUN answers on UDP port ${stunPort}; let it through the firewall as well.`);
	if (facts.door) lines.push('The door is open: who opens the address is asked to join, and a manager lets them in.');
	const open = bound.filter(isPublicAddress);
	if (open.length > 0) {
		lines.push(
			'',
			`Warning: ${open.join(', ')} ${open.length === 1 ? 'is a public address' : 'are public addresses'}. Landline is meant for a private network; browsers may ask or`,
			'refuse when a page from a public address connects to private ones. Choose a private address with --host.',
		);
	}
	lines.push('');
	return lines;
}
