import { SharpEyesError } from '../../contract/errors.ts';
import { copyBytes } from '../copy-bytes.ts';
import { header, parseHead, type RtspMessage } from './message.ts';

/** Receives what an {@link RtspParser} finds. */
export interface RtspSink {
  /**
   * One interleaved frame (RFC 2326 section 10.12): `bytes[start..end)`. The array is the parser's or the socket's
   * own and is overwritten after the call: copy what is to be kept.
   */
  onInterleaved(channel: number, bytes: Uint8Array, start: number, end: number): void;
  onMessage(message: RtspMessage): void;
}

/** Bounds of an {@link RtspParser}, in bytes. */
export interface RtspParserLimits {
  header: number;
  body: number;
  /** Bytes between messages that fit nothing; beyond it the peer does not speak RTSP. */
  skipped: number;
}

const DEFAULT_LIMITS: RtspParserLimits = { header: 65_536, body: 1_048_576, skipped: 262_144 };
const DOLLAR = 0x24;
const FRAME_HEADER = 4;
const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const SLASH = 0x2f;
const UNDERSCORE = 0x5f;
const MAX_METHOD = 32;
/** Addresses of cameras have some hundred characters at most. */
const MAX_START_LINE = 8192;
const PROTOCOL_NAME = 'RTSP/';

/**
 * Takes an RTSP connection apart: requests, responses and interleaved frames, from chunks cut anywhere. Frames that
 * lie whole in a chunk are handed on without a copy.
 *
 * Bytes that can begin neither a frame nor a message are skipped up to the next that can, because some cameras send
 * stray bytes after a lost packet; they are counted in `skippedBytes`.
 */
export class RtspParser {
  readonly #sink: RtspSink;
  readonly #limits: RtspParserLimits;
  #rest: Uint8Array = new Uint8Array(0);
  /** Bytes of `#rest` that are in use. */
  #held = 0;
  /** Bytes of the item that `#rest` begins with, where they are known; 0 where not. */
  #needed = 0;
  #skippedInARow = 0;
  /** Stray bytes seen so far. */
  skippedBytes = 0;

