import { readFileSync } from 'node:fs';
import { buildMediaMessage, buildTimedBody } from '../../../contract/media-frame.ts';
import { buildReceipts } from '../../../contract/receipt.ts';
import { AacPacketizer } from '../../../protocols/aac/packetizer.ts';
import { box } from '../../../protocols/fmp4/box-writer.ts';
import { buildFragment } from '../../../protocols/fmp4/fragment.ts';
import { buildAvcInit, buildHevcInit, buildJpegInit } from '../../../protocols/fmp4/init-segment.ts';
import { G711Packetizer } from '../../../protocols/g711/packetizer.ts';
import { buildAvcC } from '../../../protocols/h264/avcc.ts';
import { joinAvcc } from '../../../protocols/h264/nal.ts';
import { H264Packetizer } from '../../../protocols/h264/packetizer.ts';
import { buildHvcC } from '../../../protocols/h265/hvcc.ts';
import { H265Packetizer } from '../../../protocols/h265/packetizer.ts';
import { JpegPacketizer } from '../../../protocols/mjpeg/packetizer.ts';
import { MetadataPacketizer } from '../../../protocols/onvif-metadata/packetizer.ts';
import type { Packetizer } from '../../../protocols/rtp/depacketizer.ts';
import { buildGoodbye, buildReceiverReport, buildSenderReport } from '../../../protocols/rtp/rtcp.ts';
import { parameterSets, parseFmtp } from '../../../protocols/sdp/description.ts';
import { corpusUnits, hasCorpus } from '../../../tests/support/corpus.ts';
import { furtherSlice, PPS, SPS_180P, SPS_360P, slice } from '../../../tests/support/h264.ts';
import { HEVC_PPS, HEVC_SPS, HEVC_SPS_480P, HEVC_VPS, hevcSlice } from '../../../tests/support/h265.ts';
import { jpegFile } from '../../../tests/support/jpeg.ts';
import { packPackets } from './packets.ts';

/** Inputs that are right, by what they are; hostile ones are made from them. */
export interface Samples {
  /** How many recordings are among them; 0 where the corpus is absent. */
  recorded: number;
  rtsp: Uint8Array[];
  sdp: Uint8Array[];
  sps: Uint8Array[];
  hevcSps: Uint8Array[];
  /** Format parameters of descriptions. */
  fmtp: Uint8Array[];
  rtp: Record<'h264' | 'h265' | 'mjpeg' | 'aac' | 'g711' | 'metadata', Uint8Array[]>;
  rtcp: Uint8Array[];
  jpeg: Uint8Array[];
  init: Uint8Array[];
  fragments: Uint8Array[];
  records: Uint8Array[];
  envelopes: Uint8Array[];
  viewer: Uint8Array[];
}

const AAC_FMTP = 'streamtype=5;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1188';
const SDP = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=camera',
  't=0 0',
  'a=control:*',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  `a=fmtp:96 packetization-mode=1;sprop-parameter-sets=${SPS_360P.toString('base64')},${PPS.toString('base64')}`,
  'a=control:trackID=0',
  'm=audio 0 RTP/AVP 97',
  'a=rtpmap:97 MPEG4-GENERIC/48000/1',
  `a=fmtp:97 ${AAC_FMTP}`,
  'a=control:trackID=1',
  '',
].join('\r\n');
const RTSP = [
  'DESCRIBE rtsp://127.0.0.1/a?b=1 RTSP/1.0\r\nCSeq: 2\r\nAccept: application/sdp\r\n\r\n',
  'RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm="c", nonce="1", qop="auth", algorithm=SHA-256\r\n\r\n',
  'RTSP/1.0 200 OK\r\nCSeq: 4\r\nSession: 7;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=30A98EE7\r\n\r\n',
  'RTSP/1.0 200 OK\r\nCSeq: 5\r\nRTP-Info: url=trackID=0;seq=1;rtptime=2,url=trackID=1;seq=3;rtptime=4\r\n\r\n',
];
const XML = '<tt:MetadataStream xmlns:tt="http://www.onvif.org/ver10/schema"><tt:Event/></tt:MetadataStream>';
const VIEWER = [
  '{"type":"hello","codecs":["h264","h265"]}',
  '{"type":"watch","tile":"a","deviceId":"d","stream":"auto","width":640,"height":360,"priority":5,"audio":true}',
  '{"type":"unwatch","tile":"a"}',
  '{"type":"talk","deviceId":"d"}',
  '{"type":"ping","sentAtMs":5}',
];

