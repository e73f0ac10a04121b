import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codecString, parseSps } from '../../../../protocols/h264/sps.ts';
import { H265ParameterSets } from '../../../../protocols/h265/parameter-sets.ts';
import { header, parseHead, type RtspResponse } from '../../../../protocols/rtsp/message.ts';
import { parseRtpInfo, parseSession } from '../../../../protocols/rtsp/session.ts';
import { parseTransport } from '../../../../protocols/rtsp/transport.ts';
import {
  findFormat,
  parameterSets,
  parseFmtp,
  rtpMapOf,
  type SdpMedia,
  type SessionDescription,
} from '../../../../protocols/sdp/description.ts';
import { parseSdp } from '../../../../protocols/sdp/parse.ts';
import { type CorpusUnit, corpusUnits, hasCorpus } from '../../../support/corpus.ts';

type Facts = Record<string, unknown>;

/** What `expected.json` says about where a file came from; nothing a parser could find. */
const REMARKS = ['case', 'context', 'note'];
const HEADERS = [
  'cseq',
  'session',
  'transport',
  'rtp-info',
  'range',
  'public',
  'server',
  'content-base',
  'content-type',
];

/** What we find, for exactly the facts that are expected; one that nobody here knows fails the test. */
function finding(expected: Facts, find: (fact: string, value: unknown) => unknown): Facts {
  const entries = Object.entries(expected).map(([fact, value]) => {
    return [fact, REMARKS.includes(fact) ? value : find(fact, value)];
  });
  return Object.fromEntries(entries);
}

const unknownFact = (fact: string): never => expect.unreachable(`nobody checks the fact "${fact}"`);
const hex32 = (value: number | null | undefined): string | null =>
  value === null || value === undefined ? null : value.toString(16).padStart(8, '0');

/** The H.264 or H.265 parameter sets of a section. */
function spsOf(media: SdpMedia): Facts {
  const h264 = findFormat(media, 'H264');
  if (h264 !== null) {
    const [sps] = parameterSets(media.fmtps.get(String(h264.payloadType)) ?? '');
    return sps === undefined ? {} : h264Facts(sps);
  }
  const h265 = findFormat(media, 'H265');
  const fmtp = parseFmtp(media.fmtps.get(String(h265?.payloadType)) ?? '');
  const sets = new H265ParameterSets();
  const added = ['sprop-vps', 'sprop-sps', 'sprop-pps'].map((name) =>
    sets.add(Buffer.from(fmtp.get(name) ?? '', 'base64')),
  );
  const { parameters } = sets;
  if (parameters === null || !added.every(Boolean)) return {};
  const { ptl, width, height } = parameters;
  return { profile: ptl.profile, level: ptl.level / 30, width, height };
}

function h264Facts(sps: Uint8Array): Facts {
  const { width, height, timing, sampleAspectRatio } = parseSps(sps);
  const times = timing === null ? {} : { numUnitsInTick: timing.numUnitsInTick, timeScale: timing.timeScale };
  return { codec: codecString(sps), width, height, sar: sampleAspectRatio, ...times };
}

/** All that is found of a parameter set where facts of one are expected; its aspect only where that is a fact. */
function spsFinding(found: Facts, expected: Facts): Facts {
  const { sar, ...rest } = found;
  const remarks = Object.fromEntries(Object.entries(expected).filter(([fact]) => REMARKS.includes(fact)));
  return { ...rest, ...('sar' in expected ? { sar } : {}), ...remarks };
}

function mediaFinding(media: SdpMedia, expected: Facts): Facts {
  const first = rtpMapOf(media, media.formats[0] ?? '');
  const found: Facts = {
    kind: media.kind,
    proto: media.protocol,
    payloadTypes: [...media.formats],
    rtpmap: Object.fromEntries(
      [...media.rtpmaps].map(([format, { encoding, clockRate, channels }]) => [
        format,
        { encoding, clock: clockRate, channels },
      ]),
    ),
    fmtp: Object.fromEntries(media.fmtps),
    control: media.control,
    encoding: first?.encoding ?? null,
    clockRate: first?.clockRate ?? null,
    ...(media.direction === null ? {} : { direction: media.direction }),
  };
  return 'sps' in expected ? { ...found, sps: spsFinding(spsOf(media), expected['sps'] as Facts) } : found;
}

