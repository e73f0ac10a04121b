/** One `a=rtpmap` (RFC 8866 section 6.6). */
export interface RtpMap {
  encoding: string;
  clockRate: number;
  channels: number | null;
}

/** Which way media flows, as the description's author sees it. Cameras confuse them; do not rely on it. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** One media section. */
export interface SdpMedia {
  /** `video`, `audio`, `application` … */
  kind: string;
  port: number;
  /** `RTP/AVP` … */
  protocol: string;
  /** Formats as written; payload type numbers for RTP. */
  formats: readonly string[];
  rtpmaps: ReadonlyMap<string, RtpMap>;
  /** Parameters of each format, as written. */
  fmtps: ReadonlyMap<string, string>;
  control: string | null;
  direction: Direction | null;
  /** Every attribute in order. */
  attributes: readonly SdpAttribute[];
}

/** One `a=` line; `value` is null for flags. */
export interface SdpAttribute {
  name: string;
  value: string | null;
}

/** A session description, as far as a receiver of RTP needs it. */
export interface SessionDescription {
  name: string | null;
  control: string | null;
  range: string | null;
  attributes: readonly SdpAttribute[];
  medias: readonly SdpMedia[];
}

/** Payload types that need no `a=rtpmap` and that cameras use without one (RFC 3551 section 6). */
const STATIC: Readonly<Record<string, RtpMap>> = {
  '0': { encoding: 'PCMU', clockRate: 8000, channels: null },
  '8': { encoding: 'PCMA', clockRate: 8000, channels: null },
  '9': { encoding: 'G722', clockRate: 8000, channels: null },
  '14': { encoding: 'MPA', clockRate: 90_000, channels: null },
  '26': { encoding: 'JPEG', clockRate: 90_000, channels: null },
};

/** Encoding of one format, from its `a=rtpmap` or the static table. */
export function rtpMapOf(media: SdpMedia, format: string): RtpMap | null {
  return media.rtpmaps.get(format) ?? STATIC[format] ?? null;
}

/** The first format of a section in the given encoding (any case), or null. */
export function findFormat(media: SdpMedia, encoding: string): { payloadType: number; map: RtpMap } | null {
  for (const format of media.formats) {
    const map = rtpMapOf(media, format);
    if (map?.encoding.toUpperCase() !== encoding.toUpperCase() || !/^\d{1,3}$/.test(format)) continue;
    if (Number(format) <= 127) return { payloadType: Number(format), map };
  }
  return null;
}

/** Parameters of an `a=fmtp` value by lower-case name. */
export function parseFmtp(text: string): Map<string, string> {
  const params = new Map<string, string>();
  for (const part of text.split(';')) {
    const equals = part.indexOf('=');
    const name = (equals === -1 ? part : part.slice(0, equals)).trim().toLowerCase();
    if (name !== '') params.set(name, equals === -1 ? '' : part.slice(equals + 1).trim());
  }
  return params;
}

/** NAL units of an H.264 `sprop-parameter-sets` (RFC 6184 section 8.1); empty and undecodable entries are left out. */
export function parameterSets(fmtp: string): Buffer[] {
  return (parseFmtp(fmtp).get('sprop-parameter-sets') ?? '')
    .split(',')
    .map((text) => Buffer.from(text.trim(), 'base64'))
    .filter((nal) => nal.length > 1);
}
