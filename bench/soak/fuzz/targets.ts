import { parseViewerMessage } from '../../../contract/live.ts';
import { parseMediaMessage, readTimedBody } from '../../../contract/media-frame.ts';
import { parseReceipts } from '../../../contract/receipt.ts';
import { chooseTracks } from '../../../edge/media/tracks.ts';
import { parseAudioConfig } from '../../../protocols/aac/audio-config.ts';
import { AacDepacketizer } from '../../../protocols/aac/depacketizer.ts';
import { type AacFormat, parseAacFormat } from '../../../protocols/aac/format.ts';
import { fragments, setDecodeTime } from '../../../protocols/fmp4/parse-fragment.ts';
import { parseInit } from '../../../protocols/fmp4/parse-init.ts';
import { G711Depacketizer } from '../../../protocols/g711/depacketizer.ts';
import { parseAvcC } from '../../../protocols/h264/avcc.ts';
import { H264Depacketizer } from '../../../protocols/h264/depacketizer.ts';
import { splitAnnexB, splitAvcc } from '../../../protocols/h264/nal.ts';
import { ParameterSets } from '../../../protocols/h264/parameter-sets.ts';
import { parseSps } from '../../../protocols/h264/sps.ts';
import { H265Depacketizer } from '../../../protocols/h265/depacketizer.ts';
import { parseHvcC } from '../../../protocols/h265/hvcc.ts';
import { H265ParameterSets } from '../../../protocols/h265/parameter-sets.ts';
import { hevcCodecString } from '../../../protocols/h265/profile-tier-level.ts';
import { parseHevcSps } from '../../../protocols/h265/sps.ts';
import { parseChallenges } from '../../../protocols/http-digest/challenge.ts';
import { JpegDepacketizer } from '../../../protocols/mjpeg/depacketizer.ts';
import { JpegPacketizer } from '../../../protocols/mjpeg/packetizer.ts';
import { jpegSize, parseJpeg } from '../../../protocols/mjpeg/parse-jpeg.ts';
import { MetadataDepacketizer } from '../../../protocols/onvif-metadata/depacketizer.ts';
import { emptyRtpHeader, readRtpHeader } from '../../../protocols/rtp/packet.ts';
import { ReorderBuffer } from '../../../protocols/rtp/reorder.ts';
import { parseRtcp } from '../../../protocols/rtp/rtcp.ts';
import { SenderClock } from '../../../protocols/rtp/sender-clock.ts';
import { SequenceTracker } from '../../../protocols/rtp/sequence.ts';
import { headerValues } from '../../../protocols/rtsp/message.ts';
import { RtspParser } from '../../../protocols/rtsp/parser.ts';
import { parseMethods, parseRtpInfo, parseSession } from '../../../protocols/rtsp/session.ts';
import { parseTransport } from '../../../protocols/rtsp/transport.ts';
import { contentBase, parseRtspUrl, resolveControl } from '../../../protocols/rtsp/url.ts';
import { parameterSets, parseFmtp } from '../../../protocols/sdp/description.ts';
import { parseSdp } from '../../../protocols/sdp/parse.ts';
import { depacketizing, orNamedError, unpackPackets } from './packets.ts';
import type { Samples } from './samples.ts';

/** One parser, what it is fed with, and what must hold. */
export interface Target {
  name: string;
  samples: readonly Uint8Array[];
  /** A fresh parser; what it returns takes one input and throws when something does not hold. */
  make(): (input: Uint8Array) => void;
}

const latin1 = (input: Uint8Array): string => Buffer.from(input).toString('latin1');

/** A target without state. */
function plain(name: string, samples: readonly Uint8Array[], run: (input: Uint8Array) => void): Target {
  return { name, samples, make: () => run };
}

