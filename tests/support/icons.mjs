// Draws static/icon-*.png from static/icon.svg: `node tests/support/icons.mjs`. The pictures are committed; run it after changing the mark.
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
const executablePath = process.env.LANDLINE_CHROMIUM ?? '/usr/bin/chromium';

const ground = '#0d5c58';
/** Platforms cut a maskable icon to any shape inside the middle 80 %. */
const kinds = [
	{ name: 'icon', share: 0.92, background: 'transparent', colour: undefined },
	{ name: 'icon-maskable', share: 0.62, background: ground, colour: '#ffffff' },
];
const mark = readFileSync('static/icon.svg', 'utf8');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
for (const { name, share, background, colour } of kinds) {
	for (const size of [192, 512]) {
		const page = await browser.newPage({ viewport: { width: size, height: size } });
		const drawing = colour ? mark.replaceAll(/#12807a/g, colour) : mark;
		await page.setContent(
			`<style>html,body{margin:0;height:100%;background:${background}}body{display:grid;place-items:center}svg{width:${share * 100}%}</style>${drawing}`,
		);
		await page.screenshot({ path: `static/${name}-${size}.png`, omitBackground: true });
		await page.close();
	}
}
await browser.close();
