/** The same for Vite's configuration and the tests in TypeScript. */
export { chromiumArgs, findChromium } from './browsers.mjs';