  constructor(sink: RtspSink, limits: Partial<RtspParserLimits> = {}) {
    this.#sink = sink;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /**
   * Parses as much as is complete and keeps a copy of the rest.
   * @throws SharpEyesError RTSP_PROTOCOL when a bound is exceeded or the peer does not speak RTSP; the parser is
   * useless afterwards.
   */
  push(chunk: Uint8Array): void {
    let from = 0;
    while (this.#held > 0 && from < chunk.length) from = this.#completeRest(chunk, from);
    if (from >= chunk.length) return;
    const used = this.#parse(chunk, from, chunk.length);
    if (used < chunk.length) this.#hold(chunk, used, chunk.length);
  }

  /** Moves just enough of `chunk` behind the held bytes to finish one item; returns how far it read. */
  #completeRest(chunk: Uint8Array, from: number): number {
    const wanted = this.#missing();
    const to = Math.min(chunk.length, from + wanted);
    this.#hold(chunk, from, to);
    if (this.#held < this.#needed) return to;
    const used = this.#parse(this.#rest, 0, this.#held);
    if (used === 0) return to;
    // What was held may end inside the next item: keep that tail.
    this.#rest.copyWithin(0, used, this.#held);
    this.#held -= used;
    return to;
  }

  /** How many bytes to add to the held ones before parsing again can succeed. */
  #missing(): number {
    if (this.#needed > this.#held) return this.#needed - this.#held;
    if (this.#rest[0] !== DOLLAR) return 1024;
    if (this.#held < FRAME_HEADER) return FRAME_HEADER - this.#held;
    return FRAME_HEADER + this.#frameLength(this.#rest, 0) - this.#held;
  }

  #frameLength(bytes: Uint8Array, at: number): number {
    return ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  }

  #hold(chunk: Uint8Array, from: number, to: number): void {
    const needed = this.#held + to - from;
    if (needed > this.#rest.length) {
      const grown = new Uint8Array(Math.max(needed, this.#rest.length * 2, 2048));
      grown.set(this.#rest.subarray(0, this.#held));
      this.#rest = grown;
    }
    copyBytes(chunk, from, to, this.#rest, this.#held);
    this.#held = needed;
  }

  /** Handles every complete item in `bytes[from..end)` and returns where the first incomplete one begins. */
  #parse(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    this.#needed = 0;
    while (at < end) {
      if (bytes[at] === DOLLAR) {
        if (end - at < FRAME_HEADER) return at;
        const length = this.#frameLength(bytes, at);
        const frameEnd = at + FRAME_HEADER + length;
        if (frameEnd > end) return at;
        this.#skippedInARow = 0;
        this.#sink.onInterleaved(bytes[at + 1] ?? 0, bytes, at + FRAME_HEADER, frameEnd);
        at = frameEnd;
        continue;
      }
      const next = mayBeMessage(bytes, at, end) ? this.#message(bytes, at, end) : this.#skip(bytes, at, end);
      if (next === at) return at;
      at = next;
    }
    return at;
  }

  #message(bytes: Uint8Array, at: number, end: number): number {
    const lineEnd = bytes.indexOf(LF, at);
    const hasLine = lineEnd !== -1 && lineEnd < end;
    // Looking at the line first keeps garbage from being searched for an end of header again and again.
    if (hasLine && !isStartLine(bytes, at, lineEnd)) return this.#skip(bytes, at, end);
    const headEnd = hasLine ? findHeadEnd(bytes, lineEnd, end) : -1;
    if ((headEnd === -1 ? end : headEnd) - at > this.#limits.header) throw tooLong('header', this.#limits.header);
    if (headEnd === -1) return at;
    const message = parseHead(text(bytes, at, headEnd));
    if (message === null) return this.#skip(bytes, at, end);
    const length = contentLength(header(message, 'content-length'));
    if (length > this.#limits.body) throw tooLong('body', this.#limits.body);
    if (end - headEnd < length) {
      this.#needed = headEnd - at + length;
      return at;
    }
    this.#skippedInARow = 0;
    this.#sink.onMessage({ ...message, body: new Uint8Array(bytes.subarray(headEnd, headEnd + length)) });
    return headEnd + length;
  }

  /** Steps over a byte that begins nothing, and all others up to one that may. */
  #skip(bytes: Uint8Array, at: number, end: number): number {
    // Empty lines between messages are allowed (RFC 2326 section 4.1) and are no sign of trouble.
    if (bytes[at] === CR || bytes[at] === LF) return at + 1;
    let next = at + 1;
    while (next < end && bytes[next] !== DOLLAR && !mayBeMessage(bytes, next, end)) next += 1;
    this.skippedBytes += next - at;
    this.#skippedInARow += next - at;
    if (this.#skippedInARow > this.#limits.skipped) {
      throw new SharpEyesError('RTSP_PROTOCOL', 'The peer sends bytes that are neither RTSP nor interleaved frames.', {
        context: { skippedBytes: this.skippedBytes },
      });
    }
    return next;
  }
}

/** Whether a method name or `RTSP/` may begin here: capitals, then a space or a slash, as far as bytes are there. */
function mayBeMessage(bytes: Uint8Array, at: number, end: number): boolean {
  const limit = Math.min(end, at + MAX_METHOD);
  for (let i = at; i < limit; i += 1) {
    const byte = bytes[i] ?? 0;
    if ((byte >= 0x41 && byte <= 0x5a) || byte === UNDERSCORE) continue;
    return i > at && (byte === SPACE || byte === SLASH);
  }
  return limit < at + MAX_METHOD;
}

/** Whether a line that may be the first of a message is one; what is not costs no more than a look at three words. */
function isStartLine(bytes: Uint8Array, at: number, lineEnd: number): boolean {
  if (lineEnd - at > MAX_START_LINE) return false;
  if (!isProtocolName(bytes, at)) {
    const addressAt = wordBehind(bytes, at, lineEnd);
    if (!isProtocolName(bytes, wordBehind(bytes, addressAt, lineEnd))) return false;
  }
  return parseHead(text(bytes, at, lineEnd)) !== null;
}

/** Where the word after the one at `at` begins. */
function wordBehind(bytes: Uint8Array, at: number, lineEnd: number): number {
  let next = at;
  while (next < lineEnd && bytes[next] !== SPACE) next += 1;
  while (next < lineEnd && bytes[next] === SPACE) next += 1;
  return next;
}

function isProtocolName(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < PROTOCOL_NAME.length; i += 1) if (bytes[at + i] !== PROTOCOL_NAME.charCodeAt(i)) return false;
  return true;
}

function text(bytes: Uint8Array, start: number, end: number): string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  return view.toString('latin1').trimEnd();
}

/** Index behind the empty line that ends the header, or -1. */
function findHeadEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  for (;;) {
    at = bytes.indexOf(LF, at);
    if (at === -1 || at + 1 >= end) return -1;
    if (bytes[at + 1] === LF) return at + 2;
    if (bytes[at + 1] === CR && at + 2 < end && bytes[at + 2] === LF) return at + 3;
    at += 1;
  }
}

function contentLength(value: string | null): number {
  return value !== null && /^\d{1,12}$/.test(value) ? Number(value) : 0;
}

function tooLong(part: string, limit: number): SharpEyesError {
  return new SharpEyesError('RTSP_PROTOCOL', `The peer sent an RTSP ${part} of more than ${limit} bytes.`);
}
