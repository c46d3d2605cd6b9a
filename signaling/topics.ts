/** Who listens to which topic. A topic is a name and a set of subscribers; it is gone when the last one leaves. */
export const maxTopicsPerSubscriber = 1024;

/** The subscriptions of one server, for subscribers of any type (a socket, in a test a name). */
export type Topics<Subscriber> = {
	/** `false` when the subscriber has as many topics as it may. Subscribing twice is subscribing once. */
	subscribe(subscriber: Subscriber, topic: string): boolean;
	unsubscribe(subscriber: Subscriber, topic: string): void;
	/** Ends all subscriptions of one subscriber. */
	leave(subscriber: Subscriber): void;
	subscribers(topic: string): ReadonlySet<Subscriber>;
	/** How many topics have a subscriber. */
	readonly size: number;
};

export function createTopics<Subscriber>(): Topics<Subscriber> {
	const byTopic = new Map<string, Set<Subscriber>>();
	const bySubscriber = new Map<Subscriber, Set<string>>();
	const nobody: ReadonlySet<Subscriber> = new Set();

	function drop(subscriber: Subscriber, topic: string): void {
		const subscribers = byTopic.get(topic);
		subscribers?.delete(subscriber);
		if (subscribers?.size === 0) byTopic.delete(topic);
	}

	return {
		subscribe(subscriber, topic) {
			const own = bySubscriber.get(subscriber) ?? new Set<string>();
			if (own.size >= maxTopicsPerSubscriber && !own.has(topic)) return false;
			bySubscriber.set(subscriber, own.add(topic));
			byTopic.set(topic, (byTopic.get(topic) ?? new Set<Subscriber>()).add(subscriber));
			return true;
		},
		unsubscribe(subscriber, topic) {
			const own = bySubscriber.get(subscriber);
			if (!own?.delete(topic)) return;
			if (own.size === 0) bySubscriber.delete(subscriber);
			drop(subscriber, topic);
		},
		leave(subscriber) {
			for (const topic of bySubscriber.get(subscriber) ?? []) drop(subscriber, topic);
			bySubscriber.delete(subscriber);
		},
		subscribers: (topic) => byTopic.get(topic) ?? nobody,
		get size() {
			return byTopic.size;
		},
	};
}
