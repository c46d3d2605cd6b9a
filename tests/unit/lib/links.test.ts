/** Web addresses in user text: found whole, ended where the sentence ends, and never made of hidden letters. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitLinks } from '../../../src/lib/components/ui/links.ts';

const linksOf = (text: string): string[] => splitLinks(text).filter((part) => part.link).map((part) => part.text);

test.each([
	['see https://intranet.example/plan.', ['https://intranet.example/plan']],
	['(http://a.example/x?y=1#z), http://b.example!', ['http://a.example/x?y=1#z', 'http://b.example']],
	['javascript:alert(1) data:text/html,x ftp://x.example', []],
	['https://', []],
	['https://a.example/\u202egpj.exe', ['https://a.example/']],
])('%s', (text, links) => {
	expect(linksOf(text)).toEqual(links);
});

test('no letter is lost or moved, and only http and https become links', () => {
	fc.assert(
		fc.property(fc.array(fc.oneof(fc.string(), fc.constant('https://x.example/a.'), fc.constant(' http://'))), (pieces) => {
			const text = pieces.join('');
			expect(splitLinks(text).map((part) => part.text).join('')).toBe(text);
			for (const link of linksOf(text)) expect(new URL(link).protocol).toMatch(/^https?:$/);
		}),
	);
});
