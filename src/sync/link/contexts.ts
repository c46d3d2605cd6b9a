/**
 * The keys under which signals may travel, and the topics that belong to them: one context per generation of the mesh key and per open
 * invite (PROTOCOL.md, sections 5 to 7). Older generations serve only to meet those who were away.
 */
import { hex } from '../../crypto/bytes.ts';
import { addressTopic, inboxTopic, officeTopic } from '../../crypto/mesh-key.ts';
import type { MeshKeys } from './mesh-port.ts';
import { noKeyId, type SignalKey } from './signal.ts';

/** Where hellos are also said for those who were away: enough for 90 days of ordinary re-keying. */
const maxOlderHellos = 4;

export interface SignalContext extends SignalKey {
	readonly topicKey: Uint8Array;
	/** Invite public key in join mode; empty on the newcomer's side, who knows only one. */
	readonly invite: string | undefined;
	/** In join mode: this device alone answers there. */
	readonly alone: boolean;
	/** Where all listen. */
	readonly officeTopic: string;
	/** 0 for the current generation, rising with age. */
	readonly age: number;
}

export interface Contexts {
	/** Where a hello is said, newest first. */
	readonly hellos: readonly SignalContext[];
	/** For devices one hears of through neighbours. */
	readonly current: SignalContext | undefined;
	/** To be subscribed. */
	readonly topics: ReadonlySet<string>;
	ofTopic(topic: string): SignalContext | undefined;
	/** By the key id a relayed signal names; join mode has none. */
	ofKeyId(keyId: Uint8Array): SignalContext | undefined;
}

/** A newcomer's one key. */
export interface JoinKeys {
	readonly topicKey: Uint8Array;
	readonly signalKey: Uint8Array;
}

type Topics = { readonly office: string; readonly inbox: string };

/** Makes contexts of keys; what was derived once is kept, as keys change rarely and by one at a time. */
export function createContextMaker(self: Uint8Array): (keys: MeshKeys, joining: JoinKeys | undefined, address: string | undefined) => Contexts {
	const derived = new Map<string, Topics>();
	const topicsOf = (topicKey: Uint8Array): Topics => {
		const key = hex(topicKey);
		const topics = derived.get(key) ?? { office: officeTopic(topicKey), inbox: inboxTopic(topicKey, self) };
		derived.set(key, topics);
		return topics;
	};

	return (keys, joining, address) => {
		const byTopic = new Map<string, SignalContext>();
		const byKeyId = new Map<string, SignalContext>();
		const generations = [...(keys.current ? [keys.current] : []), ...keys.older].map((generation, age) => {
			const topics = topicsOf(generation.topicKey);
			const context: SignalContext = { ...generation, invite: undefined, alone: false, officeTopic: topics.office, age };
			byTopic.set(topics.office, context).set(topics.inbox, context);
			byKeyId.set(hex(generation.keyId), context);
			return context;
		});
		for (const join of keys.joins) {
			const topics = topicsOf(join.topicKey);
			const context: SignalContext = { ...join, keyId: noKeyId, invite: join.invitePublic, alone: join.alone === true, officeTopic: topics.office, age: 0 };
			byTopic.set(topics.office, context).set(topics.inbox, context);
		}
		// Where knocks at this device's address are said.
		if (generations[0] && address !== undefined) byTopic.set(addressTopic(generations[0].topicKey, address), generations[0]);
		const newcomer = joining && newcomerContext(joining, topicsOf(joining.topicKey), byTopic);
		return {
			hellos: newcomer ? [newcomer] : generations.slice(0, 1 + maxOlderHellos),
			current: generations[0],
			topics: new Set(byTopic.keys()),
			ofTopic: (topic) => byTopic.get(topic),
			ofKeyId: (keyId) => byKeyId.get(hex(keyId)),
		};
	};
}

/** A newcomer hears its own topic alone: other newcomers of the same invite are none of its business. */
function newcomerContext(joining: JoinKeys, topics: Topics, byTopic: Map<string, SignalContext>): SignalContext {
	const context: SignalContext = { ...joining, keyId: noKeyId, invite: '', alone: false, officeTopic: topics.office, age: 0 };
	byTopic.set(topics.inbox, context);
	return context;
}
