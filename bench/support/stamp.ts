/**
 * A number carried inside a frame: an SEI message of user data (ITU-T H.264 D.1.7) whose text begins with a fixed
 * identifier and then says the number in eight hexadecimal digits. Relays pass it on like any other NAL unit.
 */

const MARK = 'sharp-eyes-stamp';

/** Digits of the number. */
export const STAMP_DIGITS = 8;

const SEI = 6;
const USER_DATA_UNREGISTERED = 5;
const STOP_BIT = 0x80;

/** The digits of a number, without the identifier. */
export function stampText(number: number): string {
  return (number >>> 0).toString(16).padStart(STAMP_DIGITS, '0');
}

/** The NAL unit. */
export function stampNal(number: number): Uint8Array {
  const text = `${MARK}${stampText(number)}`;
  return Buffer.concat([Buffer.of(SEI, USER_DATA_UNREGISTERED, text.length), Buffer.from(text), Buffer.of(STOP_BIT)]);
}

/** Where the digits begin; -1 when there are none. */
export function stampAt(bytes: Buffer): number {
  const at = bytes.indexOf(MARK, 0, 'latin1');
  return at < 0 ? -1 : at + MARK.length;
}

/** The number in the beginning of a frame; null when there is none. */
export function stampIn(bytes: Buffer): number | null {
  const from = stampAt(bytes);
  if (from < 0) return null;
  const number = Number.parseInt(bytes.toString('latin1', from, from + STAMP_DIGITS), 16);
  return Number.isNaN(number) ? null : number;
}
