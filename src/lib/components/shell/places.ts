/** The places of the rail and their addresses. */
export const places = ['chats', 'placard', 'files', 'people', 'settings'] as const;
export type Place = (typeof places)[number];

export const addressOf: Record<Place, '/' | '/placard' | '/files' | '/people' | '/settings'> = {
	chats: '/',
	placard: '/placard',
	files: '/files',
	people: '/people',
	settings: '/settings',
};

export function placeOf(path: string): Place {
	return places.find((place) => addressOf[place] === path) ?? 'chats';
}
