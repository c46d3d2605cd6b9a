/**
 * Small LANs on one machine: hosts are network namespaces, cables are veth pairs (root and iproute2; LAN.md, section 1). Everything made
 * here is named `ll-<pid>-…` and removed by `remove`, also after a failure. JavaScript, because the LAN lane runs in plain Node.
 */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { chromiumArgs, findChromium } from './browsers.mjs';

/**
 * @typedef {object} Host
 * @property {string} name of the namespace
 * @property {string} address
 * @property {string} cable the host's end of its cable
 * @property {string} [gateway]
 */

/**
 * @typedef {object} Lan
 * @property {Host} server where the server is to run
 * @property {readonly Host[]} hosts
 * @property {(host: Host) => void} cut takes the host's cable out
 * @property {(host: Host) => void} mend
 * @property {(host: Host, other: Host) => void} block drops what `host` sends to `other`
 * @property {(host: Host, other: Host) => void} unblock
 * @property {() => void} remove
 */

let lans = 0;

/** @param {readonly string[]} args */
function ip(args) {
	execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** A set of namespaces that is removed as one. */
function createSite() {
	lans += 1;
	const prefix = `ll-${process.pid}-${lans}`;
	/** @type {string[]} */
	const names = [];
	let cables = 0;
	const site = {
		/** @param {string} label */
		add(label) {
			const name = `${prefix}-${label}`;
			ip(['netns', 'add', name]);
			names.push(name);
			ip(['-n', name, 'link', 'set', 'lo', 'up']);
			return name;
		},
		/** Joins two namespaces; answers the names of both ends. @param {string} a @param {string} b */
		cable(a, b) {
			cables += 1;
			const ends = /** @type {const} */ ([`c${cables}a`, `c${cables}b`]);
			ip(['link', 'add', ends[0], 'netns', a, 'type', 'veth', 'peer', 'name', ends[1], 'netns', b]);
			ip(['-n', a, 'link', 'set', ends[0], 'up']);
			ip(['-n', b, 'link', 'set', ends[1], 'up']);
			return ends;
		},
		/** @param {string} name @param {string} cable @param {string} address with its prefix length */
		address(name, cable, address) {
			ip(['-n', name, 'address', 'add', address, 'dev', cable]);
		},
		/** @param {string} name @param {string} gateway */
		gateway(name, gateway) {
			ip(['-n', name, 'route', 'add', 'default', 'via', gateway]);
		},
		remove() {
			process.off('exit', site.remove);
			for (const name of names.reverse()) {
				try {
					ip(['netns', 'delete', name]);
				} catch {
					// Gone already.
				}
			}
			names.length = 0;
		},
		/** @param {Host} server @param {readonly Host[]} hosts @returns {Lan} */
		lan(server, hosts) {
			return {
				server,
				hosts,
				cut: (host) => ip(['-n', host.name, 'link', 'set', host.cable, 'down']),
				// Taking a link down drops its routes; a host on a subnet of its own gets its gateway back.
				mend(host) {
					ip(['-n', host.name, 'link', 'set', host.cable, 'up']);
					if (host.gateway !== undefined) site.gateway(host.name, host.gateway);
				},
				block: (host, other) => ip(['-n', host.name, 'route', 'add', 'blackhole', `${other.address}/32`]),
				unblock: (host, other) => ip(['-n', host.name, 'route', 'delete', 'blackhole', `${other.address}/32`]),
				remove: site.remove,
			};
		},
	};
	process.once('exit', site.remove);
	return site;
}

/** Two subnets and a router between, which is also the server. Multicast does not pass, so `.local` names do not resolve across. */
export function createTwoSubnets(hostsPerSubnet = 1) {
	const site = createSite();
	try {
		const router = site.add('r');
		execFileSync('ip', ['netns', 'exec', router, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=1']);
		const hosts = [];
		for (const subnet of [1, 2]) {
			const bridge = `br${subnet}`;
			ip(['-n', router, 'link', 'add', bridge, 'type', 'bridge']);
			ip(['-n', router, 'link', 'set', bridge, 'up']);
			site.address(router, bridge, `10.77.${subnet}.1/24`);
			for (let i = 0; i < hostsPerSubnet; i++) {
				const name = site.add(`h${subnet}${i}`);
				const [end, plug] = site.cable(name, router);
				ip(['-n', router, 'link', 'set', plug, 'master', bridge]);
				const address = `10.77.${subnet}.${10 + i}`;
				const gateway = `10.77.${subnet}.1`;
				site.address(name, end, `${address}/24`);
				site.gateway(name, gateway);
				hosts.push({ name, address, cable: end, gateway });
			}
		}
		return site.lan({ name: router, address: '10.77.1.1', cable: 'br1' }, hosts);
	} catch (error) {
		site.remove();
		throw error;
	}
}

/** One subnet behind a switch, without a default gateway: "no internet at all" (LAN.md H1.3). */
export function createOneSubnet(hostCount = 2, { gateway = false } = {}) {
	const site = createSite();
	try {
		const wire = site.add('switch');
		ip(['-n', wire, 'link', 'add', 'br0', 'type', 'bridge']);
		ip(['-n', wire, 'link', 'set', 'br0', 'up']);
		const plugIn = (label, address) => {
			const name = site.add(label);
			const [end, plug] = site.cable(name, wire);
			ip(['-n', wire, 'link', 'set', plug, 'master', 'br0']);
			site.address(name, end, `${address}/24`);
			return { name, address, cable: end };
		};
		const server = plugIn('srv', '10.78.0.1');
		const hosts = Array.from({ length: hostCount }, (_, i) => plugIn(`h${i}`, `10.78.0.${10 + i}`));
		if (gateway) for (const host of hosts) site.gateway(host.name, (host.gateway = server.address));
		return site.lan(server, hosts);
	} catch (error) {
		site.remove();
		throw error;
	}
}

/**
 * A process inside a host. Its end is the caller's business: `stop`.
 * @param {Host} host @param {readonly string[]} command @param {{ env?: Record<string, string> }} [options]
 */
export function runIn(host, command, { env = {} } = {}) {
	const child = spawn('ip', ['netns', 'exec', host.name, ...command], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
	let output = '';
	child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
	child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
	const endWithUs = () => child.kill('SIGKILL');
	process.once('exit', endWithUs);
	const ended = new Promise((resolve) => child.once('close', resolve)).then(() => process.off('exit', endWithUs));
	return {
		output: () => output,
		/** @param {NodeJS.Signals} [signal] */
		async stop(signal = 'SIGTERM') {
			if (child.exitCode === null && child.signalCode === null) child.kill(signal);
			await ended;
		},
	};
}

/**
 * A Chromium inside a host, mDNS hiding on as by default. Playwright talks to it through pipes, so no network is needed for that.
 * @param {Host} host @param {{ secureOrigin?: string, args?: readonly string[] }} [options] `secureOrigin`: one named insecure origin to be
 * treated as secure, as an administrator may do by policy
 */
export async function launchChromiumIn(host, { secureOrigin, args = [] } = {}) {
	const folder = mkdtempSync(join(tmpdir(), 'landline-ns-'));
	const wrapper = join(folder, 'chromium');
	writeFileSync(wrapper, `#!/bin/sh\nexec ip netns exec ${host.name} ${findChromium()} "$@"\n`);
	chmodSync(wrapper, 0o755);
	const browser = await chromium.launch({
		executablePath: wrapper,
		args: [...chromiumArgs, ...(secureOrigin === undefined ? [] : [`--unsafely-treat-insecure-origin-as-secure=${secureOrigin}`]), ...args],
	});
	browser.once('disconnected', () => rmSync(folder, { recursive: true, force: true }));
	return browser;
}
