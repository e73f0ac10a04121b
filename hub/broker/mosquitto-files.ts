import { join } from 'node:path';
import { TOPIC_ROOT } from '../../contract/topics.ts';
import { writeFileSafely } from '../../platform/files.ts';
import type { LinkLane } from './link.ts';

/** What Mosquitto's files are made from. */
export interface MosquittoSetup {
  /** Folder in which the files will stand; the configurations name the others by it. */
  folder: string;
  /** Where the two brokers listen. */
  listeners: Readonly<Record<LinkLane, { host: string; port: number }>>;
  /** Certificate files that Mosquitto can read; null listens without TLS (loopback only). */
  tls: { caFile: string; certFile: string; keyFile: string } | null;
  /** Account of the hub, and the verifier of its password. */
  hub: { user: string; verifier: string };
  /** Joined edges. */
  edges: readonly { edgeId: string; verifier: string }[];
  limits: { connections: number; packetBytes: number };
}

/** The files by name. */
export type MosquittoFiles = Record<'mosquitto.conf' | 'mosquitto-media.conf' | 'passwd' | 'acl' | 'acl-media', string>;

/** What an edge may write and read, as in `edgeMayPublish` and `edgeMaySubscribe` of `contract/topics.ts`. */
const EDGE_WRITES: Readonly<Record<LinkLane, readonly string[]>> = {
  events: ['status', 'inventory', 'events/alarm', 'events/event', 'telemetry', 'replies'],
  media: ['media/+'],
};
const EDGE_READS: Readonly<Record<LinkLane, readonly string[]>> = {
  events: ['acks', 'commands'],
  media: ['receipts', 'talk'],
};

const WRITTEN = '# Written by the hub; changes are overwritten.';

/**
 * Configuration, password file and access lists for Mosquitto 2.0, in which each edge has only its own topics. Events
 * and media have a broker each: an edge keeps one connection to both, and in one broker the second would end the first,
 * because its client id is the edge's.
 */
export function mosquittoFiles(setup: MosquittoSetup): MosquittoFiles {
  const accounts = [{ edgeId: setup.hub.user, verifier: setup.hub.verifier }, ...setup.edges];
  return {
    'mosquitto.conf': configuration(setup, 'events'),
    'mosquitto-media.conf': configuration(setup, 'media'),
    passwd: lines(accounts.map(({ edgeId, verifier }) => `${edgeId}:${verifier}`)),
    acl: accessList(setup, 'events'),
    'acl-media': accessList(setup, 'media'),
  };
}

function configuration({ folder, listeners, tls, limits }: MosquittoSetup, lane: LinkLane): string {
  const { host, port } = listeners[lane];
  const security = tls === null ? [] : [`cafile ${tls.caFile}`, `certfile ${tls.certFile}`, `keyfile ${tls.keyFile}`];
  return lines([
    WRITTEN,
    'per_listener_settings false',
    'allow_anonymous false',
    `password_file ${join(folder, 'passwd')}`,
    `acl_file ${join(folder, lane === 'events' ? 'acl' : 'acl-media')}`,
    'allow_zero_length_clientid false',
    '# Edges keep their events until the hub has committed them, and send status and inventory again when they connect.',
    'persistence false',
    `message_size_limit ${limits.packetBytes}`,
    'max_queued_messages 1000',
    'max_inflight_messages 50',
    "# A small packet does not wait for the other side's TCP to acknowledge the one before.",
    'set_tcp_nodelay true',
    '',
    `listener ${port} ${host}`,
    `max_connections ${limits.connections}`,
    'protocol mqtt',
    '# A credential is one connection: the client id is always the id of the edge.',
    'use_username_as_clientid true',
    ...security,
  ]);
}

function accessList({ hub }: MosquittoSetup, lane: LinkLane): string {
  return lines([
    WRITTEN,
    ...EDGE_WRITES[lane].map((last) => `pattern write ${TOPIC_ROOT}/%u/${last}`),
    ...EDGE_READS[lane].map((last) => `pattern read ${TOPIC_ROOT}/%u/${last}`),
    '',
    `user ${hub.user}`,
    `topic readwrite ${TOPIC_ROOT}/#`,
  ]);
}

/** Writes the files so that Mosquitto never reads half of one. Permissions 0640: its group may read them. */
export async function writeMosquittoFiles(folder: string, files: MosquittoFiles): Promise<void> {
  for (const [name, content] of Object.entries(files)) await writeFileSafely(join(folder, name), content, 0o640);
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
