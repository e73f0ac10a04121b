import type { DeviceReason, ProbeResult } from '../../contract/device.ts';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import { delay } from '../../platform/clock.ts';
import { Supervisor } from '../../platform/supervisor.ts';
import type { ModbusRead } from '../../protocols/modbus/read.ts';
import type { DeviceDriver, DriverDevice, DriverHandle, DriverPorts, OpenConnection } from '../devices/driver.ts';
import { ModbusConnection, type ModbusTarget, parseModbusUrl } from '../drivers/modbus/connection.ts';
import { type ModbusReader, RegisterPoll } from '../drivers/modbus/poll.ts';
import { type DriverKit, expireStates, profileOf, reporterOf } from './driver-kit.ts';
import { reportsByItself } from './reports-by-itself.ts';

const TIMEOUT_MS = 3000;
const BACKOFF = { firstMs: 2000, maxMs: 60_000 };
const DEFAULT_POLL_SECONDS = 10;
/** Meters and gauges that answer over Modbus TCP; what is read of them stands in their profile. */
export class ModbusDriver implements DeviceDriver {
  readonly #kit: DriverKit;

  constructor(kit: DriverKit) {
    this.#kit = kit;
  }

  async probe({ url }: OpenConnection): Promise<ProbeResult> {
    const target = parseModbusUrl(url ?? '');
    const result = reportsByItself('sensor', `unit ${target.unit} of ${target.host} answers; choose its profile`);
    const connection = this.#connection(target);
    try {
      await connection.connect();
      await connection.read({ table: 'holding', address: 0, count: 1 });
      return { ...result, ok: true, reason: 'ok' };
    } catch (error) {
      // It may have no such register: who says so is there.
      const isThere = error instanceof SharpEyesError && error.code === 'DEVICE_UNSUPPORTED';
      if (isThere && reasonOf(error) !== 'no-answer') return { ...result, ok: true, reason: 'ok' };
      return { ...result, reason: reasonOf(error), message: messageOf(error).slice(0, 512) };
    } finally {
      connection.close();
    }
  }

  async start(device: DriverDevice, ports: DriverPorts): Promise<DriverHandle> {
    const { deviceId } = device;
    const target = parseModbusUrl(device.connection.url ?? '');
    // Which registers mean what nobody can guess: there is no profile to fall back on.
    const profile = device.profileId === null ? null : profileOf(this.#kit, 'modbus', device);
    const registers = profile?.registers;
    if (profile === null || registers === undefined) {
      throw new SharpEyesError('PROFILE_INVALID', 'a Modbus device needs a profile with registers; choose one');
    }
    const { clock, log } = this.#kit;
    const reporter = reporterOf(this.#kit, device, profile, ports, true);
    const pollMs = (profile.pollSeconds ?? DEFAULT_POLL_SECONDS) * 1000;
    ports.onStatus({ online: false, reason: 'connecting', clockOffsetMs: null });
    const poller = new Supervisor({
      name: `poll ${deviceId}`,
      clock,
      log,
      backoff: BACKOFF,
      runOnce: async (signal, established) => {
        const meter = new Meter(() => this.#connection(target));
        const poll = new RegisterPoll(registers, meter);
        const onAbort = (): void => meter.close();
        signal.addEventListener('abort', onAbort, { once: true });
        try {
          while (!signal.aborted) {
            const values = await poll.once();
            established();
            ports.onStatus({ online: true, reason: 'ok', clockOffsetMs: null });
            // That the disk is full says nothing about the meter.
            await reporter
              .report({ values }, null)
              .catch((error) => log.error({ deviceId }, `a reading was not stored: ${messageOf(error)}`));
            await delay(clock, pollMs, signal);
          }
        } finally {
          signal.removeEventListener('abort', onAbort);
          meter.close();
        }
      },
      onFailure: (error) => ports.onStatus({ online: false, reason: reasonOf(error), clockOffsetMs: null }),
    });
    poller.start();
    const expiry = expireStates(this.#kit, deviceId, reporter);
    return {
      stop: async () => {
        expiry.cancel();
        await poller.stop();
      },
    };
  }

  #connection(target: ModbusTarget): ModbusConnection {
    const { networks, clock } = this.#kit;
    return new ModbusConnection({ target, isAllowed: (host) => networks.allows(host), clock, timeoutMs: TIMEOUT_MS });
  }
}

/** A meter's connection, dialled again where it was ended while nobody asked. */
class Meter implements ModbusReader {
  readonly #dial: () => ModbusConnection;
  #connection: ModbusConnection | null = null;
  #isOver = false;

  constructor(dial: () => ModbusConnection) {
    this.#dial = dial;
  }

  /** @throws SharpEyesError see `ModbusConnection.read` and `connect` */
  async read(read: ModbusRead): Promise<number[]> {
    if (this.#connection?.isOpen === true) {
      try {
        return await this.#connection.read(read);
      } catch (error) {
        // It may have been ended in the very moment of asking.
        if (!(error instanceof SharpEyesError) || error.code !== 'DEVICE_UNREACHABLE' || this.#isOver) throw error;
      }
    }
    this.#connection?.close();
    const connection = this.#dial();
    this.#connection = connection;
    await connection.connect();
    if (this.#isOver) connection.close();
    return connection.read(read);
  }

  close(): void {
    this.#isOver = true;
    this.#connection?.close();
  }
}

/** The unit is not there, or has no time. */
const NO_ANSWER: ReadonlySet<unknown> = new Set([5, 6, 10, 11]);

function reasonOf(error: unknown): DeviceReason {
  if (!(error instanceof SharpEyesError)) return 'garbage';
  if (error.code === 'DEVICE_UNSUPPORTED' && NO_ANSWER.has(error.context['exception'])) return 'no-answer';
  switch (error.code) {
    case 'ADDRESS_NOT_ALLOWED':
      return 'address-not-allowed';
    case 'DEVICE_UNREACHABLE':
      return 'unreachable';
    case 'TIMEOUT':
      return 'no-answer';
    default:
      return 'garbage';
  }
}
