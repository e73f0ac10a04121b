import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { buildAudioConfig, parseAudioConfig } from '../../../../protocols/aac/audio-config.ts';
import { AacDepacketizer } from '../../../../protocols/aac/depacketizer.ts';
import { type AacFormat, parseAacFormat, ticksPerUnit } from '../../../../protocols/aac/format.ts';
import { AacPacketizer } from '../../../../protocols/aac/packetizer.ts';
import { parseFmtp } from '../../../../protocols/sdp/description.ts';
import { anyPayloads, depacketizerHarness } from '../depacketizer-harness.ts';

const formatOf = (fmtp: string): AacFormat | null => parseAacFormat(parseFmtp(fmtp));
const HBR = 'streamtype=5;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1188';

function harness(fmtp = HBR, clockRate = 48_000, maxBytes?: number) {
  const format = formatOf(fmtp);
  if (format === null) throw new Error('the parameters are not read');
  return depacketizerHarness(
    (sink) => new AacDepacketizer(sink, format, clockRate, maxBytes),
    ({ timestamp, bytes }) => ({ timestamp, text: Buffer.from(bytes).toString('latin1') }),
  );
}

/** A packet in the high bit-rate mode: sizes and index deltas of its headers, then data. */
function hbr(headers: readonly [size: number, delta: number][], data: string): Buffer {
  const bits = headers.flatMap(([size, delta]) => [(size << 3) >> 8, ((size << 3) | delta) & 255]);
  return Buffer.concat([Buffer.of(0, headers.length * 16, ...bits), Buffer.from(data, 'latin1')]);
}

describe('AudioSpecificConfig', () => {
  it.each([
    ['1188', { objectType: 2, sampleRate: 48_000, channels: 1, samplesPerUnit: 1024 }],
    ['1210', { objectType: 2, sampleRate: 44_100, channels: 2 }],
    ['1408', { objectType: 2, sampleRate: 16_000, channels: 1 }],
    ['1490', { objectType: 2, sampleRate: 12_000, channels: 2 }],
    ['118856E500', { objectType: 2, sampleRate: 48_000, channels: 1 }],
    ['2B118800', { objectType: 2, sampleRate: 24_000, outputRate: 48_000, channels: 2 }],
    ['118C', { samplesPerUnit: 960 }],
  ])('%s', (hex, expected) => {
    expect(parseAudioConfig(Buffer.from(hex, 'hex'))).toMatchObject(expected);
  });

  it('is built for any rate and every number of channels that has a code', () => {
    expect(Buffer.from(buildAudioConfig({ sampleRate: 48_000, channels: 1 })).toString('hex')).toBe('1188');
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 192_000 }),
        fc.constantFrom(1, 2, 3, 4, 5, 6, 8),
        (sampleRate, channels) => {
          const config = { sampleRate, channels };
          expect(parseAudioConfig(buildAudioConfig(config))).toMatchObject({
            ...config,
            objectType: 2,
            samplesPerUnit: 1024,
          });
        },
      ),
    );
    expect(() => buildAudioConfig({ sampleRate: 8000, channels: 7 })).toThrow(SharpEyesError);
    expect(() => buildAudioConfig({ sampleRate: 8000, channels: 0 })).toThrow(SharpEyesError);
  });

  it('survives anything', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => void parseAudioConfig(bytes)));
    expect(parseAudioConfig(Buffer.of(0x11))).toBeNull();
  });
});

describe('parameters of the description', () => {
  it('in any case, and by the mode where lengths are left out', () => {
    expect(formatOf('mode=AAC-hbr; config=1388; SizeLength=13; IndexLength=3; IndexDeltaLength=3')).toMatchObject({
      sizeLength: 13,
      indexLength: 3,
    });
    expect(formatOf('mode=AAC-lbr;config=1188')).toMatchObject({ sizeLength: 6, indexLength: 2, indexDeltaLength: 2 });
    expect(formatOf('config=1188')).toMatchObject({ sizeLength: 13 });
  });

  it.each([
    'mode=AAC-hbr',
    'config=',
    'config=xyz',
    'config=118',
    `config=${'11'.repeat(300)}`,
    'config=1188;sizelength=33',
    'config=1188;sizelength=-1',
    'config=1188;sizelength=1e3',
    'config=1188;mode=generic',
    'config=1188;mode=generic;constantsize=99999',
  ])('refuses %s', (fmtp) => {
    expect(formatOf(fmtp)).toBeNull();
  });

  it('say how far apart access units are', () => {
    const ticks = (config: string, clockRate: number): number =>
      ticksPerUnit(formatOf(`config=${config}`) ?? expect.unreachable(), clockRate);
    expect([ticks('1188', 48_000), ticks('2B118800', 48_000), ticks('1408', 90_000)]).toEqual([1024, 2048, 5760]);
  });
});

