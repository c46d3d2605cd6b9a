/** Bytes asked for and not yet on the disk: so much for one fetch, so much for the page. What bounds its memory (FILES.md, 4.1). */

const maxFetchBytes = 16 * 1024 * 1024;
const maxPageBytes = 32 * 1024 * 1024;

export interface Budget {
	/** A share of it for one fetch. */
	open(): Share;
}

export interface Share {
	take(bytes: number): boolean;
	give(bytes: number): void;
	/** Gives all back; what others wait for may go on. */
	close(): void;
}

/** @param freed called when there is room again */
export function createBudget(freed: () => void): Budget {
	let taken = 0;
	return {
		open() {
			let own = 0;
			let isOpen = true;
			const give = (bytes: number): void => {
				const isFull = taken >= maxPageBytes / 2;
				own -= bytes;
				taken -= bytes;
				if (isFull) freed();
			};
			return {
				take(bytes) {
					if (!isOpen || (own > 0 && (own + bytes > maxFetchBytes || taken + bytes > maxPageBytes))) return false;
					own += bytes;
					taken += bytes;
					return true;
				},
				give(bytes) {
					if (isOpen) give(bytes);
				},
				close() {
					isOpen = false;
					give(own);
				},
			};
		},
	};
}
