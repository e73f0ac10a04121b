import type { MqttClient } from 'mqtt';
import { Check } from 'typebox/value';
import { SharpEyesError } from '../../contract/errors.ts';
import type { Lane } from '../../contract/event.ts';
import { Acks, type EdgeInventory, type EdgeStatus, topics } from '../../contract/topics.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { Supervisor } from '../../platform/supervisor.ts';
import { type MqttSession, type MqttTarget, openMqtt } from './mqtt-session.ts';
import type { SampleOutbox } from './sample-outbox.ts';
import type { UplinkMachine, UplinkTransport } from './uplink-machine.ts';

/** What {@link EventsLink} is built from. */
export interface EventsLinkOptions {
  target: MqttTarget;
  clock: Clock;
  log: Log;
  samples: SampleOutbox;
  status(online: boolean): EdgeStatus;
  inventory(): EdgeInventory;
  /** An order of the hub came. */
  onCommand(payload: Uint8Array): void;
}

const ANSWER_TIMEOUT_MS = 10_000;
const STATUS_EVERY_MS = 10_000;
const DEBOUNCE_MS = 200;
/** An order is a few hundred bytes; the broker would pass on far more. */
const MESSAGE_BYTES = 256 * 1024;

/**
 * The connection for everything but pictures: keeps it up, says status and inventory, hands acknowledgements to the
 * machine and orders to the dispatcher.
 */
export class EventsLink implements UplinkTransport {
  readonly #options: EventsLinkOptions;
  readonly #supervisor: Supervisor;
  #machine: UplinkMachine | null = null;
  #session: MqttSession | null = null;
  #statusTimer: TimerHandle | null = null;
  #inventoryTimer: TimerHandle | null = null;

  constructor(options: EventsLinkOptions) {
    this.#options = options;
    const { clock, log } = options;
    this.#supervisor = new Supervisor({
      name: 'connection to the hub',
      clock,
      log,
      backoff: { firstMs: 800, maxMs: 30_000, quickAttempts: 20 },
      runOnce: (signal, established) => this.#runOnce(signal, established),
    });
  }

  /** Begins to connect; events committed so far go out as soon as the hub is there. */
  start(machine: UplinkMachine): void {
    this.#machine = machine;
    this.#supervisor.start();
  }

  /** Says goodbye (offline, no last will needed) and disconnects. */
  async stop(): Promise<void> {
    this.#statusTimer?.cancel();
    this.#inventoryTimer?.cancel();
    await this.#supervisor.stop();
  }

  get connected(): boolean {
    return this.#session !== null;
  }

  sendBatch(lane: Lane, json: string): void {
    this.#publish(topics.events(this.#options.target.edgeId, lane), json, false);
  }

  sayStatus(): void {
    this.#publish(topics.status(this.#options.target.edgeId), JSON.stringify(this.#options.status(true)), true);
  }

  /** Something in the status changed; it is said soon. */
  statusChanged(): void {
    this.#statusTimer ??= this.#options.clock.after(DEBOUNCE_MS, () => {
      this.#statusTimer = null;
      this.sayStatus();
    });
  }

  /** Something in the inventory changed; it is said soon. */
  inventoryChanged(): void {
    this.#inventoryTimer ??= this.#options.clock.after(DEBOUNCE_MS, () => {
      this.#inventoryTimer = null;
      this.#sayInventory();
    });
  }

  /** Sends a `CommandReply` as JSON text; dropped when the connection is gone, then nobody waits for it either. */
  reply(json: string): void {
    this.#publish(topics.replies(this.#options.target.edgeId), json, false);
  }

  #sayInventory(): void {
    const { target, inventory } = this.#options;
    this.#publish(topics.inventory(target.edgeId), JSON.stringify(inventory()), true);
  }

  #publish(topic: string, payload: string, retain: boolean): void {
    const client = this.#session?.client;
    if (client?.connected !== true) return;
    client.publish(topic, payload, { qos: 1, retain }, (error) => {
      // What was not acknowledged stays in the outbox, or is said again on the next connection.
      if (error) this.#options.log.debug({ topic }, `not sent: ${error.message}`);
    });
  }

  async #runOnce(signal: AbortSignal, established: () => void): Promise<void> {
    const { target, log, clock, samples, status } = this.#options;
    const will = { topic: topics.status(target.edgeId), payload: JSON.stringify(status(false)) };
    const session = await openMqtt(target, will, signal);
    const beat = clock.every(STATUS_EVERY_MS, () => this.sayStatus());
    try {
      session.client.on('message', (topic, payload) => this.#onMessage(topic, payload));
      await this.#greet(session);
      samples.connected((json) => publishAcked(session.client, topics.telemetry(target.edgeId), json));
      this.#sayInventory();
      established();
      log.info({ hub: target.url }, 'connected to the hub');
      await Promise.race([session.closed, aborted(signal)]);
    } finally {
      beat.cancel();
      this.#session = null;
      this.#machine?.disconnected();
      samples.disconnected();
      if (signal.aborted && session.client.connected) await this.#sayGoodbye(session.client);
      await session.end();
    }
    if (!signal.aborted) throw new SharpEyesError('HUB_UNREACHABLE', 'the connection was lost');
  }

  async #greet(session: MqttSession): Promise<void> {
    const { target, clock, status } = this.#options;
    const { client } = session;
    await withTimeout(clock, 'the subscription', async () => {
      await client.subscribeAsync([topics.acks(target.edgeId), topics.commands(target.edgeId)], { qos: 1 });
      // Before the status: the hub's greeting may come faster than the broker's receipt for it.
      this.#session = session;
      this.#machine?.connected();
      await publishAcked(client, topics.status(target.edgeId), JSON.stringify(status(true)), true);
    });
  }

  async #sayGoodbye(client: MqttClient): Promise<void> {
    const { target, status, clock, log } = this.#options;
    const say = (): Promise<void> =>
      publishAcked(client, topics.status(target.edgeId), JSON.stringify(status(false)), true);
    await withTimeout(clock, 'the farewell', say, 1000).catch((error: Error) => log.debug({}, error.message));
  }

  #onMessage(topic: string, payload: Uint8Array): void {
    const { target, onCommand, log } = this.#options;
    if (payload.length > MESSAGE_BYTES) {
      log.warn({ topic, bytes: payload.length }, 'a message of the hub is too large; it was ignored');
      return;
    }
    if (topic === topics.commands(target.edgeId)) onCommand(payload);
    else if (topic === topics.acks(target.edgeId)) {
      const acks = readJson(payload);
      if (Check(Acks, acks)) this.#machine?.onAcks(acks);
      else log.warn({ topic }, 'an acknowledgement does not have the documented shape; it was ignored');
    }
  }
}

async function publishAcked(client: MqttClient, topic: string, payload: string, retain = false): Promise<void> {
  await client.publishAsync(topic, payload, { qos: 1, retain });
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function withTimeout<T>(clock: Clock, what: string, run: () => Promise<T>, timeoutMs = ANSWER_TIMEOUT_MS): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(timeoutMs, () => {
      reject(new SharpEyesError('TIMEOUT', `the hub did not answer ${what} within ${timeoutMs} ms`));
    });
    run()
      .then(resolve, reject)
      .finally(() => timer.cancel());
  });
}

function readJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return null;
  }
}
