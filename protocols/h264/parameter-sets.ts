import { BitReader, rbsp } from '../nal/bit-reader.ts';
import { SetTable } from '../nal/set-table.ts';
import { NAL, nalType } from './nal.ts';
import { parseSps, type SequenceParameters } from './sps.ts';

const MAX_SET_BYTES = 4096;

/**
 * The parameter sets in force. They come from the session description and again inside the stream; a set replaces
 * the earlier one of its id.
 */
export class ParameterSets {
  readonly #sps = new SetTable();
  readonly #pps = new SetTable();
  #parameters: SequenceParameters | null = null;
  /** The SPS that this describes. */
  #present: Uint8Array | null = null;

  /** Takes an SPS or PPS (copied); true when it changes what a decoder needs. Other and damaged units are ignored. */
  add(nal: Uint8Array): boolean {
    const type = nalType(nal[0] ?? 0);
    if (nal.length > MAX_SET_BYTES) return false;
    if (type === NAL.sps) return this.#addSps(nal);
    if (type !== NAL.pps || this.#pps.has(nal)) return false;
    const id = ppsId(nal);
    return id !== null && this.#pps.add(id, nal);
  }

  #addSps(nal: Uint8Array): boolean {
    if (this.#present !== null && Buffer.compare(this.#present, nal) === 0) return false;
    try {
      const parameters = parseSps(nal);
      // One that is known already takes over again: a camera may go back to what it sent before.
      if (!this.#sps.has(nal) && !this.#sps.add(parameters.id, nal)) return false;
      this.#parameters = parameters;
      this.#present = new Uint8Array(nal);
      return true;
    } catch {
      return false;
    }
  }

  /** The newest SPS's content, or null until a decoder could be set up (an SPS and a PPS are there). */
  get parameters(): SequenceParameters | null {
    return this.#pps.size > 0 ? this.#parameters : null;
  }

  /** The sets as `avcC` wants them; the SPS that `parameters` describes comes first. */
  lists(): { sps: Uint8Array[]; pps: Uint8Array[] } {
    return { sps: this.#sps.list(this.#parameters?.id), pps: this.#pps.list() };
  }
}

function ppsId(nal: Uint8Array): number | null {
  try {
    const id = new BitReader(rbsp(nal.subarray(0, 16))).ue();
    return id <= 255 ? id : null;
  } catch {
    return null;
  }
}
