/** The places of the rail and their addresses. "Files" joins them with the file plane. */
export const places = ['chats', 'placard', 'people', 'settings'] as const;
export type Place = (typeof places)[number];

export const addressOf: Record<Place, '/' | '/placard' | '/people' | '/settings'> = {
	chats: '/',
	placard: '/placard',
	people: '/people',
	settings: '/settings',
};

export function placeOf(path: string): Place {
	return places.find((place) => addressOf[place] === path) ?? 'chats';
}
