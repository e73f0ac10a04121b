import { describe, expect, it } from 'vitest';
import type { MediaMessage } from '../../../../contract/media-frame.ts';
import { GopCache } from '../../../../dashboard/src/player/gop-cache.ts';
import { SequenceGate } from '../../../../dashboard/src/player/sequence-gate.ts';

const message = (sequence: number, key = false, epoch = 1, bytes = 1): MediaMessage => ({
  type: 'fragment',
  key,
  handle: 1,
  epoch,
  sequence,
  edgeAtMs: 0,
  description: '',
  body: new Uint8Array(bytes),
});

describe('SequenceGate', () => {
  it('begins with a key frame and goes on without a hole', () => {
    const gate = new SequenceGate();
    gate.open(1);
    const admitted = [message(4), message(5, true), message(6), message(7)].map((each) => gate.admit(each));
    expect(admitted).toEqual([false, true, true, true]);
    expect(gate.lost).toBe(1);
  });

  it('waits for the next key frame after a hole', () => {
    const gate = new SequenceGate();
    gate.open(1);
    gate.admit(message(1, true));
    expect([message(3), message(4), message(5, true), message(6)].map((each) => gate.admit(each))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(gate.lost).toBe(3);
  });

  it('drops what it had already and what belongs to another epoch', () => {
    const gate = new SequenceGate();
    gate.open(2);
    gate.admit(message(10, true, 2));
    gate.admit(message(11, false, 2));
    expect(gate.admit(message(10, true, 2))).toBe(false);
    expect(gate.admit(message(12, false, 1))).toBe(false);
    expect(gate.admit(message(12, false, 2))).toBe(true);
  });

  it('accepts the repeated group of pictures after the decoder was made anew', () => {
    const gate = new SequenceGate();
    gate.open(1);
    gate.admit(message(10, true));
    gate.admit(message(11));
    gate.rewind();
    expect([message(12), message(10, true), message(11), message(12)].map((each) => gate.admit(each))).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });
});

describe('GopCache', () => {
  const init: MediaMessage = { ...message(0), type: 'init' };

  it('replays the init segment and what came since the last key frame', () => {
    const cache = new GopCache();
    for (const each of [init, message(1, true), message(2), message(3, true), message(4)]) cache.take(each);
    expect(cache.replay().map((each) => each.sequence)).toEqual([0, 3, 4]);
  });

  it('is empty after the end and never holds more than it may', () => {
    const cache = new GopCache();
    cache.take(init);
    cache.take(message(1, true, 1, 4_000_000));
    cache.take(message(2, false, 1, 4_000_000));
    expect(cache.replay()).toEqual([init]);
    cache.take({ ...message(3), type: 'end' });
    expect(cache.replay()).toEqual([]);
  });
});
