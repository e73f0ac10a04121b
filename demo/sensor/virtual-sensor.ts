import { connect, type MqttClient } from 'mqtt';
import { type Clock, systemClock, type TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';

/** Where and as whom a sensor signs in, and what it measures. */
export interface VirtualSensorOptions {
  brokerUrl: string;
  username: string;
  password: string;
  topic: string;
  periodMs: number;
  /** The next reading, as the sensor's JSON payload. */
  reading: (atMs: number) => Record<string, number | string | boolean>;
  log: Log;
  clock?: Clock;
}

/** A sensor on the township's own MQTT broker; QoS 1, so that it knows what the edge has safely. */
export class VirtualSensor {
  readonly #options: VirtualSensorOptions;
  readonly #clock: Clock;
  #client: MqttClient | null = null;
  #timer: TimerHandle | null = null;

  constructor(options: VirtualSensorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  start(): void {
    const { brokerUrl, username, password, periodMs, log } = this.#options;
    const client = connect(brokerUrl, {
      username,
      password,
      clientId: username,
      reconnectPeriod: 2000,
      connectTimeout: 5000,
    });
    client.on('error', (error) => log.debug({ sensor: username }, `sensor: ${error.message}`));
    client.on('connect', () => this.publish());
    this.#client = client;
    this.#timer = this.#clock.every(periodMs, () => this.publish());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#client?.endAsync(true);
  }

  /** Sends a reading now. */
  publish(): void {
    const client = this.#client;
    // A sensor keeps no history: what cannot be sent now is measured again at the next turn.
    if (client?.connected !== true) return;
    const payload = JSON.stringify(this.#options.reading(this.#clock.nowMs()));
    client.publish(this.#options.topic, payload, { qos: 1 }, (error) => {
      if (error) this.#options.log.debug({ topic: this.#options.topic }, `sensor: ${error.message}`);
    });
  }
}