/** Own samples, and the recordings where they are. */
export function loadSamples(): Samples {
  const text = (value: string): Buffer => Buffer.from(value);
  const description = `RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: ${SDP.length}\r\n\r\n${SDP}`;
  const samples: Samples = {
    recorded: 0,
    rtsp: [...RTSP.map(text), text(description), text(`${RTSP[2]}$\0\0\x04abcd$\x01\0\x02xy${RTSP[3]}`)],
    sdp: [text(SDP)],
    sps: [SPS_360P, SPS_180P, PPS],
    hevcSps: [HEVC_SPS, HEVC_SPS_480P, HEVC_VPS, HEVC_PPS],
    fmtp: [text(AAC_FMTP)],
    rtp: rtpSamples(),
    rtcp: rtcpSamples(),
    jpeg: [jpegFile(200), jpegFile(2000, 1, { halfHeightChroma: false, restartInterval: 20 })],
    ...mp4Samples(),
    ...envelopeSamples(),
    viewer: VIEWER.map(text),
  };
  addRecordings(samples);
  return samples;
}

function addRecordings(samples: Samples): void {
  if (!hasCorpus) return;
  for (const path of corpusUnits('rtsp').flatMap(({ files }) => files)) {
    const bytes = readFileSync(path);
    samples.recorded += 1;
    if (path.endsWith('.bin')) samples.sps.push(bytes);
    else if (path.endsWith('.sdp')) addDescription(samples, bytes.toString('latin1'));
    else {
      samples.rtsp.push(bytes);
      const body = bytes
        .toString('latin1')
        .split(/\r?\n\r?\n/)
        .slice(1)
        .join('\r\n');
      if (body.includes('v=0')) addDescription(samples, body);
    }
  }
}

function addDescription(samples: Samples, sdp: string): void {
  samples.sdp.push(Buffer.from(sdp, 'latin1'));
  for (const [, fmtp = ''] of sdp.matchAll(/^a=fmtp:\S+ (.*)$/gm)) {
    samples.fmtp.push(Buffer.from(fmtp.trim(), 'latin1'));
    samples.sps.push(...parameterSets(fmtp));
    for (const name of ['sprop-vps', 'sprop-sps', 'sprop-pps']) {
      const set = Buffer.from(parseFmtp(fmtp).get(name) ?? '', 'base64');
      if (set.length > 0) samples.hevcSps.push(set);
    }
  }
}