describe('AAC over RTP', () => {
  it('gives back what went in, at every packet size', () => {
    const unit = fc.uint8Array({ minLength: 1, maxLength: 3000 });
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 6 }), fc.integer({ min: 30, max: 1500 }), (list, mtu) => {
        const { units, depacketizer, feed } = harness();
        const sender = new AacPacketizer({ payloadType: 97, ssrc: 1, mtu, firstSequence: 1 });
        for (const [i, bytes] of list.entries()) for (const p of sender.packetizeUnit(bytes, i * 1024)) feed(p);
        expect(units).toEqual(
          list.map((bytes, i) => ({ timestamp: i * 1024, text: Buffer.from(bytes).toString('latin1') })),
        );
        expect(depacketizer.dropped).toBe(0);
      }),
    );
  });

  it('several access units of a packet have timestamps of their own, also over the wrap and with gaps between', () => {
    const { units, payload } = harness();
    payload(
      hbr(
        [
          [2, 0],
          [3, 0],
          [1, 0],
        ],
        'aabbbc',
      ),
      2 ** 32 - 1024,
    );
    payload(
      hbr(
        [
          [1, 0],
          [1, 2],
        ],
        'xy',
      ),
      5000,
    );
    expect(units).toEqual([
      { timestamp: 2 ** 32 - 1024, text: 'aa' },
      { timestamp: 0, text: 'bbb' },
      { timestamp: 1024, text: 'c' },
      { timestamp: 5000, text: 'x' },
      { timestamp: 5000 + 3 * 1024, text: 'y' },
    ]);
  });

  it('a piece that is missing costs that access unit alone', () => {
    const { units, payload, depacketizer } = harness();
    payload(hbr([[6, 0]], 'abc'), 1, false);
    depacketizer.onGap();
    payload(hbr([[4, 0]], 'def'), 2, false);
    payload(hbr([[4, 0]], 'g'), 2);
    payload(hbr([[9, 0]], 'lost'), 3, false);
    payload(hbr([[2, 0]], 'hi'), 4);
    expect(units.map(({ text }) => text)).toEqual(['defg', 'hi']);
    expect(depacketizer.dropped).toBe(2);
  });

  it('reads other layouts: low bit rate, one size for all, auxiliary data', () => {
    const lbr = harness('mode=AAC-lbr;config=1188');
    lbr.payload(Buffer.concat([Buffer.of(0, 16, (2 << 2) | 0, (3 << 2) | 0), Buffer.from('aabbb')]), 1);
    const constant = harness('mode=generic;constantsize=2;config=1188');
    constant.payload(Buffer.from('aabb'), 1);
    const auxiliary = harness(`${HBR};auxiliarydatasizelength=8`);
    auxiliary.payload(Buffer.concat([hbr([[2, 0]], ''), Buffer.of(16, 9, 9), Buffer.from('aa')]), 1);
    const flags = harness(`${HBR};ctsdeltalength=8;randomaccessindication=1`);
    flags.payload(Buffer.concat([Buffer.of(0, 18, 0, 2 << 3, 0), Buffer.from('aa')]), 1);
    expect([lbr, constant, auxiliary, flags].map(({ units }) => units.map(({ text }) => text))).toEqual([
      ['aa', 'bbb'],
      ['aa', 'bb'],
      ['aa'],
      ['aa'],
    ]);
  });

  it('stays within its bound and survives any payloads in any layout', () => {
    const bounded = harness(HBR, 48_000, 1000);
    for (let i = 0; i < 4; i += 1) bounded.payload(hbr([[5000, 0]], 'x'.repeat(600)), 1, false);
    bounded.payload(hbr([[2, 0]], 'ok'), 2);
    expect(bounded.units.map(({ text }) => text)).toEqual(['ok']);
    const layout = fc.constantFrom(
      HBR,
      'mode=AAC-lbr;config=1188',
      'mode=generic;constantsize=3;config=1188',
      `${HBR};ctsdeltalength=20;dtsdeltalength=3;streamstateindication=4;auxiliarydatasizelength=32`,
      'mode=generic;sizelength=0;constantsize=1;indexlength=0;randomaccessindication=1;config=1188',
    );
    fc.assert(
      fc.property(layout, anyPayloads(fc.uint8Array({ maxLength: 80 }), 40), (fmtp, payloads) => {
        const { units, play } = harness(fmtp, 48_000, 4096);
        play(payloads);
        expect(units.every(({ text }) => text.length > 0 && text.length <= 4096)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
