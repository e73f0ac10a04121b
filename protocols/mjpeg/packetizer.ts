import { putU16 } from '../big-endian.ts';
import { RTP_HEADER_BYTES } from '../rtp/packet.ts';
import { RtpPacketizer } from '../rtp/packetizer.ts';
import { type JpegPicture, parseJpeg } from './parse-jpeg.ts';
import { CHANGING_QUALITY, MAIN_HEADER_BYTES, RESTART_TYPES } from './payload-header.ts';
import type { QuantizationTables } from './quantization.ts';

/** Sides that 8 bits cannot name are sent as 0; the session description says them then. */
const MAX_SIDE = 2040;

/**
 * Cuts JPEG files into RTP packets (RFC 2435) with their quantization tables inside. The format knows baseline
 * pictures in 4:2:2 and 4:2:0 with the typical Huffman tables; others give no packets and are counted.
 */
export class JpegPacketizer extends RtpPacketizer {
  /** Pictures that the format cannot carry. */
  unsupported = 0;

  /** @param unit a JPEG file @param timestamp 90 kHz, taken modulo 2^32 */
  override packetizeUnit(unit: Uint8Array, timestamp: number): Uint8Array[] {
    const picture = parseJpeg(unit);
    const type = picture === null ? null : typeOf(picture);
    const tables = picture === null ? null : tablesOf(picture);
    if (picture === null || type === null || tables === null || picture.scanEnd - picture.scanStart >= 1 << 24) {
      this.unsupported += 1;
      return [];
    }
    return this.#cut(unit, picture, type, tables, timestamp);
  }

  #cut(unit: Uint8Array, picture: JpegPicture, type: number, tables: QuantizationTables, timestamp: number) {
    const packets: Uint8Array[] = [];
    const { scanStart, scanEnd, restartInterval, width, height } = picture;
    const restartBytes = restartInterval === 0 ? 0 : 4;
    for (let at = scanStart; at < scanEnd; ) {
      const tableBytes = at === scanStart ? 4 + tables.luma.length + tables.chroma.length : 0;
      const headerBytes = MAIN_HEADER_BYTES + restartBytes + tableBytes;
      const size = Math.min(scanEnd - at, Math.max(1, this.writer.room - headerBytes));
      const packet = this.writer.piece(headerBytes, unit, at, at + size, timestamp, at + size === scanEnd);
      const offset = at - scanStart;
      let put = RTP_HEADER_BYTES;
      packet[put + 1] = offset >>> 16;
      putU16(packet, put + 2, offset);
      packet[put + 4] = type + (restartBytes === 0 ? 0 : RESTART_TYPES);
      packet[put + 5] = CHANGING_QUALITY;
      packet[put + 6] = eighths(width, height, width);
      packet[put + 7] = eighths(width, height, height);
      put += MAIN_HEADER_BYTES;
      if (restartBytes > 0) {
        putU16(packet, put, restartInterval);
        putU16(packet, put + 2, 0xffff); // pieces are not aligned with restart markers
        put += restartBytes;
      }
      if (tableBytes > 0) {
        packet[put + 1] = (tables.luma.length === 128 ? 1 : 0) | (tables.chroma.length === 128 ? 2 : 0);
        putU16(packet, put + 2, tableBytes - 4);
        packet.set(tables.luma, put + 4);
        packet.set(tables.chroma, put + 4 + tables.luma.length);
      }
      packets.push(packet);
      at += size;
    }
    return packets;
  }
}

function eighths(width: number, height: number, side: number): number {
  return width > MAX_SIDE || height > MAX_SIDE ? 0 : Math.ceil(side / 8);
}

function typeOf({ baseline, typicalHuffman, components }: JpegPicture): number | null {
  const [luma, blue, red] = components;
  if (!baseline || !typicalHuffman || components.length !== 3) return null;
  if (blue?.sampling !== 0x11 || red?.sampling !== 0x11) return null;
  if (luma?.sampling === 0x21) return 0;
  return luma?.sampling === 0x22 ? 1 : null;
}

/** The tables of luma and chroma; null when they are missing or both colours have one of their own. */
function tablesOf({ components, quantization }: JpegPicture): QuantizationTables | null {
  const [luma, blue, red] = components.map(({ table }) => quantization.get(table) ?? null);
  if (luma === undefined || luma === null || blue === undefined || blue === null) return null;
  if (red === undefined || red === null || Buffer.compare(blue, red) !== 0) return null;
  return { luma, chroma: blue };
}
