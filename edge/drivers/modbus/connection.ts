import { connect, isIP, type Socket } from 'node:net';
import { SharpEyesError } from '../../../contract/errors.ts';
import { lookupAllowed } from '../../../platform/allowed-lookup.ts';
import type { Clock, TimerHandle } from '../../../platform/clock.ts';
import { AduReader, buildAdu, type ModbusAdu } from '../../../protocols/modbus/adu.ts';
import { buildRead, type ModbusRead, parseRead } from '../../../protocols/modbus/read.ts';

/** Where a device listens, and which unit behind it is meant. */
export interface ModbusTarget {
  host: string;
  port: number;
  unit: number;
}

/** What a connection needs. */
export interface ModbusConnectionOptions {
  target: ModbusTarget;
  isAllowed(address: string): boolean;
  clock: Clock;
  timeoutMs: number;
}

interface Pending {
  transaction: number;
  timer: TimerHandle;
  resolve(adu: ModbusAdu): void;
  reject(error: Error): void;
}

const DEFAULT_PORT = 502;
/** Most gateways and meters know this number as "whoever is here" or as their own. */
const DEFAULT_UNIT = 1;

/** Reads `modbus://HOST[:PORT][/UNIT]`; Modbus knows no passwords, so an address with one is refused. @throws SharpEyesError INVALID_BODY */
export function parseModbusUrl(text: string): ModbusTarget {
  const url = URL.canParse(text) ? new URL(text) : null;
  const unit = /^\/?(\d{0,3})$/.exec(url?.pathname ?? 'x')?.[1];
  const isAddress = url?.protocol === 'modbus:' && url.hostname !== '' && url.username === '' && url.password === '';
  if (url === null || !isAddress || unit === undefined || Number(unit) > 255) {
    throw new SharpEyesError('INVALID_BODY', 'the address of a Modbus device looks like modbus://192.168.1.30:502/1');
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    unit: unit === '' ? DEFAULT_UNIT : Number(unit),
  };
}

/** One TCP connection to a Modbus device: one question at a time, each with a time limit. */
export class ModbusConnection {
  readonly #options: ModbusConnectionOptions;
  readonly #reader = new AduReader();
  #socket: Socket | null = null;
  #pending: Pending | null = null;
  #transaction = 0;

  constructor(options: ModbusConnectionOptions) {
    this.#options = options;
  }

  /** Whether it stands: many devices end a connection that is not used. */
  get isOpen(): boolean {
    return this.#socket !== null && !this.#socket.destroyed && !this.#socket.connecting;
  }

  /** Connects. @throws SharpEyesError DEVICE_UNREACHABLE, ADDRESS_NOT_ALLOWED */
  connect(): Promise<void> {
    const { target, isAllowed, clock, timeoutMs } = this.#options;
    const { host, port } = target;
    if (isIP(host) !== 0 && !isAllowed(host)) {
      const message = `${host} is not inside the networks that this edge may dial (network.allowed)`;
      return Promise.reject(new SharpEyesError('ADDRESS_NOT_ALLOWED', message, { context: { host } }));
    }
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true, lookup: lookupAllowed(isAllowed) });
      this.#socket = socket;
      const timer = clock.after(timeoutMs, () => socket.destroy(new Error('no connection in time')));
      let failure: Error | null = null;
      socket.once('connect', () => {
        timer.cancel();
        resolve();
      });
      socket.on('data', (chunk) => this.#read(chunk));
      socket.on('error', (error) => {
        failure = error;
      });
      socket.once('close', () => {
        timer.cancel();
        const why = failure === null ? 'it closed the connection' : failure.message;
        const unreachable = new SharpEyesError('DEVICE_UNREACHABLE', `${host}:${port}: ${why}`, { cause: failure });
        const error = failure instanceof SharpEyesError ? failure : unreachable;
        reject(error);
        this.#fail(error);
      });
    });
  }

  /**
   * Asks for values.
   * @throws SharpEyesError TIMEOUT, DEVICE_UNREACHABLE, DEVICE_PROTOCOL, DEVICE_UNSUPPORTED (an exception)
   */
  async read(read: ModbusRead): Promise<number[]> {
    const { target, clock, timeoutMs } = this.#options;
    const socket = this.#socket;
    if (socket === null || !this.isOpen || this.#pending !== null) {
      throw new SharpEyesError('DEVICE_UNREACHABLE', `the connection to ${target.host} is not there`);
    }
    this.#transaction = (this.#transaction + 1) & 0xffff;
    const transaction = this.#transaction;
    const answer = await new Promise<ModbusAdu>((resolve, reject) => {
      const timer = clock.after(timeoutMs, () => {
        this.#pending = null;
        const { host, unit } = target;
        reject(new SharpEyesError('TIMEOUT', `unit ${unit} of ${host} does not answer`));
      });
      this.#pending = { transaction, timer, resolve, reject };
      socket.write(buildAdu({ transaction, unit: target.unit, pdu: buildRead(read) }));
    });
    return parseRead(answer.pdu, read);
  }

  /** Ends the connection; what was asked is rejected. */
  close(): void {
    this.#socket?.destroy();
  }

  #read(chunk: Uint8Array): void {
    try {
      for (const adu of this.#reader.push(chunk)) {
        const pending = this.#pending;
        // An answer to a question that was given up is not this one's. The unit is not looked at: gateways write 0 or 255.
        if (pending === null || pending.transaction !== adu.transaction) continue;
        this.#pending = null;
        pending.timer.cancel();
        pending.resolve(adu);
      }
    } catch (error) {
      this.#socket?.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #fail(error: Error): void {
    const pending = this.#pending;
    this.#pending = null;
    pending?.timer.cancel();
    pending?.reject(error);
  }
}
