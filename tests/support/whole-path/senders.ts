import { connect, type MqttClient } from 'mqtt';
import { VirtualAlarmBox } from '../../../demo/alarm-box/virtual-alarm-box.ts';
import { silentLog } from '../../../platform/log.ts';

/** Seconds; the report with number n says that it was made n seconds later. */
const FIRST_AT = 1_700_000_000;
const IN_FLIGHT = 12;

/** Number of the report that an event with this device time came from. */
export function numberOf(deviceAtMs: number): number {
  return deviceAtMs / 1000 - FIRST_AT;
}

/**
 * A sensor that reports over MQTT, QoS 1, with several reports in flight, and keeps the list of what was acknowledged.
 * What is not acknowledged is sent again after a new connection, as mqtt.js does it (without the DUP flag).
 */
export class ListKeepingSensor {
  readonly #client: MqttClient;
  readonly #topic: string;
  readonly #numbers: readonly number[];
  #next = 0;
  /** Numbers of the acknowledged reports. */
  readonly acknowledged = new Set<number>();

  /** @param numbers of its reports; every tenth report is an alarm, alternately beginning and ending */
  constructor(port: number, mqtt: { username: string; topic: string }, password: string, numbers: readonly number[]) {
    const { username, topic } = mqtt;
    this.#topic = topic;
    this.#numbers = numbers;
    this.#client = connect({
      ...{ host: '127.0.0.1', port, username, password, clientId: username },
      ...{ reconnectPeriod: 200, connectTimeout: 5000 },
    });
    this.#client.on('error', () => undefined);
    for (let i = 0; i < IN_FLIGHT; i++) this.#sendNext();
  }

  /** Reports that were handed over to the client. */
  get sent(): number {
    return this.#next;
  }

  get isDone(): boolean {
    return this.acknowledged.size === this.#numbers.length;
  }

  stop(): Promise<void> {
    return this.#client.endAsync(true);
  }

  #sendNext(): void {
    const index = this.#next;
    const number = this.#numbers[index];
    if (number === undefined) return;
    this.#next += 1;
    const says = index % 10 === 0 ? { gas: index % 20 === 0 } : { test: true };
    const payload = JSON.stringify({ ...says, at: FIRST_AT + number });
    this.#client.publish(this.#topic, payload, { qos: 1 }, (error) => {
      if (error) return;
      this.acknowledged.add(number);
      this.#sendNext();
    });
  }
}

/** Identity of a report of {@link ListKeepingBox}. */
export function reportName(area: string, zone: string): string {
  return `${area}/${zone}`;
}

/** An alarm box that reports one event after the other over SIA DC-09 and keeps the list of what was acknowledged. */
export class ListKeepingBox {
  readonly #box: VirtualAlarmBox;
  /** See {@link reportName}. */
  readonly acknowledged = new Set<string>();
  /** Resolves when every report is acknowledged. */
  readonly done: Promise<void>;
  #isStopped = false;

  constructor(port: number, account: string, reports: number) {
    const receiver = { address: '127.0.0.1', port };
    const address = '127.0.0.1';
    this.#box = new VirtualAlarmBox({ receiver, address, account, supervisionMs: 3_600_000, log: silentLog });
    this.#box.start();
    this.done = this.#run(reports);
  }

  stop(): void {
    this.#isStopped = true;
    this.#box.stop();
  }

  async #run(reports: number): Promise<void> {
    for (let i = 0; i < reports && !this.#isStopped; i++) {
      const partition = String(Math.floor(i / 1000)).padStart(2, '0');
      const zone = String(i % 1000).padStart(3, '0');
      const isAcknowledged = await this.#box.send({ qualifier: '1', code: '602', partition, zone });
      if (isAcknowledged) this.acknowledged.add(reportName(partition, zone));
    }
  }
}
