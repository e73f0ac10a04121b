/**
 * The container: a ZIP (APPNOTE 6.3.10) whose every byte follows from names, sizes, CRCs and one time. Entries are
 * stored, without data descriptors, comments or extra fields, save the ZIP64 field where a number needs it.
 */

/** What the headers say of an entry. */
export interface ZipEntry {
  /** UTF-8 name with `/`. */
  name: string;
  bytes: number;
  crc32: number;
}

const LIMIT_32 = 0xffffffff;
const UTF8_NAMES = 0x0800;
const MADE_BY_UNIX = 3 << 8;
const REGULAR_READABLE = (0o100644 << 16) >>> 0;

/** Little-endian writer for headers. */
class Fields {
  readonly #bytes: number[] = [];

  u16(value: number): this {
    this.#bytes.push(value & 0xff, (value >>> 8) & 0xff);
    return this;
  }

  u32(value: number): this {
    return this.u16(value & 0xffff).u16(value >>> 16);
  }

  u64(value: number): this {
    return this.u32(value % 0x1_0000_0000).u32(Math.floor(value / 0x1_0000_0000));
  }

  raw(bytes: Uint8Array): this {
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** MS-DOS date and time of a moment in UTC, two-second steps, held inside 1980 to 2107. */
function dosTime(atMs: number): { time: number; date: number } {
  const at = new Date(atMs);
  const year = at.getUTCFullYear();
  if (!(year >= 1980)) return { time: 0, date: (1 << 5) | 1 };
  if (year > 2107) return { time: (23 << 11) | (59 << 5) | 29, date: (127 << 9) | (12 << 5) | 31 };
  return {
    time: (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1),
    date: ((year - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
  };
}

/** Local file header of an entry (4.3.7), to be followed by its bytes. */
export function localHeader(entry: ZipEntry, atMs: number): Uint8Array {
  const name = new TextEncoder().encode(entry.name);
  const big = entry.bytes >= LIMIT_32;
  const { time, date } = dosTime(atMs);
  const size = big ? LIMIT_32 : entry.bytes;
  const fields = new Fields()
    .u32(0x04034b50)
    .u16(big ? 45 : 20)
    .u16(UTF8_NAMES)
    .u16(0)
    .u16(time)
    .u16(date);
  fields
    .u32(entry.crc32)
    .u32(size)
    .u32(size)
    .u16(name.length)
    .u16(big ? 20 : 0)
    .raw(name);
  if (big) fields.u16(1).u16(16).u64(entry.bytes).u64(entry.bytes);
  return fields.done();
}

/** Central directory header of an entry (4.3.12) whose local header stands at `offset`. */
export function centralHeader(entry: ZipEntry, offset: number, atMs: number): Uint8Array {
  const name = new TextEncoder().encode(entry.name);
  const bigSize = entry.bytes >= LIMIT_32;
  const bigOffset = offset >= LIMIT_32;
  const extra = (bigSize ? 16 : 0) + (bigOffset ? 8 : 0);
  const version = extra > 0 ? 45 : 20;
  const { time, date } = dosTime(atMs);
  const size = bigSize ? LIMIT_32 : entry.bytes;
  const fields = new Fields()
    .u32(0x02014b50)
    .u16(MADE_BY_UNIX | version)
    .u16(version)
    .u16(UTF8_NAMES)
    .u16(0);
  fields
    .u16(time)
    .u16(date)
    .u32(entry.crc32)
    .u32(size)
    .u32(size)
    .u16(name.length)
    .u16(extra > 0 ? extra + 4 : 0);
  fields
    .u16(0)
    .u16(0)
    .u16(0)
    .u32(REGULAR_READABLE)
    .u32(bigOffset ? LIMIT_32 : offset)
    .raw(name);
  if (extra > 0) fields.u16(1).u16(extra);
  if (bigSize) fields.u64(entry.bytes).u64(entry.bytes);
  if (bigOffset) fields.u64(offset);
  return fields.done();
}

/** End of central directory (4.3.16), behind the ZIP64 records (4.3.14, 4.3.15) where a number needs them. */
export function endRecords(entries: number, directoryOffset: number, directoryBytes: number): Uint8Array {
  const big = directoryOffset >= LIMIT_32 || directoryBytes >= LIMIT_32 || entries >= 0xffff;
  const fields = new Fields();
  if (big) {
    fields
      .u32(0x06064b50)
      .u64(44)
      .u16(MADE_BY_UNIX | 45)
      .u16(45)
      .u32(0)
      .u32(0)
      .u64(entries)
      .u64(entries);
    fields.u64(directoryBytes).u64(directoryOffset);
    fields
      .u32(0x07064b50)
      .u32(0)
      .u64(directoryOffset + directoryBytes)
      .u32(1);
  }
  const count = Math.min(entries, 0xffff);
  fields.u32(0x06054b50).u16(0).u16(0).u16(count).u16(count);
  fields.u32(Math.min(directoryBytes, LIMIT_32)).u32(Math.min(directoryOffset, LIMIT_32)).u16(0);
  return fields.done();
}

/** An entry with its place in the container. */
export interface PlacedEntry extends ZipEntry {
  /** Of the local header. */
  offset: number;
  header: Uint8Array;
  /** Of the entry's own bytes. */
  dataOffset: number;
}

/** Every byte of the container that is not an entry's content. */
export interface ZipLayout {
  entries: PlacedEntry[];
  directoryOffset: number;
  /** One central header for each entry, in order. */
  directory: Uint8Array[];
  end: Uint8Array;
  /** Size of the whole container. */
  totalBytes: number;
}

/** Lays out a container. */
export function layOut(entries: readonly ZipEntry[], atMs: number): ZipLayout {
  let offset = 0;
  const placed = entries.map((entry): PlacedEntry => {
    const header = localHeader(entry, atMs);
    const at = offset;
    offset += header.length + entry.bytes;
    return { ...entry, offset: at, header, dataOffset: at + header.length };
  });
  const directory = placed.map((entry) => centralHeader(entry, entry.offset, atMs));
  const directoryBytes = directory.reduce((sum, header) => sum + header.length, 0);
  const end = endRecords(placed.length, offset, directoryBytes);
  return {
    entries: placed,
    directoryOffset: offset,
    directory,
    end,
    totalBytes: offset + directoryBytes + end.length,
  };
}
