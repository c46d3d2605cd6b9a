/** Where one is in the shared folders; it stands behind the # of the address, which no server ever sees. */

export interface Spot {
	readonly folder: string;
	/** '' is the folder itself. */
	readonly path: string;
}

export const spotHash = ({ folder, path }: Spot): string => `#${folder}${path === '' ? '' : `/${path.split('/').map(encodeURIComponent).join('/')}`}`;

/** `undefined` for an address that names none. */
export function spotOf(hash: string): Spot | undefined {
	const [folder = '', ...names] = hash.replace(/^#/, '').split('/');
	if (folder === '') return undefined;
	try {
		return { folder, path: names.map(decodeURIComponent).join('/') };
	} catch {
		return { folder, path: '' };
	}
}
