/** A value that changes over time, read by snapshot: the one way data flows upward. */

/** `get` gives an immutable snapshot, the same object until it changes; `subscribe` calls back after each change. */
export interface Source<T> {
	get(): T;
	subscribe(changed: () => void): () => void;
}

/** A source with a setter, kept by its owner. A listener that throws does not keep the others from hearing. */
export interface Cell<T> extends Source<T> {
	set(value: T): void;
}

export function createCell<T>(initial: T): Cell<T> {
	let value = initial;
	const listeners = new Set<() => void>();
	return {
		get: () => value,
		set(next) {
			if (Object.is(next, value)) return;
			value = next;
			let thrown: { readonly error: unknown } | undefined;
			for (const listener of [...listeners]) {
				try {
					listener();
				} catch (error) {
					thrown ??= { error };
				}
			}
			if (thrown) throw thrown.error;
		},
		subscribe(changed) {
			listeners.add(changed);
			return () => listeners.delete(changed);
		},
	};
}

/** Resolves once it is so. */
export function when(source: Source<boolean>): Promise<void> {
	if (source.get()) return Promise.resolve();
	return new Promise((resolve) => {
		const stop = source.subscribe(() => {
			if (!source.get()) return;
			stop();
			resolve();
		});
	});
}

/** A source computed from others; computed again only when one of them changed and somebody reads. */
export function derive<T>(from: readonly Source<unknown>[], compute: () => T): Source<T> {
	let seen: unknown[] | undefined;
	let value: T;
	return {
		get() {
			const now = from.map((source) => source.get());
			if (seen === undefined || now.some((part, index) => !Object.is(part, seen?.[index]))) {
				seen = now;
				value = compute();
			}
			return value;
		},
		subscribe(changed) {
			const stops = from.map((source) => source.subscribe(changed));
			return () => {
				for (const stop of stops) stop();
			};
		},
	};
}
