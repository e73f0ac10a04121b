import { SharpEyesError } from '../../contract/errors.ts';

/** Reads bits and Exp-Golomb codes of a raw byte sequence payload (ITU-T H.264 clauses 7.2 and 9.1, H.265 9.2). */
export class BitReader {
  readonly #bytes: Uint8Array;
  #bit = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Unsigned number of `count` bits, at most 32. @throws SharpEyesError MEDIA_MALFORMED behind the end */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i += 1) {
      const byte = this.#bytes[this.#bit >>> 3];
      if (byte === undefined) throw new SharpEyesError('MEDIA_MALFORMED', 'A parameter set ends too early.');
      value = value * 2 + ((byte >>> (7 - (this.#bit & 7))) & 1);
      this.#bit += 1;
    }
    return value;
  }

  /** Passes over any number of bits; reading behind the end then throws. */
  skip(count: number): void {
    this.#bit += count;
  }

  /** Bits that are left. */
  get left(): number {
    return this.#bytes.length * 8 - this.#bit;
  }

  flag(): boolean {
    return this.bits(1) === 1;
  }

  /** `ue(v)` */
  ue(): number {
    let zeros = 0;
    while (!this.flag()) {
      zeros += 1;
      if (zeros > 31) throw new SharpEyesError('MEDIA_MALFORMED', 'A parameter set holds an impossible number.');
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** `se(v)` */
  se(): number {
    const code = this.ue();
    return code % 2 === 0 ? -code / 2 : (code + 1) / 2;
  }
}

/**
 * The payload of a NAL unit without its header and without emulation prevention bytes (H.264 clause 7.4.1).
 * @param headerBytes 1 in H.264, 2 in H.265
 */
export function rbsp(nal: Uint8Array, headerBytes = 1): Uint8Array {
  const payload = new Uint8Array(nal.length);
  let length = 0;
  let zeros = 0;
  for (let at = headerBytes; at < nal.length; at += 1) {
    const byte = nal[at] ?? 0;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    payload[length] = byte;
    length += 1;
  }
  return payload.subarray(0, length);
}
