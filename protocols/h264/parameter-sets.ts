import { BitReader, rbsp } from './bit-reader.ts';
import { NAL, nalType } from './nal.ts';
import { parseSps, type SequenceParameters } from './sps.ts';

const MAX_SETS = 16;
const MAX_SET_BYTES = 4096;

/**
 * The parameter sets in force. They come from the session description and again inside the stream; a set replaces
 * the earlier one of its id.
 */
export class ParameterSets {
  readonly #sps = new Map<number, Uint8Array>();
  readonly #pps = new Map<number, Uint8Array>();
  #parameters: SequenceParameters | null = null;

  /** Takes an SPS or PPS (copied); true when it changes what a decoder needs. Other and damaged units are ignored. */
  add(nal: Uint8Array): boolean {
    const type = nalType(nal[0] ?? 0);
    if (nal.length > MAX_SET_BYTES) return false;
    if (type === NAL.sps) return this.#addSps(nal);
    return type === NAL.pps && this.#store(this.#pps, ppsId(nal), nal);
  }

  #addSps(nal: Uint8Array): boolean {
    for (const known of this.#sps.values()) if (equal(known, nal)) return false;
    try {
      const parameters = parseSps(nal);
      const changed = this.#store(this.#sps, parameters.id, nal);
      if (changed) this.#parameters = parameters;
      return changed;
    } catch {
      return false;
    }
  }

  #store(sets: Map<number, Uint8Array>, id: number | null, nal: Uint8Array): boolean {
    if (id === null) return false;
    const known = sets.get(id);
    if (known !== undefined && equal(known, nal)) return false;
    if (known === undefined && sets.size === MAX_SETS) return false;
    sets.set(id, new Uint8Array(nal));
    return true;
  }

  /** The newest SPS's content, or null until a decoder could be set up (an SPS and a PPS are there). */
  get parameters(): SequenceParameters | null {
    return this.#pps.size > 0 ? this.#parameters : null;
  }

  /** The sets as `avcC` wants them; the SPS that `parameters` describes comes first. */
  lists(): { sps: Uint8Array[]; pps: Uint8Array[] } {
    const newest = this.#parameters?.id;
    const sps = [...this.#sps].sort(([a], [b]) => Number(b === newest) - Number(a === newest));
    return { sps: sps.map(([, nal]) => nal), pps: [...this.#pps.values()] };
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

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
