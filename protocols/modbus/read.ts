import { SharpEyesError } from '../../contract/errors.ts';
import { putU16, u16 } from '../big-endian.ts';

/** The four tables of a device (MODBUS Application Protocol, 4.3). */
export const MODBUS_TABLES = ['coil', 'discrete', 'holding', 'input'] as const;
/** One of {@link MODBUS_TABLES}. */
export type ModbusTable = (typeof MODBUS_TABLES)[number];

/** Reading functions (6.1 to 6.4). */
const FUNCTIONS: Readonly<Record<ModbusTable, number>> = { coil: 1, discrete: 2, holding: 3, input: 4 };
const EXCEPTION = 0x80;

/** Most that one request may ask for: registers (125) or bits (2000). */
export const READ_MAX: Readonly<Record<ModbusTable, number>> = { coil: 2000, discrete: 2000, holding: 125, input: 125 };

/** What an exception code says (7). */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  1: 'it does not know this function',
  2: 'it has no such address',
  3: 'it does not take this number of values',
  4: 'it failed',
  5: 'it takes its time',
  6: 'it is busy',
  8: 'its memory is damaged',
  10: 'the gateway has no way to the unit',
  11: 'the unit behind the gateway does not answer',
};

/** What is asked for. */
export interface ModbusRead {
  readonly table: ModbusTable;
  /** Counted from 0, as it goes over the line; manuals often count from 1 or write 40001. */
  readonly address: number;
  /** Registers or bits. */
  readonly count: number;
}

/** PDU of a request. */
export function buildRead({ table, address, count }: ModbusRead): Uint8Array {
  const pdu = new Uint8Array(5);
  pdu[0] = FUNCTIONS[table];
  putU16(pdu, 1, address);
  putU16(pdu, 3, count);
  return pdu;
}

/**
 * The values of an answer: a number for each register, 0 or 1 for each bit.
 * @throws SharpEyesError DEVICE_UNSUPPORTED with the exception in words, DEVICE_PROTOCOL when it does not fit the request
 */
export function parseRead(pdu: Uint8Array, { table, count }: ModbusRead): number[] {
  const code = pdu[0] ?? 0;
  if (code === (FUNCTIONS[table] | EXCEPTION)) {
    const exception = pdu[1] ?? 0;
    const words = EXCEPTIONS[exception] ?? 'it gives no reason that is known';
    throw new SharpEyesError('DEVICE_UNSUPPORTED', `the device answers with exception ${exception}: ${words}`, {
      context: { exception },
    });
  }
  const isBits = table === 'coil' || table === 'discrete';
  const bytes = isBits ? Math.ceil(count / 8) : count * 2;
  if (code !== FUNCTIONS[table] || pdu[1] !== bytes || pdu.length !== bytes + 2) {
    throw new SharpEyesError('DEVICE_PROTOCOL', 'the answer of the device does not fit what was asked');
  }
  return Array.from({ length: count }, (_, index) =>
    isBits ? ((pdu[2 + (index >> 3)] ?? 0) >> (index & 7)) & 1 : u16(pdu, 2 + index * 2),
  );
}
