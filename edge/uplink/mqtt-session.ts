import mqtt, { type MqttClient } from 'mqtt';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import { sendWithoutDelay } from '../../platform/mqtt/no-delay.ts';
import { requireTls } from '../../platform/tls-client.ts';

/** How to reach a broker of the hub. */
export interface MqttTarget {
  /** `mqtts://…`, or `mqtt://` on this machine. */
  url: string;
  /** Also user name and client id. */
  edgeId: string;
  secret: string;
  caPem: string | null;
}

/** An open connection; it never reconnects by itself, a supervisor opens the next one. */
export interface MqttSession {
  client: MqttClient;
  /** Resolves when the connection has ended, whoever ended it. */
  closed: Promise<void>;
  /** Ends it: politely within a short time, else hard. Resolves when the socket is gone. */
  end(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_SECONDS = 10;
const END_TIMEOUT_MS = 1500;

/**
 * Opens one MQTT 3.1.1 connection.
 * @throws SharpEyesError `HUB_UNREACHABLE`; `EDGE_UNKNOWN` when the hub refuses the credential
 */
export function openMqtt(
  target: MqttTarget,
  will: { topic: string; payload: string } | null,
  signal: AbortSignal,
): Promise<MqttSession> {
  const { host } = requireTls(target.url);
  const client = mqtt.connect(target.url, {
    clientId: target.edgeId,
    username: target.edgeId,
    password: target.secret,
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepalive: KEEP_ALIVE_SECONDS,
    ...(will === null ? {} : { will: { ...will, qos: 1 as const, retain: true } }),
    ...(target.caPem === null ? {} : { ca: target.caPem }),
  });
  sendWithoutDelay(client);
  const closed = new Promise<void>((resolve) => client.once('close', resolve));
  const session: MqttSession = { client, closed, end: () => end(client, closed) };
  return new Promise((resolve, reject) => {
    let last: unknown = null;
    const onAbort = (): void => {
      client.end(true);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    client.on('error', (error) => {
      last = error;
    });
    client.once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      resolve(session);
    });
    void closed.then(() => {
      signal.removeEventListener('abort', onAbort);
      client.end(true);
      reject(refusal(host, last));
    });
    if (signal.aborted) onAbort();
  });
}

function refusal(host: string, error: unknown): SharpEyesError {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 4 || code === 5) {
    const message = `${host} does not know this edge or refuses its credential: enrol it again`;
    return new SharpEyesError('EDGE_UNKNOWN', message, { cause: error });
  }
  const why = error === null ? 'the connection was closed' : messageOf(error);
  return new SharpEyesError('HUB_UNREACHABLE', `${host} cannot be reached: ${why}`, { cause: error });
}

async function end(client: MqttClient, closed: Promise<void>): Promise<void> {
  client.end(!client.connected);
  const hard = setTimeout(() => client.stream.destroy(), END_TIMEOUT_MS);
  await closed;
  clearTimeout(hard);
}
