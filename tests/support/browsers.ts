/** The same for Vite's configuration and the tests in TypeScript. */
export { chromiumArgs, findChromium, findFirefox } from './browsers.mjs';
