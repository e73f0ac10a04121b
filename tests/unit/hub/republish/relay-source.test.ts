import { describe, expect, it } from 'vitest';
import type { MediaMessage } from '../../../../contract/media-frame.ts';
import { type MediaTap, relaySource } from '../../../../hub/republish/relay-source.ts';
import { silentLog } from '../../../../platform/log.ts';
import type { SourceSink, SourceUnit } from '../../../../platform/rtsp-server/source.ts';
import { box, fullBox, u32s } from '../../../../protocols/fmp4/box-writer.ts';
import { buildFragment } from '../../../../protocols/fmp4/fragment.ts';
import { buildAvcInit } from '../../../../protocols/fmp4/init-segment.ts';
import { joinAvcc } from '../../../../protocols/h264/nal.ts';
import { PPS, SPS_360P, slice } from '../../../support/h264.ts';

const INIT = buildAvcInit({ width: 640, height: 360, sampleAspectRatio: [1, 1], sps: [SPS_360P], pps: [PPS] });
const PICTURE = joinAvcc([slice('idr')]);

function begin(kept: readonly MediaMessage[] = []) {
  let tap: MediaTap | null = null;
  const units: SourceUnit[] = [];
  let ends = 0;
  const sink: SourceSink = {
    onTrack: () => undefined,
    onUnit: (unit) => void units.push(unit),
    onEnd: () => {
      ends += 1;
    },
  };
  const source = relaySource(
    (given) => {
      for (const each of kept) given.onMessage(each);
      tap = given;
      return () => undefined;
    },
    null,
    silentLog,
  );
  source.subscribe(sink);
  return { units, ends: () => ends, take: (each: MediaMessage) => tap?.onMessage(each) };
}

function message(type: MediaMessage['type'], body: Uint8Array, more: Partial<MediaMessage> = {}): MediaMessage {
  return { type, key: true, handle: 1, epoch: 1, sequence: 0, edgeAtMs: 0, description: '', body, ...more };
}

function picture(sequence: number): Uint8Array {
  const times = { decodeTime90k: sequence * 3600, duration90k: 3600, compositionOffset90k: 0 };
  return buildFragment({ sequence, key: true, ...times }, PICTURE);
}

/** A fragment with so many samples of one byte. */
function samples(count: number): Uint8Array {
  const moof = (size: number): Uint8Array =>
    box(
      'moof',
      fullBox('mfhd', 0, 0, u32s(1)),
      box(
        'traf',
        fullBox('tfhd', 0, 0x02_0010, u32s(1, 1)),
        fullBox('tfdt', 0, 0, u32s(0)),
        fullBox('trun', 0, 1, u32s(count, size + 8)),
      ),
    );
  return Buffer.concat([moof(moof(0).length), box('mdat', new Uint8Array(count))]);
}

describe('what an edge sends, as readers get it', () => {
  it('is the picture of each message', () => {
    const { units, take } = begin([message('init', INIT), message('fragment', picture(0))]);
    take(message('fragment', picture(1), { sequence: 1 }));
    expect(units.map(({ pts90k, bytes }) => [pts90k, Buffer.compare(bytes, PICTURE)])).toEqual([
      [0, 0],
      [3600, 0],
    ]);
  });

  it.each([
    ['among what is kept', true],
    ['later', false],
  ])('ends for its readers, and for nobody else, with a damaged init segment %s', (_, isKept) => {
    const damaged = message('init', INIT.subarray(0, 40));
    const { ends, take } = begin(isKept ? [damaged] : [message('init', INIT)]);
    if (!isKept) take(damaged);
    expect(ends()).toBe(1);
  });

  it('is one fragment of a message, however many it holds', () => {
    const { units } = begin([
      message('init', INIT),
      message('fragment', Buffer.concat([picture(0), picture(1), picture(2)])),
    ]);
    expect(units).toHaveLength(1);
  });

  it('is no fragment with thousands of samples, and nothing before the next key frame then', () => {
    const { units, take } = begin([message('init', INIT), message('fragment', samples(513))]);
    take(message('fragment', picture(1), { sequence: 1, key: false }));
    expect(units).toHaveLength(0);
    take(message('fragment', samples(512), { sequence: 2 }));
    expect(units).toHaveLength(512);
  });
});
