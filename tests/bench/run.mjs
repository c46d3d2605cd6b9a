/** `npm run bench -- mesh [--pages 30]`: runs one bench by name. */
const benches = { mesh: () => import('./mesh.mjs'), 'catch-up': () => import('./catch-up.mjs'), newcomer: () => import('./newcomer.mjs'), typing: () => import('./typing.mjs'), files: () => import('./files.mjs') };
const [name = '', ...args] = process.argv.slice(2);

if (!Object.hasOwn(benches, name)) {
	console.error(`Usage: npm run bench -- ${Object.keys(benches).join('|')} [flags]${name === '' ? '' : `\nThere is no bench "${name}".`}`);
	process.exitCode = 1;
} else {
	const { main } = await benches[/** @type {keyof typeof benches} */ (name)]();
	await main(args);
}
