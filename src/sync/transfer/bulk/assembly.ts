/** One chunk on its way in: its frames put together, in their order, and never more than it may have. */

export interface Assembly {
	/** `undefined` for a frame that does not follow, or goes beyond: whoever sent it does not keep to the rules. */
	take(offset: number, payload: Uint8Array): 'partial' | 'whole' | undefined;
	/** Of a whole one; the assembly is of no use after it. */
	buffer(): ArrayBuffer;
	readonly received: number;
}

/** @param length of the chunk, by the content that was asked for; nothing the other end claims is allocated */
export function createAssembly(length: number): Assembly {
	let bytes: Uint8Array<ArrayBuffer> | undefined;
	let received = 0;
	return {
		take(offset, payload) {
			if (offset !== received || payload.length === 0 || payload.length > length - received) return undefined;
			bytes ??= new Uint8Array(length);
			bytes.set(payload, offset);
			received += payload.length;
			return received === length ? 'whole' : 'partial';
		},
		buffer() {
			if (!bytes || received !== length) throw new Error('the chunk is not whole');
			return bytes.buffer;
		},
		get received() {
			return received;
		},
	};
}
