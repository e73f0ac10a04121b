/**
 * Receipts for live media: the hub says on `receipts` how far each stream has arrived, so that the edge knows what is
 * still under way and what the line bears. Big-endian; one byte of version (1), 8 bytes with the hub's time when it
 * wrote this (milliseconds, float64; only differences mean anything), then 16 bytes per stream, at most
 * {@link MAX_RECEIPTS} of them:
 *
 * | offset | size | field |
 * | --- | --- | --- |
 * | 0 | 4 | handle |
 * | 4 | 4 | sequence of the last fragment that arrived |
 * | 8 | 8 | that fragment's edge time, as its envelope had it, float64 |
 */
export interface MediaReceipt {
  handle: number;
  sequence: number;
  /** Edge's clock. */
  edgeAtMs: number;
}

/** One message on `receipts`. */
export interface MediaReceipts {
  /** Hub's clock when it wrote them. */
  hubAtMs: number;
  receipts: MediaReceipt[];
}

/** Most receipts in one message. */
export const MAX_RECEIPTS = 1000;
const HEADER_BYTES = 9;
const RECEIPT_BYTES = 16;
const VERSION = 1;

/** Writes receipts; those beyond {@link MAX_RECEIPTS} are left out. */
export function buildReceipts({ hubAtMs, receipts }: MediaReceipts): Uint8Array {
  const written = receipts.slice(0, MAX_RECEIPTS);
  const out = new Uint8Array(HEADER_BYTES + written.length * RECEIPT_BYTES);
  const view = new DataView(out.buffer);
  out[0] = VERSION;
  view.setFloat64(1, hubAtMs);
  for (const [i, { handle, sequence, edgeAtMs }] of written.entries()) {
    const at = HEADER_BYTES + i * RECEIPT_BYTES;
    view.setUint32(at, handle);
    view.setUint32(at + 4, sequence >>> 0);
    view.setFloat64(at + 8, edgeAtMs);
  }
  return out;
}

/** Reads receipts; null when the bytes are none. */
export function parseReceipts(bytes: Uint8Array): MediaReceipts | null {
  const count = (bytes.length - HEADER_BYTES) / RECEIPT_BYTES;
  if (bytes[0] !== VERSION || count < 0 || !Number.isInteger(count) || count > MAX_RECEIPTS) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const hubAtMs = view.getFloat64(1);
  if (!Number.isFinite(hubAtMs)) return null;
  const receipts: MediaReceipt[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; at += RECEIPT_BYTES) {
    const edgeAtMs = view.getFloat64(at + 8);
    if (!Number.isFinite(edgeAtMs)) return null;
    receipts.push({ handle: view.getUint32(at), sequence: view.getUint32(at + 4), edgeAtMs });
  }
  return { hubAtMs, receipts };
}
