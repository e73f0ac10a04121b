import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyRtpHeader, readRtpHeader, writeRtpHeader } from '../../../../protocols/rtp/packet.ts';
import {
  buildGoodbye,
  buildReceiverReport,
  buildSenderReport,
  ntpToUnixMs,
  parseRtcp,
} from '../../../../protocols/rtp/rtcp.ts';
import { SequenceTracker } from '../../../../protocols/rtp/sequence.ts';
import { TimestampUnwrapper } from '../../../../protocols/rtp/timestamp.ts';

describe('RTP header', () => {
  it('comes back as written, at any position', () => {
    const u = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
    fc.assert(
      fc.property(
        u(7),
        fc.boolean(),
        u(16),
        u(32),
        u(32),
        u(5),
        u(8),
        (payloadType, marker, sequence, timestamp, ssrc, at, size) => {
          const bytes = new Uint8Array(at + 12 + size);
          writeRtpHeader(bytes, at, { payloadType, marker, sequence, timestamp, ssrc });
          const header = emptyRtpHeader();
          expect(readRtpHeader(bytes, at, bytes.length, header)).toBe(true);
          expect(header).toEqual({
            payloadType,
            marker,
            sequence,
            timestamp,
            ssrc,
            extensionAt: -1,
            payloadStart: at + 12,
            payloadEnd: bytes.length,
          });
        },
      ),
    );
  });

  it('steps over sources, extension and padding', () => {
    const bytes = Buffer.from(
      'b1600001000000010000000211111111abac0001222222220304050600000004'.replace('00000004', '00000004'),
      'hex',
    );
    const header = emptyRtpHeader();
    expect(readRtpHeader(bytes, 0, bytes.length, header)).toBe(true);
    expect(bytes.subarray(header.payloadStart, header.payloadEnd).toString('hex')).toBe('03040506');
  });

  it.each([
    ['too short', '80600001000000010000'],
    ['version 1', '406000010000000100000002'],
    ['sources beyond the end', '8f6000010000000100000002'],
    ['extension beyond the end', '906000010000000100000002abac0009'],
    ['padding beyond the start', 'a06000010000000100000002ff'],
    ['padding of zero', 'a0600001000000010000000200'],
  ])('refuses %s', (_, hex) => {
    const bytes = Buffer.from(hex, 'hex');
    expect(readRtpHeader(bytes, 0, bytes.length, emptyRtpHeader())).toBe(false);
  });

  it('keeps payloads inside the packet whatever arrives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const header = emptyRtpHeader();
        if (!readRtpHeader(bytes, 0, bytes.length, header)) return;
        expect(header.payloadStart).toBeGreaterThanOrEqual(12);
        expect(header.payloadEnd).toBeGreaterThanOrEqual(header.payloadStart);
        expect(header.payloadEnd).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('RTCP', () => {
  it('reads back a sender report and a goodbye', () => {
    const unixMs = Date.UTC(2026, 10, 22, 12, 0, 0, 250);
    const report = buildSenderReport({ ssrc: 7, unixMs, rtpTimestamp: 90_000, packets: 3, octets: 4000 }, 'cam@1');
    const content = parseRtcp(Buffer.concat([report, buildGoodbye(7)]));
    expect(content.senderReports).toMatchObject([{ ssrc: 7, rtpTimestamp: 90_000, packets: 3, octets: 4000 }]);
    expect(content.goodbyes).toEqual([7]);
    const [first] = content.senderReports;
    expect(first && Math.round(ntpToUnixMs(first))).toBe(unixMs);
  });

  it('builds a receiver report that lays out as RFC 3550 section 6.4.2 says', () => {
    const reception = {
      ssrc: 9,
      fractionLost: 300,
      totalLost: 5,
      highestSequence: 0x1_0002,
      lastSenderReport: 3,
      delaySinceReport: 4,
    };
    const bytes = Buffer.from(buildReceiverReport(1, reception, 'edge'));
    expect(bytes.subarray(0, 32).toString('hex')).toBe(
      '81c900070000000100000009ff000005000100020000000000000003' + '00000004',
    );
    expect(bytes.length % 4).toBe(0);
    expect(bytes.readUInt16BE(34)).toBe((bytes.length - 32) / 4 - 1);
    expect(bytes.subarray(42, 46).toString()).toBe('edge');
    expect(buildReceiverReport(1, null, 'edge')[0]).toBe(0x80);
  });

  it('survives anything', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseRtcp(bytes)),
      { numRuns: 1000 },
    );
  });
});

describe('sequence numbers', () => {
  it('counts exactly what is missing, over wraps', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 65_535 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 3000 }),
        (first, steps) => {
          const tracker = new SequenceTracker();
          let at = first;
          tracker.push(first);
          for (const step of steps) {
            at += step;
            expect(tracker.push(at & 0xffff)).toBe(step === 1 ? 'next' : 'gap');
          }
          expect(tracker.lost).toBe(at - first - steps.length);
          expect(tracker.extendedHighest).toBe(at);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('tells repetition and restart from loss', () => {
    const tracker = new SequenceTracker();
    expect([10, 11, 11, 5, 40_000, 40_001].map((value) => tracker.push(value))).toEqual([
      'next',
      'next',
      'late',
      'late',
      'restart',
      'next',
    ]);
    expect(tracker.lost).toBe(0);
  });
});

it('timestamps unwrap in both directions', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.array(fc.integer({ min: -1_000_000, max: 2_000_000_000 }), { maxLength: 40 }),
      (first, steps) => {
        const unwrapper = new TimestampUnwrapper();
        let value = first;
        expect(unwrapper.unwrap(first)).toBe(first);
        for (const step of steps) {
          value += step;
          expect(unwrapper.unwrap(((value % 2 ** 32) + 2 ** 32) % 2 ** 32)).toBe(value);
        }
      },
    ),
  );
});
