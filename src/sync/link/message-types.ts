/** The numbers of the messages that travel in links (PROTOCOL.md, section 8). A number, once used, keeps its meaning. */
export const messageTypes = {
	first: 1,
	beat: 2,
	goodbye: 3,
	neighbours: 4,
	relay: 5,
	relayed: 6,
	probe: 7,
	probed: 8,
	digest: 16,
	vector: 17,
	want: 18,
	range: 19,
	entry: 20,
	heads: 21,
	join: 32,
	joinState: 33,
	waiting: 34,
	grant: 35,
	refused: 36,
} as const;

export type MessageType = (typeof messageTypes)[keyof typeof messageTypes];
