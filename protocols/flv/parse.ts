import { SharpEyesError } from '../../contract/errors.ts';
import { u16, u32 } from '../big-endian.ts';

/** A picture, or what is needed to decode those that follow. */
export type FlvVideo =
  /** AVCDecoderConfigurationRecord (ISO/IEC 14496-15). */
  | { kind: 'configuration'; record: Uint8Array }
  /** One access unit; NAL units with length prefixes as the record says. */
  | { kind: 'picture'; key: boolean; decodeTimeMs: number; compositionOffsetMs: number; bytes: Uint8Array };

const FILE_HEADER_BYTES = 9;
const TAG_HEADER_BYTES = 11;
const PREVIOUS_SIZE_BYTES = 4;
const VIDEO_HEADER_BYTES = 5;
const VIDEO_TAG = 9;
const AVC = 7;

/**
 * Reads a stream of FLV (Adobe Flash Video File Format 10.1, annex E) as it arrives: each tag says its length, so a
 * picture is whole as soon as its last byte is there. Other tags than those of H.264 pictures are passed over.
 */
export class FlvReader {
  readonly #onVideo: (video: FlvVideo) => void;
  readonly #maxTagBytes: number;
  /** What came and could not be read yet: less than `#needs`. */
  #parts: Uint8Array[] = [];
  #waiting = 0;
  #needs = FILE_HEADER_BYTES;
  #isInBody = false;

  constructor(onVideo: (video: FlvVideo) => void, limits: { maxTagBytes: number }) {
    this.#onVideo = onVideo;
    this.#maxTagBytes = limits.maxTagBytes;
  }

  /**
   * Takes the next bytes. What is handed on points into them, or into a copy.
   * @throws SharpEyesError MEDIA_MALFORMED when it is not FLV or a tag is too large
   */
  push(chunk: Uint8Array): void {
    this.#parts.push(chunk);
    this.#waiting += chunk.length;
    if (this.#waiting < this.#needs) return;
    const bytes = joined(this.#parts, this.#waiting);
    const read = this.#read(bytes);
    this.#parts = read < bytes.length ? [bytes.subarray(read)] : [];
    this.#waiting = bytes.length - read;
  }

  /** Reads every tag that is whole; gives where the first that is not begins, and sets how much it needs. */
  #read(bytes: Uint8Array): number {
    let at = 0;
    if (!this.#isInBody) {
      this.#needs = bodyAt(bytes);
      if (bytes.length < this.#needs) return 0;
      at = this.#needs;
      this.#isInBody = true;
    }
    for (;;) {
      this.#needs = TAG_HEADER_BYTES;
      if (bytes.length - at < this.#needs) return at;
      const size = u32(bytes, at) & 0xffffff;
      if (size > this.#maxTagBytes) throw malformed(`a tag of ${size} bytes`);
      this.#needs += size + PREVIOUS_SIZE_BYTES;
      if (bytes.length - at < this.#needs) return at;
      const body = bytes.subarray(at + TAG_HEADER_BYTES, at + TAG_HEADER_BYTES + size);
      if (((bytes[at] ?? 0) & 0x1f) === VIDEO_TAG) {
        this.#video(body, (((bytes[at + 7] ?? 0) << 24) | (u32(bytes, at + 3) & 0xffffff)) >>> 0);
      }
      at += this.#needs;
    }
  }

  #video(body: Uint8Array, decodeTimeMs: number): void {
    if (body.length < VIDEO_HEADER_BYTES || ((body[0] ?? 0) & 0x0f) !== AVC) return;
    const rest = body.subarray(VIDEO_HEADER_BYTES);
    if (body[1] === 0) this.#onVideo({ kind: 'configuration', record: rest });
    if (body[1] !== 1) return;
    const key = (body[0] ?? 0) >>> 4 === 1;
    // Three bytes with a sign.
    const compositionOffsetMs = (((body[2] ?? 0) << 24) | (u16(body, 3) << 8)) >> 8;
    this.#onVideo({ kind: 'picture', key, decodeTimeMs, compositionOffsetMs, bytes: rest });
  }
}

function bodyAt(bytes: Uint8Array): number {
  if (bytes[0] !== 0x46 || bytes[1] !== 0x4c || bytes[2] !== 0x56) throw malformed('no FLV');
  const headerBytes = u32(bytes, 5);
  if (headerBytes < FILE_HEADER_BYTES || headerBytes > 1024) throw malformed(`a header of ${headerBytes} bytes`);
  return headerBytes + PREVIOUS_SIZE_BYTES;
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function malformed(what: string): SharpEyesError {
  return new SharpEyesError('MEDIA_MALFORMED', `The encoder's output is damaged: ${what}.`);
}