/** Every parser of live video. */
export function targets(s: Samples): Target[] {
  const aac = parseAacFormat(parseFmtp('config=1188'));
  const texts = [...s.rtsp, ...s.sdp];
  return [
    { name: 'RTSP parser', samples: s.rtsp, make: rtspParser },
    plain('RTSP headers', texts, rtspHeaders),
    plain('SDP', s.sdp, (input) => orNamedError(() => parseSdp(latin1(input)))),
    plain('SDP to tracks', s.sdp, (input) =>
      orNamedError(() => chooseTracks(parseSdp(latin1(input)), 'rtsp://127.0.0.1/a')),
    ),
    plain('sprop values', s.fmtp, spropValues),
    plain('RTP header', Object.values(s.rtp).flat(), rtpHeader),
    plain('RTCP', s.rtcp, rtcp),
    { name: 'RTP reordering', samples: Object.values(s.rtp).flat(), make: reordering },
    {
      name: 'H.264 payloads',
      samples: s.rtp.h264,
      make: depacketizing((sink, max) => new H264Depacketizer(sink, max), avccHolds),
    },
    {
      name: 'H.265 payloads',
      samples: s.rtp.h265,
      make: depacketizing((sink, max) => new H265Depacketizer(sink, max), avccHolds),
    },
    {
      name: 'H.265 payloads with order numbers',
      samples: s.rtp.h265,
      make: depacketizing((sink, max) => new H265Depacketizer(sink, max, 1), avccHolds),
    },
    {
      name: 'JPEG payloads',
      samples: s.rtp.mjpeg,
      make: depacketizing((sink, maxBytes) => new JpegDepacketizer(sink, { maxBytes }), jpegHolds),
    },
    {
      name: 'AAC payloads',
      samples: s.rtp.aac,
      make: depacketizing((sink, max) => new AacDepacketizer(sink, present(aac), 48_000, max)),
    },
    {
      name: 'G.711 payloads',
      samples: s.rtp.g711,
      make: depacketizing((sink, max) => new G711Depacketizer(sink, max)),
    },
    {
      name: 'metadata payloads',
      samples: s.rtp.metadata,
      make: depacketizing((sink, max) => new MetadataDepacketizer(sink, max)),
    },
    plain('H.264 SPS', s.sps, h264Sps),
    plain('H.265 SPS', s.hevcSps, h265Sps),
    { name: 'parameter sets', samples: [...s.sps, ...s.hevcSps], make: setsInForce },
    plain('decoder records and NAL units', s.records, records),
    plain('JPEG files', s.jpeg, jpegFiles),
    plain('MP4 init segment', s.init, (input) => orNamedError(() => parseInit(input))),
    plain('MP4 fragments', s.fragments, mp4Fragments),
    plain('media envelopes and receipts', s.envelopes, envelopes),
    plain('viewer messages', s.viewer, (input) => void parseViewerMessage(Buffer.from(input).toString())),
  ];
}

function present(format: AacFormat | null): AacFormat {
  if (format === null) throw new Error('the sample of AAC is not read');
  return format;
}

function rtspParser(): (input: Uint8Array) => void {
  return (input) =>
    orNamedError(() => {
      const onInterleaved = (channel: number, bytes: Uint8Array, start: number, end: number): void => {
        if (channel > 255 || start > end || end > bytes.length) throw new Error('a frame outside of its bytes');
      };
      const parser = new RtspParser({ onInterleaved, onMessage: () => undefined });
      // Cut where the input says, so that every place is cut at some time.
      for (let at = 0; at < input.length; ) {
        const end = at + 1 + (((input[at] ?? 0) * 7) % 1500);
        parser.push(input.subarray(at, end));
        at = end;
      }
    });
}

function rtspHeaders(input: Uint8Array): void {
  const text = latin1(input);
  const line = text.slice(0, 2000);
  void [parseSession(line), parseTransport(line), parseRtpInfo(line), parseMethods(line), parseChallenges([line])];
  void resolveControl(line, line.slice(10));
  orNamedError(() => parseRtspUrl(line));
  const headers = new Map([['content-base', [line]]]);
  void contentBase({ kind: 'response', status: 200, reason: '', headers, body: input }, 'rtsp://127.0.0.1/a');
  void headerValues({ headers }, 'content-base');
}

function spropValues(input: Uint8Array): void {
  const text = latin1(input);
  const avc = new ParameterSets();
  for (const nal of parameterSets(text)) avc.add(nal);
  const fmtp = parseFmtp(text);
  const hevc = new H265ParameterSets();
  for (const name of ['sprop-vps', 'sprop-sps', 'sprop-pps']) {
    for (const one of (fmtp.get(name) ?? '').split(',')) hevc.add(Buffer.from(one, 'base64'));
  }
  const format = parseAacFormat(fmtp);
  if (format !== null && !(format.audio.sampleRate > 0 && format.sizeLength <= 32)) throw new Error('a bad format');
}

function rtpHeader(input: Uint8Array): void {
  const header = emptyRtpHeader();
  const tracker = new SequenceTracker();
  for (const { packet } of unpackPackets(input)) {
    if (!readRtpHeader(packet, 0, packet.length, header)) continue;
    if (header.payloadStart > header.payloadEnd || header.payloadEnd > packet.length)
      throw new Error('payload outside');
    tracker.push(header.sequence);
    if (tracker.lostBefore < 0 || tracker.extendedHighest < 0) throw new Error('negative count');
  }
}

