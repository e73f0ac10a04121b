import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codecString, parseSps } from '../../../../protocols/h264/sps.ts';
import { header, parseHead, type RtspResponse } from '../../../../protocols/rtsp/message.ts';
import { parseRtpInfo, parseSession } from '../../../../protocols/rtsp/session.ts';
import { parseTransport } from '../../../../protocols/rtsp/transport.ts';
import { findFormat, parameterSets, rtpMapOf, type SdpMedia } from '../../../../protocols/sdp/description.ts';
import { parseSdp } from '../../../../protocols/sdp/parse.ts';
import { corpusUnits, hasCorpus } from '../../../support/corpus.ts';

interface MediaFacts {
  kind: string;
  proto: string;
  payloadTypes: string[];
  rtpmap: Record<string, { encoding: string; clock: number; channels: number | null }>;
  fmtp: Record<string, string>;
  control: string | null;
  direction?: string;
  encoding: string | null;
  clockRate: number | null;
  sps?: SpsFacts & { codec?: string };
}

interface SpsFacts {
  width: number;
  height: number;
  sar?: number[];
  numUnitsInTick?: number;
  timeScale?: number;
}

interface Facts {
  status?: number;
  cseq?: string;
  sessionId?: string;
  sessionTimeout?: number | null;
  interleaved?: number[];
  ssrc?: string;
  'rtp-info'?: string;
  'content-base'?: string;
  sdp?: { medias: MediaFacts[]; sessionName?: string; sessionControl?: string; range?: string };
  statedBySource?: { seq?: number; rtptime?: number | null };
}

function mediaFacts(media: SdpMedia): Omit<MediaFacts, 'sps'> {
  const first = rtpMapOf(media, media.formats[0] ?? '');
  const entries = [...media.rtpmaps].map(([format, { encoding, clockRate, channels }]) => [
    format,
    { encoding, clock: clockRate, channels },
  ]);
  return {
    kind: media.kind,
    proto: media.protocol,
    payloadTypes: [...media.formats],
    rtpmap: Object.fromEntries(entries),
    fmtp: Object.fromEntries(media.fmtps),
    control: media.control,
    ...(media.direction === null ? {} : { direction: media.direction }),
    encoding: first?.encoding ?? null,
    clockRate: first?.clockRate ?? null,
  };
}

function spsFacts(sps: Uint8Array, expected: SpsFacts & { codec?: string }): unknown {
  const parsed = parseSps(sps);
  return {
    codec: codecString(sps),
    width: parsed.width,
    height: parsed.height,
    ...(expected.sar === undefined ? {} : { sar: parsed.sampleAspectRatio }),
    ...(parsed.timing === null
      ? {}
      : { numUnitsInTick: parsed.timing.numUnitsInTick, timeScale: parsed.timing.timeScale }),
  };
}

function checkSdp(text: string, expected: NonNullable<Facts['sdp']>): void {
  const sdp = parseSdp(text);
  expect(sdp.medias.map(mediaFacts)).toEqual(expected.medias.map(({ sps: _, ...facts }) => facts));
  expect([sdp.name, sdp.control, sdp.range]).toEqual([
    expected.sessionName ?? null,
    expected.sessionControl ?? null,
    expected.range ?? null,
  ]);
  for (const [index, media] of sdp.medias.entries()) {
    const facts = expected.medias[index];
    const h264 = findFormat(media, 'H264');
    if (facts?.sps?.codec === undefined || h264 === null) continue;
    const sps = parameterSets(media.fmtps.get(String(h264.payloadType)) ?? '')[0];
    const { context: _, ...known } = facts.sps as SpsFacts & { codec: string; context?: string };
    expect(spsFacts(sps ?? Buffer.alloc(0), known)).toEqual(known);
  }
}

function checkResponse(message: RtspResponse, facts: Facts): void {
  expect(message.status).toBe(facts.status);
  expect(header(message, 'cseq')).toBe(facts.cseq);
  expect(header(message, 'content-base')).toBe(facts['content-base'] ?? null);
  const session = header(message, 'session');
  if (facts.sessionId !== undefined) {
    expect(parseSession(session ?? '')).toEqual({ id: facts.sessionId, timeoutSeconds: facts.sessionTimeout ?? null });
  }
  const transport = parseTransport(header(message, 'transport') ?? '')[0];
  expect(transport?.interleaved ?? undefined).toEqual(facts.interleaved);
  expect(transport?.ssrc ?? null).toBe(facts.ssrc === undefined ? null : Number.parseInt(facts.ssrc, 16));
  if (facts.statedBySource?.seq === undefined) return;
  const [info] = parseRtpInfo(header(message, 'rtp-info') ?? '');
  expect(info).toMatchObject({ seq: facts.statedBySource.seq, rtpTime: facts.statedBySource.rtptime ?? null });
}

describe.skipIf(!hasCorpus)('recorded RTSP', () => {
  for (const unit of corpusUnits('rtsp')) {
    for (const path of unit.files) {
      const facts = unit.expected[basename(path)] as Facts & SpsFacts & { codec?: string; context?: string };
      if (facts === undefined) continue;
      it(`${unit.name}/${basename(path)}`, () => {
        const bytes = readFileSync(path);
        if (path.endsWith('.bin')) {
          const { context: _, ...known } = facts;
          expect(spsFacts(bytes, known)).toEqual(known);
        } else if (path.endsWith('.sdp')) {
          checkSdp(bytes.toString('utf8'), facts.sdp ?? { medias: [] });
        } else {
          const [head = '', ...rest] = bytes.toString('utf8').split(/\r?\n\r?\n/);
          const message = parseHead(head.trimEnd());
          if (message?.kind !== 'response') throw new Error('not read as a response');
          checkResponse(message, facts);
          if (facts.sdp !== undefined) checkSdp(rest.join('\n\n'), facts.sdp);
        }
      });
    }
  }
});
