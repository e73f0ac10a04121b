import { describe, expect, it } from 'vitest';
import { Fragmenter } from '../../../../edge/media/fragmenter.ts';
import type { MediaFragment } from '../../../../edge/media/types.ts';
import { fragments } from '../../../../protocols/fmp4/parse-fragment.ts';
import { parseInit } from '../../../../protocols/fmp4/parse-init.ts';
import { joinAvcc } from '../../../../protocols/h264/nal.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { PPS, SPS_180P, SPS_360P, slice } from '../../../support/h264.ts';
import { h264SpsWithId1 } from '../../../support/second-sps.ts';

function setUp() {
  const clock = new FakeClock(Date.UTC(2026, 10, 22));
  const made: MediaFragment[] = [];
  const fragmenter = new Fragmenter(clock, (fragment) => made.push(fragment));
  let timestamp = 0;
  const frame = (kind: 'idr' | 'delta'): void => {
    timestamp += 3600;
    fragmenter.onAccessUnit({ timestamp, key: kind === 'idr', bytes: joinAvcc([slice(kind)]) });
  };
  return { clock, made, fragmenter, frame };
}

describe('Fragmenter', () => {
  it('makes one fragment per frame with the frame inside, untouched', () => {
    const { made, fragmenter, frame, clock } = setUp();
    fragmenter.beginSession('h264', 90_000);
    fragmenter.onParameterSet(SPS_360P);
    fragmenter.onParameterSet(PPS);
    frame('idr');
    frame('delta');
    expect(made.map(({ key, sequence }) => [key, sequence])).toEqual([
      [true, 1],
      [false, 2],
    ]);
    const [first] = made;
    if (first === undefined) throw new Error('no fragment');
    expect(parseInit(first.init.bytes)).toMatchObject({ width: 640, height: 360, codec: first.init.codec });
    expect(first.init.epoch).toBe(Math.floor(clock.nowMs() / 1000));
    const [parsed] = fragments(first.bytes);
    const [sample] = parsed?.samples ?? [];
    expect(parsed?.decodeTime).toBe(first.decodeTime90k);
    expect(Buffer.from(first.bytes.subarray(sample?.start, sample?.end))).toEqual(
      Buffer.from(joinAvcc([slice('idr')])),
    );
    expect(first.edgeAtMs).toBe(clock.nowMs());
  });

  it('drops and counts frames until parameter sets and a key frame are there', () => {
    const { made, fragmenter, frame } = setUp();
    fragmenter.beginSession('h264', 90_000);
    frame('idr');
    fragmenter.onParameterSet(SPS_360P);
    fragmenter.onParameterSet(PPS);
    frame('delta');
    expect([made.length, fragmenter.dropped]).toEqual([0, 2]);
    frame('idr');
    expect(made).toHaveLength(1);
  });

  it('makes a new epoch at the key frame that changed parameters come with, and for each session', () => {
    const { made, fragmenter, frame } = setUp();
    fragmenter.beginSession('h264', 90_000);
    for (const nal of [SPS_360P, PPS]) fragmenter.onParameterSet(nal);
    frame('idr');
    for (const nal of [SPS_360P, PPS]) fragmenter.onParameterSet(nal);
    frame('idr');
    fragmenter.onParameterSet(SPS_180P);
    frame('delta');
    frame('idr');
    fragmenter.beginSession('h264', 90_000);
    for (const nal of [SPS_180P, PPS]) fragmenter.onParameterSet(nal);
    frame('idr');
    const [a, b, c, d] = made.map(({ init }) => init);
    expect(a).toBe(b);
    expect([a?.width, c?.width, d?.width]).toEqual([640, 320, 320]);
    expect(c?.epoch).toBeGreaterThan(a?.epoch ?? 0);
    expect(d?.epoch).toBeGreaterThan(c?.epoch ?? 0);
    expect(fragmenter.dropped).toBe(1);
    const times = made.map(({ decodeTime90k }) => decodeTime90k);
    expect([...times].sort((x, y) => x - y)).toEqual(times);
  });

  it('begins anew where a camera goes back to a set that it sent before, and not where it repeats several', () => {
    const { made, fragmenter, frame } = setUp();
    const other = h264SpsWithId1(SPS_180P);
    fragmenter.beginSession('h264', 90_000);
    fragmenter.onParameterSet(PPS);
    for (const sps of [SPS_360P, other, SPS_360P]) {
      fragmenter.onParameterSet(sps);
      frame('idr');
    }
    expect(made.map(({ init }) => init.width)).toEqual([640, 320, 640]);
    made.length = 0;
    for (let n = 0; n < 3; n += 1) {
      for (const sps of [SPS_360P, other]) fragmenter.onParameterSet(sps);
      frame('idr');
      frame('delta');
    }
    expect([made.length, made[0]?.init.width, new Set(made.map(({ init }) => init)).size]).toEqual([6, 320, 1]);
  });
});
