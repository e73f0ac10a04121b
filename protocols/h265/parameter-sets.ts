import { BitReader, rbsp } from '../nal/bit-reader.ts';
import { SetTable } from '../nal/set-table.ts';
import { HEVC_HEADER_BYTES, HEVC_NAL, hevcNalType } from './nal.ts';
import { type HevcSequenceParameters, parseHevcSps } from './sps.ts';

const MAX_SET_BYTES = 4096;

/**
 * The parameter sets in force. They come from the session description and again inside the stream; a set replaces
 * the earlier one of its id.
 */
export class H265ParameterSets {
  readonly #vps = new SetTable();
  readonly #sps = new SetTable();
  readonly #pps = new SetTable();
  #parameters: HevcSequenceParameters | null = null;
  /** The SPS that this describes. */
  #present: Uint8Array | null = null;

  /** Takes a VPS, SPS or PPS (copied); true when it changes what a decoder needs. Other and damaged units are ignored. */
  add(nal: Uint8Array): boolean {
    if (nal.length > MAX_SET_BYTES || nal.length <= HEVC_HEADER_BYTES) return false;
    switch (hevcNalType(nal[0] ?? 0)) {
      case HEVC_NAL.vps:
        return this.#vps.add((nal[HEVC_HEADER_BYTES] ?? 0) >>> 4, nal);
      case HEVC_NAL.sps:
        return this.#addSps(nal);
      case HEVC_NAL.pps:
        return this.#addPps(nal);
      default:
        return false;
    }
  }

  #addSps(nal: Uint8Array): boolean {
    if (this.#present !== null && Buffer.compare(this.#present, nal) === 0) return false;
    const parameters = parseHevcSps(nal);
    if (parameters === null) return false;
    // One that is known already takes over again: a camera may go back to what it sent before.
    if (!this.#sps.has(nal) && !this.#sps.add(parameters.id, nal)) return false;
    this.#parameters = parameters;
    this.#present = new Uint8Array(nal);
    return true;
  }

  #addPps(nal: Uint8Array): boolean {
    if (this.#pps.has(nal)) return false;
    const id = ppsId(nal);
    return id !== null && this.#pps.add(id, nal);
  }

  /** The newest SPS's content, or null until a decoder could be set up (a VPS, an SPS and a PPS are there). */
  get parameters(): HevcSequenceParameters | null {
    return this.#vps.size > 0 && this.#pps.size > 0 ? this.#parameters : null;
  }

  /** The sets as `hvcC` wants them; the SPS that `parameters` describes comes first. */
  lists(): { vps: Uint8Array[]; sps: Uint8Array[]; pps: Uint8Array[] } {
    return { vps: this.#vps.list(), sps: this.#sps.list(this.#parameters?.id), pps: this.#pps.list() };
  }
}

function ppsId(nal: Uint8Array): number | null {
  try {
    const id = new BitReader(rbsp(nal.subarray(0, 16), HEVC_HEADER_BYTES)).ue();
    return id <= 63 ? id : null;
  } catch {
    return null;
  }
}
