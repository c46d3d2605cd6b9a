/**
 * Before the router starts. It decodes the address's fragment without expecting stray percent signs, and would throw at a damaged invite
 * link, which the join screen is to explain instead.
 */
import type { ClientInit } from '@sveltejs/kit';

export const init: ClientInit = () => {
	const { hash, pathname, search } = location;
	try {
		decodeURIComponent(hash);
	} catch {
		history.replaceState(history.state, '', `${pathname}${search}${hash.replaceAll('%', '%25')}`);
	}
};
