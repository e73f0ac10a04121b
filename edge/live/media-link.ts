import { SharpEyesError } from '../../contract/errors.ts';
import type { MediaParts } from '../../contract/media-frame.ts';
import { topics } from '../../contract/topics.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { publishPrefix } from '../../platform/mqtt/publish-prefix.ts';
import { GatheredWrites } from '../../platform/net/gathered-writes.ts';
import { Supervisor } from '../../platform/supervisor.ts';
import { type MqttSession, type MqttTarget, openMqtt } from '../uplink/mqtt-session.ts';

/** Sends live media; everything given to it may get lost. */
export interface MediaTransport {
  /** Whether a connection is there. */
  readonly connected: boolean;
  /** Bytes that were given away and have not left this machine. */
  readonly queuedBytes: number;
  send(topic: string, message: MediaParts): void;
}

/** Frames that follow each other faster leave together: half of this is what a frame of a busy edge waits. */
const GATHER_MS = 4;

/** The connection for pictures, apart from the one for events, so that neither can hold up the other. */
export class MediaLink implements MediaTransport {
  readonly #supervisor: Supervisor;
  #session: MqttSession | null = null;
  #writes: GatheredWrites | null = null;
  #onConnected: () => void = () => undefined;
  #onReceipts: (payload: Uint8Array) => void = () => undefined;
  #onTalk: (payload: Uint8Array) => void = () => undefined;

  constructor(target: MqttTarget, clock: Clock, log: Log) {
    this.#supervisor = new Supervisor({
      name: 'media connection to the hub',
      clock,
      log,
      backoff: { firstMs: 800, maxMs: 30_000, quickAttempts: 20 },
      runOnce: async (signal, established) => {
        const session = await openMqtt(target, null, signal);
        const onAbort = (): void => void session.end();
        signal.addEventListener('abort', onAbort, { once: true });
        if (signal.aborted) onAbort();
        try {
          this.#listen(session, target.edgeId, log);
          this.#session = session;
          this.#writes = new GatheredWrites(session.client.stream, clock, GATHER_MS);
          established();
          this.#onConnected();
          await session.closed;
        } finally {
          this.#session = null;
          signal.removeEventListener('abort', onAbort);
          await session.end();
        }
        if (!signal.aborted) throw new SharpEyesError('HUB_UNREACHABLE', 'the media connection was lost');
      },
    });
  }

  #listen({ client }: MqttSession, edgeId: string, log: Log): void {
    const topic = topics.receipts(edgeId);
    const talk = topics.talk(edgeId);
    client.on('message', (name, payload) => {
      if (name === topic) this.#onReceipts(payload);
      else if (name === talk) this.#onTalk(payload);
    });
    client.subscribe(talk, { qos: 0 }, (error) => {
      if (error) log.warn({ topic: talk }, `the hub refuses to hand over what people say: ${error.message}`);
    });
    // Not waited for: pictures may go at once, and a hub that sends no receipts is no reason to send none.
    client.subscribe(topic, { qos: 0 }, (error) => {
      if (error) log.warn({ topic }, `the hub refuses to say what has arrived: ${error.message}`);
    });
  }

  /**
   * @param onConnected called after each connect; everything has to be sent from its beginning again
   * @param onReceipts called with each message on `receipts` (`contract/receipt.ts`)
   * @param onTalk called with each message on `talk`: an `audio` envelope
   */
  start(
    onConnected: () => void,
    onReceipts: (payload: Uint8Array) => void,
    onTalk: (payload: Uint8Array) => void = () => undefined,
  ): void {
    this.#onConnected = onConnected;
    this.#onReceipts = onReceipts;
    this.#onTalk = onTalk;
    this.#supervisor.start();
  }

  stop(): Promise<void> {
    return this.#supervisor.stop();
  }

  get connected(): boolean {
    return this.#session?.client.connected === true;
  }

  get queuedBytes(): number {
    return this.#session?.client.stream.writableLength ?? 0;
  }

  /**
   * Writes the packet itself instead of handing the message to the client: QoS 0 needs nothing remembered, the body is
   * sent from where it lies, and frames that come close together leave in one go.
   */
  send(topic: string, { head, body }: MediaParts): void {
    const client = this.#session?.client;
    if (client?.connected !== true) return;
    const { stream } = client;
    this.#writes?.gather();
    stream.write(publishPrefix(topic, head, body.length));
    if (body.length > 0) stream.write(body);
  }
}
