/**
 * Binary envelope of live media, the same bytes on MQTT and on the viewer's WebSocket, so that nothing is copied on
 * the way. Big-endian, 28 bytes of header:
 *
 * | offset | size | field |
 * | --- | --- | --- |
 * | 0 | 1 | 0x53 |
 * | 1 | 1 | version 1 |
 * | 2 | 1 | type: 1 init, 2 fragment, 3 end, 4 audio-init, 5 audio, 6 metadata |
 * | 3 | 1 | flags: bit 0 key frame |
 * | 4 | 4 | handle: number that the hub gave to the stream |
 * | 8 | 4 | epoch: changes when a new init segment is needed |
 * | 12 | 4 | sequence: counts fragments by one, going on over epochs; audio counts for itself |
 * | 16 | 8 | edge time in milliseconds since 1970, float64 |
 * | 24 | 4 | length of the JSON description that follows the header (init, audio-init and end only, else 0) |
 *
 * The body of `audio` and `metadata` begins with the time of its first sample on the video's timeline: 8 bytes, 90 kHz,
 * float64 ({@link readTimedBody}).
 */
export const MEDIA_HEADER_BYTES = 28;

/** What an envelope carries. */
export type MediaMessageType = 'init' | 'fragment' | 'end' | 'audio-init' | 'audio' | 'metadata';

/** Description in an `init`. */
export interface InitDescription {
  /** RFC 6381, e.g. `avc1.64001f`, `hvc1.1.6.L93.B0`, `mp4v.6C` (JPEG pictures). */
  codec: string;
  width: number;
  height: number;
  /** What is really sent, where that is not what the hub asked for; see {@link SentStream}. */
  sent?: SentStream;
}

/** Which of a camera's streams the edge sends under a handle, and why that one. */
export interface SentStream {
  stream: 'main' | 'sub';
  why: ChoiceReason;
  /** Nothing between the key frames, because the line bears no more. */
  keyFramesOnly: boolean;
}

/** Why a viewer gets this stream of a camera and not another; the dashboard has a sentence for each. */
export const CHOICE_REASONS = [
  /** Somebody asked for this very stream. */
  'asked',
  /** It fits the tile's size. */
  'tile-size',
  /** The camera has no other. */
  'only-stream',
  /** The browser cannot decode the better one. */
  'codec',
  /** The browser can decode none; the edge encodes it anew. */
  'transcoded',
  /** The line between township and centre bears no more. */
  'line',
] as const;
/** One of {@link CHOICE_REASONS}. */
export type ChoiceReason = (typeof CHOICE_REASONS)[number];

/** Description in an `audio-init`. */
export interface AudioDescription {
  codec: 'aac' | 'pcmu' | 'pcma';
  /** Samples per second. */
  clockRate: number;
  channels: number;
  /** AudioSpecificConfig (ISO/IEC 14496-3) as base64; empty for G.711. */
  config: string;
}

/** Header of an envelope. */
export interface MediaHeader {
  type: MediaMessageType;
  key: boolean;
  handle: number;
  epoch: number;
  sequence: number;
  edgeAtMs: number;
}

/** An envelope that was read; `body` is a view, not a copy. */
export interface MediaMessage extends MediaHeader {
  /** JSON text of the description; empty for fragments. */
  description: string;
  body: Uint8Array;
}

const TYPES: readonly MediaMessageType[] = ['init', 'fragment', 'end', 'audio-init', 'audio', 'metadata'];

/** An envelope that was not put together: its header with the description, and the body as it was. */
export interface MediaParts {
  head: Uint8Array;
  body: Uint8Array;
  /** Of both. */
  length: number;
}

/** Writes the header (and description) of an envelope and leaves the body where it is. */
export function buildMediaParts(header: MediaHeader, body: Uint8Array, description = ''): MediaParts {
  const head = new Uint8Array(MEDIA_HEADER_BYTES + description.length);
  writeHead(head, header, description);
  return { head, body, length: head.length + body.length };
}

/** Writes the header (and description) in front of a body. One allocation, one copy of the body. */
export function buildMediaMessage(header: MediaHeader, body: Uint8Array, description = ''): Uint8Array {
  const bodyAt = MEDIA_HEADER_BYTES + description.length;
  const out = new Uint8Array(bodyAt + body.length);
  writeHead(out, header, description);
  out.set(body, bodyAt);
  return out;
}

function writeHead(out: Uint8Array, header: MediaHeader, description: string): void {
  const view = new DataView(out.buffer);
  out[0] = 0x53;
  out[1] = 1;
  out[2] = TYPES.indexOf(header.type) + 1;
  out[3] = header.key ? 1 : 0;
  view.setUint32(4, header.handle);
  view.setUint32(8, header.epoch);
  view.setUint32(12, header.sequence >>> 0);
  view.setFloat64(16, header.edgeAtMs);
  view.setUint32(24, description.length);
  for (let i = 0; i < description.length; i++) out[MEDIA_HEADER_BYTES + i] = description.charCodeAt(i) & 0x7f;
}

/** Reads an envelope; null when the bytes are none. */
export function parseMediaMessage(bytes: Uint8Array): MediaMessage | null {
  if (bytes.length < MEDIA_HEADER_BYTES || bytes[0] !== 0x53 || bytes[1] !== 1) return null;
  const type = TYPES[(bytes[2] ?? 0) - 1];
  if (type === undefined) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const textLength = view.getUint32(24);
  if (textLength > 4096 || MEDIA_HEADER_BYTES + textLength > bytes.length) return null;
  const bodyAt = MEDIA_HEADER_BYTES + textLength;
  let description = '';
  for (let i = MEDIA_HEADER_BYTES; i < bodyAt; i++) description += String.fromCharCode(bytes[i] ?? 0);
  return {
    type,
    key: ((bytes[3] ?? 0) & 1) === 1,
    handle: view.getUint32(4),
    epoch: view.getUint32(8),
    sequence: view.getUint32(12),
    edgeAtMs: view.getFloat64(16),
    description,
    body: bytes.subarray(bodyAt),
  };
}

const TIME_BYTES = 8;

/** Puts a time (90 kHz) in front of the bytes of an `audio` or `metadata` message. */
export function buildTimedBody(pts90k: number, bytes: Uint8Array): Uint8Array {
  const body = new Uint8Array(TIME_BYTES + bytes.length);
  new DataView(body.buffer).setFloat64(0, pts90k);
  body.set(bytes, TIME_BYTES);
  return body;
}

/** Reads what {@link buildTimedBody} made; null when it is too short or the time is none. */
export function readTimedBody(body: Uint8Array): { pts90k: number; bytes: Uint8Array } | null {
  if (body.length < TIME_BYTES) return null;
  const pts90k = new DataView(body.buffer, body.byteOffset, TIME_BYTES).getFloat64(0);
  return Number.isFinite(pts90k) ? { pts90k, bytes: body.subarray(TIME_BYTES) } : null;
}
