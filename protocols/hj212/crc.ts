/**
 * The check of HJ 212-2017 annex A: like CRC-16/MODBUS, but each byte is put to the high half of the register moved down,
 * so that what stood in the low half is lost. The standard's own example, `1C80`, is right by it.
 */
export function crcHj212(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) crc = eightSteps((crc >>> 8) ^ byte);
  return crc;
}

/** CRC-16/MODBUS, which some stations send instead. */
export function crcModbus(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) crc = eightSteps(crc ^ byte);
  return crc;
}

function eightSteps(from: number): number {
  let crc = from;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
}
