import { join } from 'node:path';
import { TOPIC_ROOT } from '../../contract/topics.ts';
import { writeFileSafely } from '../../platform/files.ts';

/** What Mosquitto's files are made from. */
export interface MosquittoSetup {
  /** Folder in which the files will stand; the configuration names the other two by it. */
  folder: string;
  /** Listeners: one for events and orders, one for media. */
  listeners: readonly { host: string; port: number }[];
  /** Certificate files that Mosquitto can read; null listens without TLS (loopback only). */
  tls: { caFile: string; certFile: string; keyFile: string } | null;
  /** Account of the hub, and the verifier of its password. */
  hub: { user: string; verifier: string };
  /** Joined edges. */
  edges: readonly { edgeId: string; verifier: string }[];
  limits: { connections: number; packetBytes: number };
}

/** The three files by name. */
export interface MosquittoFiles {
  'mosquitto.conf': string;
  passwd: string;
  acl: string;
}

/** What an edge may write and read, as in `edgeMayPublish` and `edgeMaySubscribe` of `contract/topics.ts`. */
const EDGE_WRITES = ['status', 'inventory', 'events/alarm', 'events/event', 'telemetry', 'replies', 'media/+'];
const EDGE_READS = ['acks', 'commands'];

/** Configuration, password file and access list for Mosquitto 2.0, in which each edge has only its own topics. */
export function mosquittoFiles(setup: MosquittoSetup): MosquittoFiles {
  const { folder, tls, limits } = setup;
  const security = tls === null ? [] : [`cafile ${tls.caFile}`, `certfile ${tls.certFile}`, `keyfile ${tls.keyFile}`];
  const conf = [
    '# Written by the hub; changes are overwritten. Include it from your own mosquitto.conf or start Mosquitto with it.',
    'per_listener_settings false',
    'allow_anonymous false',
    `password_file ${join(folder, 'passwd')}`,
    `acl_file ${join(folder, 'acl')}`,
    'allow_zero_length_clientid false',
    '# Edges keep their events until the hub has committed them, and send status and inventory again when they connect.',
    'persistence false',
    `message_size_limit ${limits.packetBytes}`,
    'max_queued_messages 1000',
    'max_inflight_messages 50',
    ...setup.listeners.flatMap(({ host, port }) => [
      '',
      `listener ${port} ${host}`,
      `max_connections ${limits.connections}`,
      'protocol mqtt',
      '# A credential is one connection: the client id is always the id of the edge.',
      'use_username_as_clientid true',
      ...security,
    ]),
  ];
  const accounts = [{ edgeId: setup.hub.user, verifier: setup.hub.verifier }, ...setup.edges];
  const acl = [
    '# Written by the hub; changes are overwritten.',
    ...EDGE_WRITES.map((last) => `pattern write ${TOPIC_ROOT}/%u/${last}`),
    ...EDGE_READS.map((last) => `pattern read ${TOPIC_ROOT}/%u/${last}`),
    '',
    `user ${setup.hub.user}`,
    `topic readwrite ${TOPIC_ROOT}/#`,
  ];
  return {
    'mosquitto.conf': lines(conf),
    passwd: lines(accounts.map(({ edgeId, verifier }) => `${edgeId}:${verifier}`)),
    acl: lines(acl),
  };
}

/** Writes the files so that Mosquitto never reads half of one. Permissions 0640: its group may read them. */
export async function writeMosquittoFiles(folder: string, files: MosquittoFiles): Promise<void> {
  for (const [name, content] of Object.entries(files)) await writeFileSafely(join(folder, name), content, 0o640);
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