function rtpSamples(): Samples['rtp'] {
  const options = { payloadType: 96, ssrc: 7, mtu: 400, firstSequence: 65_534 };
  const packed = (packetizer: Packetizer, units: readonly Uint8Array[]): Uint8Array[] => {
    const packets = units.map((unit, i) => packetizer.packetizeUnit(unit, 2 ** 32 - 3600 + i * 3600));
    return [packPackets(packets.flat()), ...packets.map(packPackets)];
  };
  const avc = [
    [SPS_360P, PPS, slice('idr', 900)],
    [slice('delta', 100), furtherSlice('delta', 50)],
    [slice('delta', 20)],
  ];
  const hevc = [
    [HEVC_VPS, HEVC_SPS, HEVC_PPS, hevcSlice('idr', 900)],
    [hevcSlice('delta', 60)],
    [hevcSlice('cra', 30)],
  ];
  const sizes = [Buffer.of(0, SPS_360P.length), SPS_360P, Buffer.of(0, PPS.length), PPS];
  const aggregated = Buffer.concat([Buffer.of(0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7, 24), ...sizes]);
  // JPEG segments in a header extension: a picture of 4096 by 4096 pixels.
  const segments = Buffer.of(0xff, 0xc0, 0, 11, 8, 16, 0, 16, 0, 1, 7, 0x11, 0, 0xff, 0xff, 0xff);
  const rtpHeader = Buffer.of(0x90, 0xe0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7, 0xff, 0xd8, 0, segments.length / 4);
  const extended = Buffer.concat([rtpHeader, segments, Buffer.of(0, 0, 0, 0, 1, 50, 0, 0), Buffer.alloc(40, 1)]);
  return {
    h264: [...packed(new H264Packetizer(options), avc.map(joinAvcc)), packPackets([aggregated])],
    h265: packed(new H265Packetizer(options), hevc.map(joinAvcc)),
    mjpeg: [
      ...packed(new JpegPacketizer(options), [jpegFile(900), jpegFile(100, 1, { restartInterval: 9 })]),
      packPackets([extended]),
    ],
    aac: packed(new AacPacketizer(options), [slice('idr', 900), slice('idr', 20)]),
    g711: packed(new G711Packetizer(options), [slice('idr', 900)]),
    metadata: packed(new MetadataPacketizer(options), [Buffer.from(XML), Buffer.from(XML.repeat(9))]),
  };
}

function rtcpSamples(): Uint8Array[] {
  const sent = { ssrc: 7, unixMs: 1_790_000_000_000, rtpTimestamp: 5, packets: 1, octets: 2 };
  const reception = { fractionLost: 1, totalLost: 2, highestSequence: 3, lastSenderReport: 4, delaySinceReport: 5 };
  const parts = [
    buildSenderReport(sent, 'camera'),
    buildReceiverReport(1, { ssrc: 7, ...reception }, 'edge'),
    buildGoodbye(7),
  ];
  return [...parts, Buffer.concat(parts)];
}

function mp4Samples(): Pick<Samples, 'init' | 'fragments' | 'records'> {
  const size = { width: 640, height: 360 };
  const init = [
    buildAvcInit({ ...size, sampleAspectRatio: [4, 3], sps: [SPS_360P], pps: [PPS] }),
    buildHevcInit({ ...size, vps: [HEVC_VPS], sps: [HEVC_SPS], pps: [HEVC_PPS] }),
    buildJpegInit(size),
  ];
  const fields = { sequence: 1, key: true, decodeTime90k: 5e9, duration90k: 3600, compositionOffset90k: -5 };
  const fragment = buildFragment(fields, joinAvcc([slice('idr', 60), slice('delta', 9)]));
  return {
    init,
    fragments: [fragment, Buffer.concat([...init.slice(0, 1), fragment, box('free', new Uint8Array(9)), fragment])],
    records: [
      buildAvcC([SPS_360P], [PPS]),
      buildHvcC({ vps: [HEVC_VPS], sps: [HEVC_SPS], pps: [HEVC_PPS] }),
      joinAvcc([SPS_360P, PPS]),
    ],
  };
}

function envelopeSamples(): Pick<Samples, 'envelopes'> {
  const header = { key: true, handle: 1, epoch: 2, sequence: 3, edgeAtMs: 1_790_000_000_000 };
  return {
    envelopes: [
      buildMediaMessage(
        { type: 'init', ...header },
        slice('idr', 50),
        '{"codec":"avc1.64001E","width":640,"height":360}',
      ),
      buildMediaMessage({ type: 'fragment', ...header }, slice('idr', 50)),
      buildMediaMessage({ type: 'metadata', ...header }, buildTimedBody(90_000, Buffer.from(XML))),
      buildReceipts({ hubAtMs: header.edgeAtMs, receipts: [header, { ...header, handle: 9 }] }),
    ],
  };
}