function rtcp(input: Uint8Array): void {
  const clock = new SenderClock(90_000);
  const { senderReports, goodbyes } = parseRtcp(input);
  if ((senderReports.length + goodbyes.length) * 4 > input.length) throw new Error('more content than bytes');
  for (const report of senderReports) clock.onReport(report);
  const atMs = clock.unixMsAt(5);
  if (atMs !== null && !Number.isFinite(atMs)) throw new Error('no time');
}

function reordering(): (input: Uint8Array) => void {
  let out = 0;
  const buffer = new ReorderBuffer(() => {
    out += 1;
  }, 64);
  let pushed = 0;
  return (input) => {
    for (const { gap, packet } of unpackPackets(input)) {
      pushed += 1;
      buffer.push(((packet[2] ?? 0) << 8) | (packet[3] ?? 0), packet, pushed);
      if (gap) buffer.flushOlderThan(pushed - 10);
      if (buffer.waiting >= 64 || out > pushed) throw new Error('the buffer does not hold its bounds');
    }
  };
}

/** Length prefixes fill the unit exactly. */
function avccHolds(bytes: Uint8Array): void {
  const sum = splitAvcc(bytes).reduce((total, nal) => total + 4 + nal.length, 0);
  if (sum !== bytes.length) throw new Error(`${bytes.length} bytes hold NAL units of ${sum}`);
}

function jpegHolds(bytes: Uint8Array): void {
  if (parseJpeg(bytes) === null) throw new Error('what was put together is no JPEG file');
}

function h264Sps(input: Uint8Array): void {
  orNamedError(() => {
    const { width, height } = parseSps(input);
    if (!(width > 0 && height > 0 && width <= 16_384 && height <= 16_384)) throw new Error('an impossible size');
  });
}

function h265Sps(input: Uint8Array): void {
  const parsed = parseHevcSps(input);
  if (parsed === null) return;
  const { width, height, maxReorderFrames, ptl } = parsed;
  if (!(width > 0 && height > 0 && width <= 16_384 && height <= 16_384)) throw new Error('an impossible size');
  if (maxReorderFrames > 16 || !/^hvc1\.[A-C]?\d+\.[0-9A-F]+\.[LH]\d+/.test(hevcCodecString(ptl)))
    throw new Error('bad');
}

function setsInForce(): (input: Uint8Array) => void {
  const avc = new ParameterSets();
  const hevc = new H265ParameterSets();
  return (input) => {
    avc.add(input);
    hevc.add(input);
    const lists = [...Object.values(avc.lists()), ...Object.values(hevc.lists())];
    if (lists.some((sets) => sets.length > 16)) throw new Error('more sets than the bound');
  };
}

function records(input: Uint8Array): void {
  orNamedError(() => parseAvcC(input));
  orNamedError(() => parseHvcC(input));
  const views = [...splitAnnexB(input), ...splitAvcc(input), ...splitAvcc(input, 2)];
  if (views.some((view) => view.length === 0 || view.length > input.length)) throw new Error('an impossible unit');
  void parseAudioConfig(input);
}

function jpegFiles(input: Uint8Array): void {
  const picture = parseJpeg(input);
  if (picture !== null && !(picture.scanStart <= picture.scanEnd && picture.scanEnd <= input.length))
    throw new Error('scan');
  void jpegSize(input);
  const options = { payloadType: 26, ssrc: 1, mtu: 400, firstSequence: 1 };
  const packets = new JpegPacketizer(options).packetizeUnit(input, 1);
  if (packets.some((packet) => packet.length > 400)) throw new Error('a packet over its size');
}

function mp4Fragments(input: Uint8Array): void {
  for (const { samples, end } of fragments(input)) {
    if (end > input.length) throw new Error('a fragment outside of its bytes');
    for (const { start, end: sampleEnd } of samples) {
      if (start < 0 || start > sampleEnd || sampleEnd > input.length) throw new Error('a sample outside of its bytes');
    }
  }
  setDecodeTime(Buffer.from(input), 5);
}

function envelopes(input: Uint8Array): void {
  const message = parseMediaMessage(input);
  if (message !== null) void readTimedBody(message.body);
  const receipts = parseReceipts(input);
  if (receipts !== null && receipts.receipts.length * 16 > input.length) throw new Error('more receipts than bytes');
}
