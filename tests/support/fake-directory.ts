/** A directory as browsers hand it out, in memory: files come and go, and the permission to read it can be taken away. */

export interface FakeDirectory {
	readonly handle: FileSystemDirectoryHandle;
	/** Makes the directories on its way. */
	write(path: string, bytes: Uint8Array | string, modifiedMs?: number): void;
	delete(path: string): void;
	/** As after a restart of the browser; `requestPermission` gives it back. */
	withdraw(): void;
	/** Nobody gives it back. */
	deny(): void;
	/** How many directories were read. */
	readonly reads: () => number;
}

type Node = { readonly kind: 'file'; readonly file: File } | { readonly kind: 'directory'; readonly inside: Map<string, Node> };

export function createFakeDirectory(name: string, files: Readonly<Record<string, Uint8Array | string>> = {}): FakeDirectory {
	const root: Node & { kind: 'directory' } = { kind: 'directory', inside: new Map() };
	let permission: PermissionState = 'granted';
	let isDenied = false;
	let reads = 0;
	const allow = (): void => {
		if (permission !== 'granted') throw new DOMException('not allowed', 'NotAllowedError');
	};
	const missing = (): never => {
		throw new DOMException('not there', 'NotFoundError');
	};

	function handleOf(at: string, node: Node): FileSystemDirectoryHandle {
		if (node.kind === 'file') return { kind: 'file', name: at, getFile: () => attempt(() => node.file) } as unknown as FileSystemDirectoryHandle;
		const { inside } = node;
		const child = (of: string, kind: Node['kind']): FileSystemDirectoryHandle => {
			allow();
			const held = inside.get(of) ?? missing();
			if (held.kind !== kind) throw new DOMException('something else', 'TypeMismatchError');
			return handleOf(of, held);
		};
		return {
			kind: 'directory',
			name: at,
			// eslint-disable-next-line @typescript-eslint/require-await -- as the platform's
			async *values() {
				allow();
				reads++;
				for (const [of, held] of inside) {
					allow();
					yield handleOf(of, held);
				}
			},
			getDirectoryHandle: (of: string) => attempt(() => child(of, 'directory')),
			getFileHandle: (of: string) => attempt(() => child(of, 'file')),
			queryPermission: () => Promise.resolve(permission),
			requestPermission() {
				if (!isDenied) permission = 'granted';
				return Promise.resolve(permission);
			},
		} as unknown as FileSystemDirectoryHandle;
	}

	function attempt<T>(get: () => T): Promise<T> {
		return new Promise((resolve) => {
			allow();
			resolve(get());
		});
	}

	function parentOf(path: string): { readonly inside: Map<string, Node>; readonly last: string } {
		const names = path.split('/');
		const last = names.pop() ?? '';
		let { inside } = root;
		for (const one of names) {
			const held = inside.get(one) ?? { kind: 'directory', inside: new Map<string, Node>() };
			if (held.kind !== 'directory') throw new Error(`${one} is a file`);
			inside.set(one, held);
			inside = held.inside;
		}
		return { inside, last };
	}

	const directory: FakeDirectory = {
		handle: handleOf(name, root),
		write(path, bytes, modifiedMs = Date.UTC(2026, 0, 2)) {
			const { inside, last } = parentOf(path);
			const content = typeof bytes === 'string' ? bytes : new Uint8Array(bytes);
			inside.set(last, { kind: 'file', file: new File([content], last, { lastModified: modifiedMs }) });
		},
		delete(path) {
			const { inside, last } = parentOf(path);
			inside.delete(last);
		},
		withdraw() {
			permission = 'prompt';
		},
		deny() {
			permission = 'denied';
			isDenied = true;
		},
		reads: () => reads,
	};
	for (const [path, bytes] of Object.entries(files)) directory.write(path, bytes);
	return directory;
}
