import { TOPIC_ROOT, type TopicKind } from '../../contract/topics.ts';

/** What the broker tells about a message beside its content. */
export interface LinkPacket {
  /** The broker had stored it and it may be old. */
  retain: boolean;
}

/** Takes a message of an edge. `topic` is one of `contract/topics.ts`. */
export type LinkHandler = (topic: string, payload: Uint8Array, packet: LinkPacket) => void;

/** The hub's end of one MQTT connection per edge, whichever broker stands between. */
export interface EdgeLink {
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * Sends to an edge. Resolves when the broker has taken it, which does not say that the edge has; rejects with
   * EDGE_OFFLINE when the hub itself has no broker.
   */
  publish(topic: string, payload: string | Uint8Array, options: { qos: 0 | 1; retain?: boolean }): Promise<void>;
  /** Calls `handler` for each message of any edge; returns the function that ends it. */
  onMessage(handler: LinkHandler): () => void;
  /** Ends an edge's connection, e.g. because its credential was withdrawn. */
  disconnect(edgeId: string): void;
  /** Counters since start, for the hub's state page. */
  counters(): Record<string, number>;
}

/** Which of an edge's two connections: events and orders, or live media. They never share a broker instance. */
export type LinkLane = 'events' | 'media';

/** What the hub listens to on each lane. */
export const LINK_FILTERS: Readonly<Record<LinkLane, readonly string[]>> = {
  events: ['status', 'inventory', 'events/+', 'telemetry', 'replies'].map((last) => `${TOPIC_ROOT}/+/${last}`),
  media: [`${TOPIC_ROOT}/+/media/+`],
};

const MEDIA_KINDS: ReadonlySet<TopicKind['kind']> = new Set(['media', 'receipts', 'talk']);

/** The connection on which a topic travels. */
export function laneOf(kind: TopicKind['kind']): LinkLane {
  return MEDIA_KINDS.has(kind) ? 'media' : 'events';
}

/** Something that only a faulty or hostile edge does. */
export interface LinkViolation {
  /** Whose credential was used. */
  edgeId: string;
  /** The client id is not the edge's, or it touched a topic that is not its own. */
  what: 'client-id' | 'publish' | 'subscribe';
  /** The client id or topic. */
  subject: string;
  /** Network address it came from. */
  address: string;
}
