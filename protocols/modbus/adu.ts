import { SharpEyesError } from '../../contract/errors.ts';
import { putU16, u16 } from '../big-endian.ts';

/** One answer: the transaction and unit that it names, and its PDU (function code and data). */
export interface ModbusAdu {
  readonly transaction: number;
  readonly unit: number;
  readonly pdu: Uint8Array;
}

/** Transaction, protocol 0, length, unit (MODBUS on TCP/IP, 3.1.3). */
const HEADER_BYTES = 7;
/** Of unit and PDU together. */
const LENGTH_MAX = 254;

/** A request with its header. */
export function buildAdu({ transaction, unit, pdu }: ModbusAdu): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + pdu.length);
  putU16(bytes, 0, transaction);
  putU16(bytes, 4, pdu.length + 1);
  bytes[6] = unit;
  bytes.set(pdu, HEADER_BYTES);
  return bytes;
}

/** Cuts a byte stream into answers. */
export class AduReader {
  #held: Uint8Array = new Uint8Array(0);

  /** Bytes that wait for the rest of their answer. */
  get waiting(): number {
    return this.#held.length;
  }

  /**
   * Takes the next bytes and returns the answers that are whole.
   * @throws SharpEyesError DEVICE_PROTOCOL when the stream is no Modbus: where the next answer begins is then unknown
   */
  push(bytes: Uint8Array): ModbusAdu[] {
    const all = new Uint8Array(this.#held.length + bytes.length);
    all.set(this.#held);
    all.set(bytes, this.#held.length);
    const found: ModbusAdu[] = [];
    let at = 0;
    while (all.length - at >= HEADER_BYTES) {
      const length = u16(all, at + 4);
      if (u16(all, at + 2) !== 0 || length < 2 || length > LENGTH_MAX) {
        throw new SharpEyesError('DEVICE_PROTOCOL', 'the device sends what is no Modbus answer');
      }
      const end = at + 6 + length;
      if (end > all.length) break;
      found.push({ transaction: u16(all, at), unit: all[at + 6] ?? 0, pdu: all.slice(at + HEADER_BYTES, end) });
      at = end;
    }
    this.#held = all.slice(at);
    return found;
  }
}
