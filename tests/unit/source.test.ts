import { expect, test } from 'vitest';
import { createCell } from '../../src/sync/source.ts';

test('a listener that throws does not keep the others from hearing, and is not silenced', () => {
	const cell = createCell(1);
	const heard: number[] = [];
	cell.subscribe(() => {
		throw new Error('a broken screen');
	});
	cell.subscribe(() => heard.push(cell.get()));
	expect(() => cell.set(2)).toThrow('a broken screen');
	expect(heard).toEqual([2]);
});
