/** `npm run soak -- office [--minutes 10]`, `npm run soak -- fuzz [--cases 1000000]`: runs one soak by name. Soaks are long and random, so they are no part of `npm test`. */
const soaks = { office: () => import('./office.mjs'), fuzz: () => import('./fuzz.mjs') };
const [name = '', ...args] = process.argv.slice(2);

if (!Object.hasOwn(soaks, name)) {
	console.error(`Usage: npm run soak -- ${Object.keys(soaks).join('|')} [flags]${name === '' ? '' : `\nThere is no soak "${name}".`}`);
	process.exitCode = 1;
} else {
	const { main } = await soaks[/** @type {keyof typeof soaks} */ (name)]();
	await main(args);
}
