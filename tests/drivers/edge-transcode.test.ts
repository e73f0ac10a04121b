import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { VideoFamily } from '../../edge/media/types.ts';
import { Transcodes } from '../../edge/transcode/transcodes.ts';
import { systemClock } from '../../platform/clock.ts';
import { findFfmpeg } from '../../platform/ffmpeg/find.ts';
import { silentLog } from '../../platform/log.ts';
import { FilmSink, FilmSource, makeFilm } from '../support/encoded-film.ts';
import { countFrames, hasFfmpeg } from '../support/ffmpeg.ts';
import { waitFor } from '../support/wait.ts';

/** Processes of this machine whose parent is this one. */
function children(): number {
  const found = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim();
  return found === '' ? 0 : found.split(' ').length;
}

let folder: string;
let sources: Map<string, FilmSource>;
let transcodes: Transcodes;
let before: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'transcode-'));
  before = children();
  sources = new Map();
  transcodes = new Transcodes({
    open: (deviceId) => source(deviceId).open(),
    program: () => findFfmpeg(),
    config: { transcodes: 2, transcodeWidth: 640, transcodeKbit: 1500 },
    clock: systemClock,
    log: silentLog,
  });
});
afterEach(async () => {
  await transcodes.stop();
  expect(children()).toBe(before);
  rmSync(folder, { recursive: true });
});

function source(deviceId: string): FilmSource {
  const found = sources.get(deviceId) ?? new FilmSource();
  sources.set(deviceId, found);
  return found;
}

async function framesIn(sink: FilmSink): Promise<number> {
  const file = join(folder, 'out.mp4');
  writeFileSync(file, sink.file);
  return countFrames(file);
}

