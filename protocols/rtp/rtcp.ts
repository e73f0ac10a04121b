import { putU32, u16, u32 } from '../big-endian.ts';

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const GOODBYE = 203;
/** Seconds from 1900-01-01 to 1970-01-01. */
const NTP_EPOCH_SECONDS = 2_208_988_800;

/** A sender report's clock pair and counts (RFC 3550 section 6.4.1). */
export interface SenderReport {
  ssrc: number;
  /** NTP time as it stands in the packet. */
  ntpSeconds: number;
  ntpFraction: number;
  rtpTimestamp: number;
  packets: number;
  octets: number;
}

/** What we use of a compound RTCP packet. */
export interface RtcpContent {
  senderReports: SenderReport[];
  /** Sources that said goodbye. */
  goodbyes: number[];
}

/** Reads a compound packet (RFC 3550 section 6.1); stops at the first part that does not fit. */
export function parseRtcp(bytes: Uint8Array): RtcpContent {
  const content: RtcpContent = { senderReports: [], goodbyes: [] };
  let at = 0;
  while (at + 4 <= bytes.length) {
    const first = bytes[at] ?? 0;
    const end = at + 4 + u16(bytes, at + 2) * 4;
    if (first >>> 6 !== 2 || end > bytes.length) break;
    const type = bytes[at + 1];
    if (type === SENDER_REPORT && end - at >= 28) content.senderReports.push(senderReport(bytes, at));
    if (type === GOODBYE) {
      for (let i = 0; i < (first & 0x1f) && at + 8 + i * 4 <= end; i += 1)
        content.goodbyes.push(u32(bytes, at + 4 + i * 4));
    }
    at = end;
  }
  return content;
}

function senderReport(bytes: Uint8Array, at: number): SenderReport {
  return {
    ssrc: u32(bytes, at + 4),
    ntpSeconds: u32(bytes, at + 8),
    ntpFraction: u32(bytes, at + 12),
    rtpTimestamp: u32(bytes, at + 16),
    packets: u32(bytes, at + 20),
    octets: u32(bytes, at + 24),
  };
}

/** Milliseconds since 1970 of a report's NTP time. The sender's clock may be wrong: never trust it blindly. */
export function ntpToUnixMs(report: Pick<SenderReport, 'ntpSeconds' | 'ntpFraction'>): number {
  return (report.ntpSeconds - NTP_EPOCH_SECONDS) * 1000 + (report.ntpFraction * 1000) / 2 ** 32;
}

/** What a receiver tells the sender about one source (RFC 3550 section 6.4.2). */
export interface Reception {
  ssrc: number;
  /** Share lost since the last report, in 1/256. */
  fractionLost: number;
  /** Packets lost in all. */
  totalLost: number;
  /** Highest sequence number with the count of its wraps above. */
  highestSequence: number;
  /** Middle 32 bits of the last sender report's NTP time; 0 when there was none. */
  lastSenderReport: number;
  /** Since that report, in 1/65536 s. */
  delaySinceReport: number;
}

/** A receiver report with a canonical name behind it, as a compound packet has to have (section 6.1). */
export function buildReceiverReport(ourSsrc: number, reception: Reception | null, cname: string): Uint8Array {
  const reportBytes = reception === null ? 8 : 32;
  const bytes = new Uint8Array(reportBytes + sdesBytes(cname));
  writePartHeader(bytes, 0, reception === null ? 0 : 1, RECEIVER_REPORT, reportBytes);
  putU32(bytes, 4, ourSsrc);
  if (reception !== null) {
    const lost = Math.min(Math.max(reception.totalLost, 0), 0x7f_ffff);
    putU32(bytes, 8, reception.ssrc);
    putU32(bytes, 12, (Math.min(255, reception.fractionLost) << 24) | lost);
    putU32(bytes, 16, reception.highestSequence);
    // Interarrival jitter stays 0: over TCP it tells nothing.
    putU32(bytes, 24, reception.lastSenderReport);
    putU32(bytes, 28, reception.delaySinceReport);
  }
  writeSdes(bytes, reportBytes, ourSsrc, cname);
  return bytes;
}

/** A sender report with a canonical name behind it. `unixMs` is the sender's wall clock at `rtpTimestamp`. */
export function buildSenderReport(
  report: { ssrc: number; unixMs: number; rtpTimestamp: number; packets: number; octets: number },
  cname: string,
): Uint8Array {
  const bytes = new Uint8Array(28 + sdesBytes(cname));
  writePartHeader(bytes, 0, 0, SENDER_REPORT, 28);
  putU32(bytes, 4, report.ssrc);
  putU32(bytes, 8, Math.floor(report.unixMs / 1000) + NTP_EPOCH_SECONDS);
  putU32(bytes, 12, Math.floor(((report.unixMs % 1000) / 1000) * 2 ** 32));
  putU32(bytes, 16, report.rtpTimestamp);
  putU32(bytes, 20, report.packets);
  putU32(bytes, 24, report.octets);
  writeSdes(bytes, 28, report.ssrc, cname);
  return bytes;
}

/** A goodbye behind an empty receiver report. */
export function buildGoodbye(ssrc: number): Uint8Array {
  const bytes = new Uint8Array(16);
  writePartHeader(bytes, 0, 0, RECEIVER_REPORT, 8);
  putU32(bytes, 4, ssrc);
  writePartHeader(bytes, 8, 1, GOODBYE, 8);
  putU32(bytes, 12, ssrc);
  return bytes;
}

function writePartHeader(bytes: Uint8Array, at: number, count: number, type: number, length: number): void {
  putU32(bytes, at, ((0x80 | count) << 24) | (type << 16) | (length / 4 - 1));
}

/** Header, source, item header, name, and one to four zeros up to a multiple of four. */
function sdesBytes(cname: string): number {
  return Math.ceil((4 + 4 + 2 + Math.min(255, cname.length) + 1) / 4) * 4;
}

function writeSdes(bytes: Uint8Array, at: number, ssrc: number, cname: string): void {
  const name = Buffer.from(cname.slice(0, 255), 'latin1');
  writePartHeader(bytes, at, 1, SOURCE_DESCRIPTION, sdesBytes(cname));
  putU32(bytes, at + 4, ssrc);
  bytes[at + 8] = 1;
  bytes[at + 9] = name.length;
  bytes.set(name, at + 10);
}
