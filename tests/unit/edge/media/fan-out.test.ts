import { describe, expect, it } from 'vitest';
import { FanOut } from '../../../../edge/media/fan-out.ts';
import { GopCache } from '../../../../edge/media/gop-cache.ts';
import type { InitSegment, MediaConsumer, MediaFragment } from '../../../../edge/media/types.ts';
import { RecordingLog } from '../../../support/recording-log.ts';

const init = (epoch: number): InitSegment => ({
  family: 'h264',
  parameterSets: [],
  epoch,
  bytes: new Uint8Array(1),
  codec: 'avc1.64001E',
  width: 2,
  height: 2,
});

function fragment(sequence: number, key: boolean, from = init(1), bytes = 10): MediaFragment {
  return {
    init: from,
    sequence,
    key,
    bytes: new Uint8Array(bytes),
    sampleAt: 0,
    compositionOffset90k: 0,
    decodeTime90k: sequence * 3600,
    duration90k: 3600,
    edgeAtMs: 0,
  };
}

class Recorder implements MediaConsumer {
  readonly seen: string[] = [];
  onInit({ epoch }: InitSegment): void {
    this.seen.push(`init ${epoch}`);
  }
  onFragment({ sequence }: MediaFragment): void {
    this.seen.push(`${sequence}`);
  }
  onState(state: string, reason: string): void {
    this.seen.push(`${state} ${reason}`);
  }
}

describe('FanOut', () => {
  it('starts consumers at a key frame with their init segment', () => {
    const fanOut = new FanOut(new RecordingLog(), 10);
    const recorder = new Recorder();
    const first = init(1);
    fanOut.add(recorder, 'live', 'ok', []);
    for (const [sequence, key] of [
      [1, false],
      [2, true],
      [3, false],
    ] as const)
      fanOut.deliver(fragment(sequence, key, first));
    fanOut.deliver(fragment(4, true, init(2)));
    fanOut.state('failed', 'silent');
    expect(recorder.seen).toEqual(['live ok', 'init 1', '2', '3', 'init 2', '4', 'failed silent']);
  });

  it('hands a backlog over at once and goes on from there', () => {
    const fanOut = new FanOut(new RecordingLog(), 10);
    const recorder = new Recorder();
    const from = init(1);
    fanOut.add(recorder, 'live', 'ok', [fragment(5, true, from), fragment(6, false, from)]);
    expect(recorder.seen).toEqual(['live ok', 'init 1', '5', '6']);
    fanOut.deliver(fragment(7, false, from));
    expect(recorder.seen.at(-1)).toBe('7');
  });

  it.each(['onInit', 'onFragment', 'onState'] as const)(
    'removes and reports a consumer that throws in %s; others go on',
    (method) => {
      const log = new RecordingLog();
      const fanOut = new FanOut(log, 10);
      const [before, bad, after] = [new Recorder(), new Recorder(), new Recorder()];
      fanOut.add(before, 'live', 'ok', []);
      fanOut.add(bad, 'live', 'ok', []);
      fanOut.add(after, 'live', 'ok', []);
      bad[method] = () => {
        throw new Error('broken viewer');
      };
      const from = init(1);
      fanOut.state('live', 'ok');
      fanOut.deliver(fragment(1, true, from));
      fanOut.deliver(fragment(2, false, from));
      for (const recorder of [before, after]) expect(recorder.seen.slice(-3)).toEqual(['init 1', '1', '2']);
      expect([fanOut.size, fanOut.failed, log.entries.length]).toEqual([2, 1, 1]);
      expect(log.entries[0]?.context).toEqual({ error: 'broken viewer' });
    },
  );

  it('lets consumers come and go inside a call', () => {
    const fanOut = new FanOut(new RecordingLog(), 10);
    const late = new Recorder();
    const from = init(1);
    const remove = fanOut.add(
      {
        onInit: () => undefined,
        onFragment: () => {
          remove();
          fanOut.add(late, 'live', 'ok', []);
        },
      },
      'live',
      'ok',
      [],
    );
    fanOut.deliver(fragment(1, true, from));
    fanOut.deliver(fragment(2, true, from));
    expect(late.seen).toEqual(['live ok', 'init 1', '2']);
    expect(fanOut.size).toBe(1);
  });

  it('hands sound on to those who listen, and goes on without one that throws', () => {
    const fanOut = new FanOut(new RecordingLog(), 10);
    const heard: number[] = [];
    const deaf = new Recorder();
    fanOut.add(deaf, 'live', 'ok', []);
    const silent = { onInit: () => undefined, onFragment: () => undefined };
    const broken = (): never => {
      throw new Error('broken ear');
    };
    fanOut.add({ ...silent, onAudio: broken }, 'live', 'ok', []);
    fanOut.add({ ...silent, onAudio: ({ sequence }) => void heard.push(sequence) }, 'live', 'ok', []);
    const about = { codec: 'pcmu', clockRate: 8000, channels: 1, config: new Uint8Array(0) } as const;
    for (const sequence of [1, 2]) {
      fanOut.audio({ init: about, sequence, bytes: new Uint8Array(1), pts90k: 0, samples: 1, edgeAtMs: 0 });
    }
    fanOut.metadata({ bytes: new Uint8Array(1), pts90k: 0, edgeAtMs: 0 });
    expect([heard, fanOut.size, fanOut.failed]).toEqual([[1, 2], 2, 1]);
  });

  it('has a bound', () => {
    const fanOut = new FanOut(new RecordingLog(), 1);
    fanOut.add(new Recorder(), 'live', 'ok', []);
    expect(() => fanOut.add(new Recorder(), 'live', 'ok', [])).toThrow(/at most 1/);
  });
});

describe('GopCache', () => {
  const sequences = (cache: GopCache): number[] => cache.fragments.map(({ sequence }) => sequence);

  it('keeps everything from the last key frame', () => {
    const cache = new GopCache({ gopBytes: 1000, gopFrames: 100 });
    cache.push(fragment(1, false));
    expect(sequences(cache)).toEqual([]);
    for (const [sequence, key] of [
      [2, true],
      [3, false],
      [4, true],
      [5, false],
    ] as const)
      cache.push(fragment(sequence, key));
    expect(sequences(cache)).toEqual([4, 5]);
  });

  it.each([
    ['bytes', { gopBytes: 25, gopFrames: 100 }],
    ['frames', { gopBytes: 1000, gopFrames: 2 }],
  ])('keeps nothing of a group over its bound of %s until the next key frame', (_, limits) => {
    const cache = new GopCache(limits);
    cache.push(fragment(1, true));
    cache.push(fragment(2, false));
    expect(sequences(cache)).toEqual([1, 2]);
    cache.push(fragment(3, false));
    cache.push(fragment(4, false));
    expect(sequences(cache)).toEqual([]);
    cache.push(fragment(5, true));
    expect(sequences(cache)).toEqual([5]);
  });
});
