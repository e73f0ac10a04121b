import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import type { InitSegment, MediaFragment } from '../../../../edge/media/types.ts';
import { Encoder } from '../../../../edge/transcode/encoder.ts';
import { Transcodes } from '../../../../edge/transcode/transcodes.ts';
import { silentLog } from '../../../../platform/log.ts';
import { FilmSink, FilmSource } from '../../../support/encoded-film.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { waitFor } from '../../../support/wait.ts';

const INIT: InitSegment = {
  ...{ family: 'h265', parameterSets: [], epoch: 1, codec: 'hvc1.1.6.L93.B0', width: 640, height: 360 },
  bytes: new Uint8Array(100),
};

let folder: string;
let clock: FakeClock;
let source: FilmSource;
let transcodes: Transcodes;
let program: string | null;
let sequence: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'encoder-'));
  clock = new FakeClock();
  source = new FilmSource('sub');
  sequence = 0;
  transcodes = new Transcodes({
    open: () => source.open(),
    program: () => program,
    config: { transcodes: 1, transcodeWidth: 1280, transcodeKbit: 1500 },
    ...{ clock, log: silentLog },
  });
});
afterEach(async () => {
  await transcodes.stop();
  rmSync(folder, { recursive: true });
  expect(clock.timers).toBe(0);
});

