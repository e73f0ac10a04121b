import { randomBytes } from 'node:crypto';
import { u16 } from '../../protocols/big-endian.ts';
import { RTP_HEADER_BYTES } from '../../protocols/rtp/packet.ts';
import { buildGoodbye, buildSenderReport } from '../../protocols/rtp/rtcp.ts';
import type { MediaToDescribe } from '../../protocols/sdp/build.ts';
import { withParameterSets } from './parameter-sets.ts';
import { channelOf, frame, type PublishedUnit } from './published-unit.ts';
import type { SourceTrack, SourceUnit } from './source.ts';
import { mediaOf, packetizerOf, type TrackMedia } from './track-media.ts';

/** Not the machine's name: readers need not know it. */
const CNAME = 'sharp-eyes';
const WRAP = 2 ** 32;
/** Of an interleaved packet that begins with its four-byte header. */
const SEQUENCE_AT = 4 + 2;

/** One track as its readers see it: its numbers, its packets, its reports. */
export class PublishedTrack {
  readonly index: number;
  readonly #media: TrackMedia;
  readonly #packetizer: ReturnType<typeof packetizerOf>;
  readonly #ssrc = randomBytes(4).readUInt32BE();
  readonly #timestampBase = randomBytes(4).readUInt32BE();
  #track: SourceTrack;
  #nextSequence = randomBytes(2).readUInt16BE();
  #packets = 0;
  #octets = 0;

  /** @throws SharpEyesError STREAM_UNSUPPORTED */
  constructor(index: number, track: SourceTrack, mtu: number) {
    this.index = index;
    this.#track = track;
    this.#media = mediaOf(track);
    const { payloadType } = this.#media;
    const options = { payloadType, ssrc: this.#ssrc, mtu, firstSequence: this.#nextSequence };
    this.#packetizer = packetizerOf(track, options);
  }

  get kind(): SourceTrack['kind'] {
    return this.#track.kind;
  }

  /** The last part of its address. */
  get control(): string {
    return `trackID=${this.index}`;
  }

  /** Its section of the description. */
  get description(): MediaToDescribe {
    const { clockRate, ...media } = this.#media;
    return { ...media, control: this.control };
  }

  /** Number that its next packet will have. */
  get nextSequence(): number {
    return this.#nextSequence;
  }

  /** Takes changed parameters over; false when readers have to ask for a new description. */
  change(track: SourceTrack): boolean {
    if (track.kind === 'video' && this.#track.kind === 'video' && track.codec === this.#track.codec) {
      this.#track = track;
      return true;
    }
    return sameMedia(this.#media, mediaOf(track));
  }

  /** The packets of a unit; null when it makes none. */
  publish(unit: SourceUnit): PublishedUnit | null {
    const { kind, pts90k, key } = unit;
    const rtpTimestamp = this.rtpTimestamp(pts90k);
    const bytes = this.#track.kind === 'video' && key ? withParameterSets(this.#track, unit.bytes) : unit.bytes;
    const packets = this.#packetizer.packetizeUnit(bytes, rtpTimestamp);
    const framed = frame(packets, channelOf(this.index));
    if (packets.length === 0) return null;
    const sequence = u16(framed, SEQUENCE_AT);
    this.#nextSequence = (sequence + packets.length) & 0xffff;
    this.#packets += packets.length;
    for (const packet of packets) this.#octets += packet.length - RTP_HEADER_BYTES;
    return { track: this.index, key: key && kind === 'video', sequence, rtpTimestamp, pts90k, framed };
  }

  /** A time of the stream on this track's clock. */
  rtpTimestamp(pts90k: number): number {
    const ticks = Math.round((pts90k * this.#media.clockRate) / 90_000);
    return (((this.#timestampBase + ticks) % WRAP) + WRAP) % WRAP;
  }

  /** A sender report (RFC 3550 section 6.4.1) that ties the time of the stream to the edge's wall clock. */
  report(pts90k: number, wallMs: number): Uint8Array {
    const rtpTimestamp = this.rtpTimestamp(pts90k);
    const counts = { packets: this.#packets >>> 0, octets: this.#octets % WRAP };
    return buildSenderReport({ ssrc: this.#ssrc, unixMs: wallMs, rtpTimestamp, ...counts }, CNAME);
  }

  goodbye(): Uint8Array {
    return buildGoodbye(this.#ssrc);
  }
}

function sameMedia(a: TrackMedia, b: TrackMedia): boolean {
  return a.payloadType === b.payloadType && a.rtpmap === b.rtpmap && a.fmtp === b.fmtp;
}
