/** CRC-16/ARC (polynomial 0x8005 reflected, initial value 0), as DC-09 5.5.1.1 uses it over the raw bytes. */
export function crc16Arc(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}