/** An encoder that is a shell script. */
function encoder(script: string): void {
  program = join(folder, 'ffmpeg');
  writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function keyFrame(bytes = 1000): MediaFragment {
  sequence += 1;
  const times = { decodeTime90k: sequence * 3600, compositionOffset90k: 0, duration90k: 3600, edgeAtMs: sequence };
  return { init: INIT, sequence, key: true, bytes: new Uint8Array(bytes), sampleAt: 112, ...times };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function watch(): FilmSink {
  const sink = new FilmSink();
  transcodes.open('cam', 'sub').subscribe(sink, {});
  return sink;
}

test('without ffmpeg it is refused, and the camera is let go', () => {
  program = null;
  expect(() => transcodes.open('cam', 'sub')).toThrow(expect.objectContaining({ code: 'TRANSCODER_MISSING' }));
  expect(source.users).toBe(0);
});

test('what is opened is named as the camera’s stream that there is', () => {
  encoder('exec cat >/dev/null');
  expect(transcodes.open('cam', 'main').stream).toBe('sub');
});

describe('an encoder', () => {
  test('that ends at once is started with growing waits; the third time viewers are told that it does not work', async () => {
    encoder('exit 1');
    const sink = watch();
    for (const expected of ['failed ended', 'failed transcoder-failed']) {
      await waitFor(expected, async () => {
        source.give([keyFrame()]);
        await clock.advance(2000);
        return sink.states.at(-1) === expected;
      });
    }
    expect(sink.fragments).toEqual([]);
  });

  test('is not started again before its wait is over', async () => {
    encoder('echo x >> "$(dirname "$0")/starts"; exit 1');
    const sink = watch();
    source.give([keyFrame()]);
    await waitFor('its end', () => sink.states.at(-1) === 'failed ended');
    rmSync(join(folder, 'starts'));
    source.give([keyFrame(), keyFrame()]);
    expect(sink.states.at(-1)).toBe('failed ended');
    expect(() => rmSync(join(folder, 'starts'))).toThrow();
  });

  test('that cannot be started at all counts as one that ends', async () => {
    program = join(folder, 'nowhere');
    const sink = watch();
    source.give([keyFrame()]);
    await waitFor('the failure', () => sink.states.at(-1) === 'failed ended');
  });

  test('whose start fails with an exception counts as one that ends', async () => {
    program = '/nowhere\0';
    const sink = watch();
    source.give([keyFrame()]);
    expect(sink.states).toEqual(['connecting ok']);
    await waitFor('the failure', () => sink.states.at(-1) === 'failed ended');
    await waitFor('another attempt', async () => {
      source.give([keyFrame()]);
      await clock.advance(2000);
      return sink.states.at(-1) === 'failed transcoder-failed';
    });
  });

  test('that takes pictures and gives none is ended after ten seconds', async () => {
    encoder('exec cat >/dev/null');
    const sink = watch();
    source.give([keyFrame()]);
    await clock.advance(9000);
    expect(sink.states).toEqual(['connecting ok']);
    await clock.advance(2000);
    await waitFor('its end', () => sink.states.at(-1) === 'failed ended');
  });

  test('that writes what is no FLV is ended', async () => {
    encoder('echo this is not a film; exec cat >/dev/null');
    const sink = watch();
    source.give([keyFrame()]);
    await waitFor('its end', () => sink.states.at(-1) === 'failed ended');
  });

  test('that takes nothing holds up nobody: pictures are skipped', async () => {
    encoder('exec sleep 1000');
    const nothing = (): void => undefined;
    const stuck = new Encoder({
      ...{ program: program ?? '', init: INIT, maxWidth: 1280, kbitPer720p: 1500, clock, log: silentLog },
      ...{ onInit: nothing, onPicture: nothing, onEnd: nothing },
    });
    stuck.start();
    for (let i = 0; i < 200; i++) stuck.feed(keyFrame(500_000));
    // 2 MB wait, and one picture more that came while there was room.
    expect(stuck.skipped).toBeGreaterThanOrEqual(200 - 6);
    await stuck.stop();
  });
});

test('a camera with no room for one more consumer leaves nothing behind', () => {
  encoder('exec cat >/dev/null');
  const full = new Transcodes({
    open: () => ({
      ...source.open(),
      subscribe: () => {
        throw new SharpEyesError('LIMIT_REACHED', 'a stream has at most so many consumers');
      },
    }),
    program: () => program,
    config: { transcodes: 1, transcodeWidth: 1280, transcodeKbit: 1500 },
    ...{ clock, log: silentLog },
  });
  for (let i = 0; i < 2; i++) {
    expect(() => full.open('cam', 'sub')).toThrow(expect.objectContaining({ code: 'LIMIT_REACHED' }));
    expect([full.running, source.users]).toEqual([0, 0]);
  }
});

test('the encoder ends with the camera’s pictures, and what ails the camera stays what is told', async () => {
  encoder('echo $$ > "$(dirname "$0")/pid"; exec cat >/dev/null');
  const sink = watch();
  source.give([keyFrame()]);
  const pid = await waitFor('the encoder', () => Number(readFileSync(join(folder, 'pid'), 'utf8')));
  source.say('failed', 'unreachable');
  await waitFor('its end', () => !isRunning(pid));
  await clock.advance(15_000);
  expect(sink.states).toEqual(['connecting ok', 'failed unreachable']);
  rmSync(join(folder, 'pid'));
  source.say('live', 'ok');
  source.give([keyFrame()]);
  await waitFor('another one', () => Number(readFileSync(join(folder, 'pid'), 'utf8')));
});

test('what ails the camera is told as it is', () => {
  encoder('exec cat >/dev/null');
  const sink = watch();
  source.say('failed', 'unreachable');
  expect(sink.states).toEqual(['connecting ok', 'failed unreachable']);
});

test('sound goes by untouched', () => {
  encoder('exec cat >/dev/null');
  const heard: unknown[] = [];
  transcodes.open('cam', 'sub').subscribe(
    {
      ...{ onInit: () => undefined, onFragment: () => undefined, onAudio: (frame) => heard.push(frame) },
    },
    {},
  );
  const init = { codec: 'pcmu', clockRate: 8000, channels: 1, config: new Uint8Array(0) } as const;
  const frame = { init, sequence: 1, bytes: new Uint8Array(160), pts90k: 5, samples: 160, edgeAtMs: 9 };
  for (const consumer of source.consumers) consumer.onAudio?.(frame);
  expect(heard).toEqual([frame]);
});
