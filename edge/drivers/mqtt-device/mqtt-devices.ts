import { messageOf, SharpEyesError } from '../../../contract/errors.ts';
import type { Log } from '../../../platform/log.ts';
import type { PublishReceiver } from '../../local-broker/local-broker.ts';
import type { ReportIdentity } from '../../profiles/report-identity.ts';
import type { DeviceReporter } from '../../profiles/reporter.ts';

/** Counters of one device. */
export interface MqttDeviceCounters {
  /** Messages that a profile understood. */
  understood: number;
  /** Messages in good form that no rule of the profile wants. */
  unmapped: number;
  /** Messages that are not JSON objects. */
  malformed: number;
}

/** What {@link MqttDevices} is built from. */
export interface MqttDevicesOptions {
  log: Log;
  /** Told about every message that could be read. */
  onHeard?(deviceId: string): void;
  /** Told about messages nobody can read: the device is named, the others go on. */
  onMalformed?(deviceId: string, message: string): void;
}

const MAX_DEPTH = 8;

/** Driver of devices that report JSON over the local broker. What a message means is the profile's matter. */
export class MqttDevices implements PublishReceiver {
  readonly #options: MqttDevicesOptions;
  readonly #reporters = new Map<string, DeviceReporter>();
  readonly #counters = new Map<string, MqttDeviceCounters>();

  constructor(options: MqttDevicesOptions) {
    this.#options = options;
  }

  /** Takes a device into service. */
  add(deviceId: string, reporter: DeviceReporter): void {
    this.#reporters.set(deviceId, reporter);
  }

  remove(deviceId: string): void {
    this.#reporters.delete(deviceId);
    this.#counters.delete(deviceId);
  }

  counters(deviceId: string): MqttDeviceCounters {
    const known = this.#counters.get(deviceId) ?? { understood: 0, unmapped: 0, malformed: 0 };
    this.#counters.set(deviceId, known);
    return known;
  }

  async receive(
    deviceId: string,
    subtopic: string,
    payload: Uint8Array,
    identity: ReportIdentity | null,
  ): Promise<void> {
    const reporter = this.#reporters.get(deviceId);
    if (reporter === undefined) {
      throw new SharpEyesError('DEVICE_UNKNOWN', `the device ${deviceId} is not in service`, { context: { deviceId } });
    }
    const facts = parsePayload(payload);
    if (typeof facts === 'string')
      return this.#malformed(deviceId, reporter, `${deviceId} sent ${facts} on "${subtopic}"`);
    const outcome = await reporter.report({ topic: subtopic, payload: facts }, null, identity ?? undefined);
    const counters = this.counters(deviceId);
    if (outcome.nothing === null) counters.understood += 1;
    else counters.unmapped += 1;
    this.#options.onHeard?.(deviceId);
  }

  /** Resolves, so that it is acknowledged: repeated, the message would not become better. */
  async #malformed(deviceId: string, reporter: DeviceReporter, message: string): Promise<void> {
    this.counters(deviceId).malformed += 1;
    this.#options.log.warn({ deviceId }, message);
    this.#options.onMalformed?.(deviceId, message);
    await reporter.garbage(message).catch((error: unknown) => {
      this.#options.log.error({ deviceId }, `the report of it could not be stored: ${messageOf(error)}`);
    });
  }
}

/** The facts of a payload, or what it is instead. */
function parsePayload(payload: Uint8Array): Record<string, unknown> | string {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return 'something that is not JSON';
    throw error;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'JSON that is not an object';
  return depthOf(value) > MAX_DEPTH ? 'JSON that is nested too deeply' : (value as Record<string, unknown>);
}

function depthOf(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return depth;
  return Math.max(depth + 1, ...Object.values(value).map((inner) => depthOf(inner, depth + 1)));
}
