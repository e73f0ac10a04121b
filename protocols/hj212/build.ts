import { crcHj212 } from './crc.ts';

/** A segment to be sent. */
export interface SegmentToBuild {
  qn: string;
  st: string;
  cn: string;
  password: string;
  mn: string;
  flag: number;
  /** Content between the `&&`, e.g. `QnRtn=1`. */
  content?: string;
}

/** A whole frame with CR LF. */
export function buildFrame({ qn, st, cn, password, mn, flag, content = '' }: SegmentToBuild): Uint8Array {
  const text = `QN=${qn};ST=${st};CN=${cn};PW=${password};MN=${mn};Flag=${flag};CP=&&${content}&&`;
  return frameAround(new TextEncoder().encode(text));
}

/** The frame of a segment that is there already. */
export function frameAround(segment: Uint8Array): Uint8Array {
  const length = String(segment.length).padStart(4, '0');
  const crc = crcHj212(segment).toString(16).toUpperCase().padStart(4, '0');
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  return Buffer.concat([encode(`##${length}`), segment, encode(`${crc}\r\n`)]);
}