describe.skipIf(!hasFfmpeg)('pictures that are encoded anew', () => {
  test.each<[VideoFamily, number]>([
    ['h265', 0],
    ['h265', 3],
    ['mjpeg', 0],
    ['h264', 0],
  ])('%s (%i B frames): as many come out, as H.264 with the times of the camera', async (family, bFrames) => {
    const film = makeFilm(family, { bFrames });
    const sink = new FilmSink();
    const opened = transcodes.open('cam', 'main');
    opened.subscribe(sink, { withLastGop: true });
    source('cam').give(film.fragments);
    // A decoder that puts frames in order holds the last ones back until more come.
    const expected = film.fragments.length - bFrames;
    await waitFor('the pictures', () => sink.fragments.length >= expected);
    expect(sink.inits).toHaveLength(1);
    expect(sink.inits[0]).toMatchObject({ family: 'h264', codec: expect.stringMatching(/^avc1\./), width: 320 });
    expect(sink.fragments[0]).toMatchObject({ key: true, sequence: 1, compositionOffset90k: 0 });
    const shown = film.fragments
      .map(({ decodeTime90k, compositionOffset90k, edgeAtMs }) => [decodeTime90k + compositionOffset90k, edgeAtMs])
      .sort(([a = 0], [b = 0]) => a - b);
    expect(sink.fragments.map(({ decodeTime90k, edgeAtMs }) => [decodeTime90k, edgeAtMs])).toEqual(
      shown.slice(0, sink.fragments.length),
    );
    expect(await framesIn(sink)).toBe(sink.fragments.length);
    // A further viewer sees a picture at once, at most two seconds old.
    const keys = sink.fragments.filter(({ key }) => key).length;
    expect(keys).toBe(2);
    expect(sink.states).toEqual(['connecting ok', 'live ok']);
  });

  test.each(['skipped', 'decodable'] as const)('times are right where leading pictures are %s', async (leading) => {
    const { fragments } = makeFilm('h265', { bFrames: 3, leading });
    const film = fragments.slice(fragments.findIndex(({ key }, i) => key && i > 0));
    const shownAt = ({ decodeTime90k, compositionOffset90k }: (typeof film)[0]) => decodeTime90k + compositionOffset90k;
    const all = film.map(shownAt);
    const notLeading = all.filter((at) => at >= (all[0] ?? 0));
    expect(notLeading.length).toBeLessThan(all.length);
    const sink = new FilmSink();
    transcodes.open('cam', 'main').subscribe(sink, {});
    source('cam').give(film);
    const shown = (leading === 'skipped' ? notLeading : all).sort((a, b) => a - b);
    // A decoder that puts frames in order holds the last ones back until more come.
    await waitFor('the pictures', () => sink.fragments.length >= shown.length - 4);
    const at = sink.fragments.map(({ decodeTime90k }) => decodeTime90k);
    expect(at).toEqual(shown.slice(0, at.length));
  });

  test('a large picture is made smaller', async () => {
    const sink = new FilmSink();
    transcodes.open('cam', 'main').subscribe(sink, {});
    source('cam').give(makeFilm('h265', { seconds: 1, width: 1280, height: 720 }).fragments);
    await waitFor('pictures', () => sink.fragments.length === 25);
    expect(sink.inits[0]).toMatchObject({ width: 640, height: 360 });
  });

  test('each picture comes out before the next goes in', async () => {
    const sink = new FilmSink();
    transcodes.open('cam', 'main').subscribe(sink, {});
    for (const [i, fragment] of makeFilm('h265', { seconds: 1 }).fragments.entries()) {
      source('cam').give([fragment]);
      await waitFor('its picture', () => sink.fragments.length === i + 1, 10_000, 2);
    }
  });

  test('one encoder serves all who watch a stream; who comes later begins with the last key frame', async () => {
    const [first, second] = [new FilmSink(), new FilmSink()];
    const film = makeFilm('h265', { seconds: 2 });
    transcodes.open('cam', 'main').subscribe(first, { withLastGop: true });
    source('cam').give(film.fragments.slice(0, 30));
    await waitFor('pictures', () => first.fragments.length === 30);
    transcodes.open('cam', 'main').subscribe(second, { withLastGop: true });
    expect(second.fragments.map(({ sequence }) => sequence)).toEqual(first.fragments.map(({ sequence }) => sequence));
    expect([transcodes.running, children() - before, source('cam').users]).toEqual([1, 1, 1]);
  });

  test('the camera’s running group of pictures is used, so that nobody waits for its next key frame', async () => {
    source('cam').give(makeFilm('h265', { seconds: 1 }).fragments.slice(0, 10));
    const sink = new FilmSink();
    transcodes.open('cam', 'main').subscribe(sink, { withLastGop: true });
    await waitFor('pictures', () => sink.fragments.length === 10);
  });

  test('when the camera’s pictures change, the viewers get a new beginning', async () => {
    const sink = new FilmSink();
    transcodes.open('cam', 'main').subscribe(sink, {});
    source('cam').give(makeFilm('h265', { seconds: 1 }).fragments);
    await waitFor('pictures', () => sink.fragments.length === 25);
    const other = makeFilm('h265', { seconds: 1, width: 480, height: 270, epoch: 8, startAt90k: 9_000_000 });
    source('cam').give(other.fragments);
    await waitFor('the new ones', () => sink.fragments.length === 50);
    expect(sink.inits.map(({ width }) => width)).toEqual([320, 480]);
    expect(sink.inits[1]?.epoch).toBeGreaterThan(sink.inits[0]?.epoch ?? 0);
    expect(sink.fragments.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(sink.fragments[25]).toMatchObject({ key: true, decodeTime90k: other.fragments[0]?.decodeTime90k });
  });

  test('more than may be encoded at once are refused, until one is not watched any more', async () => {
    const [a] = ['a', 'b'].map((deviceId) => transcodes.open(deviceId, 'main'));
    expect(() => transcodes.open('c', 'main')).toThrow(expect.objectContaining({ code: 'TRANSCODER_BUSY' }));
    expect(source('c').users).toBe(0);
    transcodes.open('a', 'main').release();
    expect(() => transcodes.open('c', 'main')).toThrow(expect.objectContaining({ code: 'TRANSCODER_BUSY' }));
    a?.release();
    transcodes.open('c', 'main');
    expect([source('a').users, source('c').users]).toEqual([0, 1]);
  });

  test('it ends a while after the last viewer has gone', async () => {
    const opened = transcodes.open('cam', 'main');
    opened.subscribe(new FilmSink(), {});
    source('cam').give(makeFilm('h265', { seconds: 1 }).fragments);
    await waitFor('the encoder', () => children() > before);
    opened.release();
    await waitFor('its end', () => children() === before && source('cam').users === 0);
    expect(transcodes.running).toBe(0);
  });

  test('it ends at once with its device', async () => {
    const sink = new FilmSink();
    transcodes.open('cam', 'main').subscribe(sink, {});
    source('cam').give(makeFilm('h265', { seconds: 1 }).fragments);
    transcodes.endDevice('cam');
    expect([transcodes.running, source('cam').users, source('cam').consumers.size]).toEqual([0, 0, 0]);
    expect(sink.states.at(-1)).toBe('stopped stopped');
  });

  test('an encoder that is killed is started again with the next key frame after a while', async () => {
    const sink = new FilmSink();
    transcodes.open('cam', 'main').subscribe(sink, {});
    const film = makeFilm('h265', { seconds: 1 });
    source('cam').give(film.fragments);
    await waitFor('pictures', () => sink.fragments.length === 25);
    const pid = Number(readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').at(-1));
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toContain('libx264');
    process.kill(pid, 'SIGKILL');
    await waitFor('its end to be noticed', () => sink.states.at(-1) === 'failed ended');
    let round = 0;
    await waitFor('pictures again', () => {
      round += 1;
      const later = makeLater(film.fragments, round);
      source('cam').give(later);
      return sink.states.at(-1) === 'live ok';
    });
    expect(sink.inits.length).toBeGreaterThan(1);
  });
});

function makeLater<T extends { decodeTime90k: number; sequence: number }>(film: readonly T[], rounds: number): T[] {
  return film.map((fragment) => ({
    ...fragment,
    decodeTime90k: fragment.decodeTime90k + rounds * 90_000,
    sequence: fragment.sequence + rounds * film.length,
  }));
}