function sdpFinding(sdp: SessionDescription, expected: Facts): Facts {
  const medias = (expected['medias'] ?? []) as Facts[];
  return {
    medias: sdp.medias.map((media, i) => mediaFinding(media, medias[i] ?? {})),
    ...(sdp.name === null ? {} : { sessionName: sdp.name }),
    ...(sdp.control === null ? {} : { sessionControl: sdp.control }),
    ...(sdp.range === null ? {} : { range: sdp.range }),
  };
}

/** What a source's own tests say about the n-th stream. */
function streamFinding(media: SdpMedia | undefined, expected: Facts): Facts {
  const format = media?.formats[0] ?? '';
  const map = media === undefined ? null : rtpMapOf(media, format);
  const sps = media === undefined ? {} : spsOf(media);
  const ticks = (sps['numUnitsInTick'] as number) * 2;
  const found: Facts = {
    media: media?.kind,
    encoding: map?.encoding.toLowerCase(),
    pt: Number(format),
    clock: map?.clockRate,
    channels: map?.channels,
    codec: sps['codec'],
    dimensions: [sps['width'], sps['height']],
    frameRate: `${ticks}/${sps['timeScale']}`,
  };
  return finding(expected, (fact) => (fact in found ? found[fact] : unknownFact(fact)));
}

function statedFinding(message: RtspResponse, sdp: SessionDescription | null, expected: Facts): Facts {
  const infos = parseRtpInfo(header(message, 'rtp-info') ?? '');
  const transport = parseTransport(header(message, 'transport') ?? '')[0];
  return finding(expected, (fact, value) => {
    if (fact === 'streams') return sdp?.medias.length;
    if (/^\d+$/.test(fact)) return streamFinding(sdp?.medias[Number(fact)], value as Facts);
    if (fact === 'seq') return infos[0]?.seq;
    if (fact === 'rtptime') return infos[0]?.rtpTime;
    if (fact === 'second') return { rtptime: infos[1]?.rtpTime, ssrc: hex32(infos[1]?.ssrc) };
    if (fact === 'channel') return transport?.interleaved?.[0];
    if (fact === 'ssrc') return hex32(transport?.ssrc);
    return unknownFact(fact);
  });
}

function responseFinding(text: string, expected: Facts): Facts {
  const [head = '', ...rest] = text.split(/\r?\n\r?\n/);
  const message = parseHead(head.trimEnd());
  if (message?.kind !== 'response') throw new Error('not read as a response');
  const sdp = 'sdp' in expected ? parseSdp(rest.join('\n\n')) : null;
  const session = parseSession(header(message, 'session') ?? '');
  const transport = parseTransport(header(message, 'transport') ?? '')[0];
  // Fields that a file has and that nobody expected would be a hole in the expectations.
  for (const name of ['session', 'transport', 'rtp-info', 'content-base']) {
    expect(name in expected, name).toBe(header(message, name) !== null);
  }
  return finding(expected, (fact, value) => {
    if (fact === 'status') return message.status;
    if (fact === 'reason') return message.reason;
    if (fact === 'sessionId') return session?.id;
    if (fact === 'sessionTimeout') return session?.timeoutSeconds;
    if (fact === 'interleaved') return transport?.interleaved;
    if (fact === 'ssrc') return hex32(transport?.ssrc)?.toUpperCase();
    if (fact === 'sdp') return sdp === null ? null : sdpFinding(sdp, value as Facts);
    if (fact === 'statedBySource') return statedFinding(message, sdp, value as Facts);
    return HEADERS.includes(fact) ? header(message, fact) : unknownFact(fact);
  });
}

function check(unit: CorpusUnit, file: string, expected: Facts): void {
  const bytes = readFileSync(join(unit.folder, file));
  if (file.endsWith('.bin')) {
    expect(spsFinding(h264Facts(bytes), expected)).toEqual(expected);
  } else if (file.endsWith('.sdp')) {
    const sdp = parseSdp(bytes.toString('utf8'));
    expect(
      finding(expected, (fact, value) => (fact === 'sdp' ? sdpFinding(sdp, value as Facts) : unknownFact(fact))),
    ).toEqual(expected);
  } else {
    expect(responseFinding(bytes.toString('utf8'), expected)).toEqual(expected);
  }
}

describe.skipIf(!hasCorpus)('recorded RTSP: every fact of every expectation', () => {
  for (const unit of corpusUnits('rtsp')) {
    it(`${unit.name} expects something of each of its files`, () => {
      expect(unit.files.map((path) => basename(path)).sort()).toEqual(Object.keys(unit.expected).sort());
    });
    for (const [file, expected] of Object.entries(unit.expected)) {
      it(`${unit.name}/${file}`, () => check(unit, file, expected as Facts));
    }
  }
});
