/** Tables K.1 and K.2 of ISO/IEC 10918-1, row by row. */
const LUMA = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
  87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
];
const CHROMA = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99,
];

/** Places of a block in the order in which tables are written: diagonals from the top left corner, to and fro. */
const ZIGZAG = makeZigzag();

function makeZigzag(): number[] {
  const order: number[] = [];
  for (let sum = 0; sum <= 14; sum += 1) {
    const rows: number[] = [];
    for (let row = Math.max(0, sum - 7); row <= Math.min(7, sum); row += 1) rows.push(row);
    if (sum % 2 === 0) rows.reverse();
    for (const row of rows) order.push(row * 8 + (sum - row));
  }
  return order;
}

/** Quantization tables in zigzag order. 64 bytes each, 128 where entries have 16 bits. */
export interface QuantizationTables {
  luma: Uint8Array;
  chroma: Uint8Array;
}

/** The tables of a quality from 1 to 99 (RFC 2435 section 4.2); others count as the nearest. */
export function tablesOfQuality(quality: number): QuantizationTables {
  const factor = Math.min(99, Math.max(1, quality));
  const scale = factor < 50 ? Math.floor(5000 / factor) : 200 - factor * 2;
  const scaled = (base: readonly number[]): Uint8Array =>
    Uint8Array.from(ZIGZAG, (at) => Math.min(255, Math.max(1, Math.floor(((base[at] ?? 0) * scale + 50) / 100))));
  return { luma: scaled(LUMA), chroma: scaled(CHROMA) };
}
