import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LiveMessage } from '../../contract/live.ts';
import { buildMediaMessage, type MediaMessage, parseMediaMessage } from '../../contract/media-frame.ts';
import { loadMuxer, spawnMpeg1 } from '../../hub/live/mpeg1/mpeg1-process.ts';
import { Mpeg1Streams } from '../../hub/live/mpeg1/mpeg1-streams.ts';
import { Relay } from '../../hub/live/relay.ts';
import { Viewer, type ViewerSocket } from '../../hub/live/viewer.ts';
import { systemClock } from '../../platform/clock.ts';
import { findFfmpeg } from '../../platform/ffmpeg/find.ts';
import { silentLog } from '../../platform/log.ts';
import { type Film, makeFilm } from '../support/encoded-film.ts';
import { hasFfmpeg } from '../support/ffmpeg.ts';
import { waitFor } from '../support/wait.ts';

const LIMITS = {
  ...{ viewers: 10, viewerBufferBytes: 4_000_000, gopBytes: 8_000_000, stalledMs: 30_000, silentMs: 5000 },
  mpeg1Streams: 1,
};

/** An old screen. */
class Screen implements ViewerSocket {
  readonly bufferedAmount = 0;
  readonly texts: LiveMessage[] = [];
  readonly media: MediaMessage[] = [];

  send(data: string | Uint8Array): void {
    if (typeof data === 'string') return void this.texts.push(JSON.parse(data) as LiveMessage);
    const message = parseMediaMessage(data);
    if (message !== null) this.media.push(message);
  }

  terminate(): void {
    throw new Error('the screen was cut off');
  }

  get reasons(): string[] {
    return this.texts.flatMap((text) => (text.type === 'tile' ? [text.reason] : []));
  }

  get transportStream(): Uint8Array {
    return Buffer.concat(this.media.filter(({ type }) => type === 'fragment').map(({ body }) => body));
  }
}

let relay: Relay;
let streams: Mpeg1Streams;
let hasEncoder: boolean;
let starts: number;
let nextViewer: number;

const encoder = () => {
  const [Muxer, program] = [loadMuxer(), findFfmpeg()];
  if (!hasEncoder || Muxer === null || program === null) return null;
  return () => {
    starts += 1;
    return spawnMpeg1(Muxer, program);
  };
};

function children(): string[] {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
}

beforeEach(() => {
  hasEncoder = true;
  starts = 0;
  nextViewer = 1;
  relay = new Relay(LIMITS, { onFlow: () => undefined });
  streams = new Mpeg1Streams({ relay, limits: LIMITS, encoder, clock: systemClock, log: silentLog });
});
afterEach(() => streams.stop());

function open(handle: number): void {
  relay.open({ handle, edgeId: 'north', streamKey: 'cam.main', reason: 'live', sinceMs: 0 }, 0);
}

/** The edge sends a film. */
function send(handle: number, { init, fragments }: Film): void {
  const take = (bytes: Uint8Array): void => relay.take('north', 'cam.main', bytes, Date.now());
  const { codec, width, height } = init;
  const header = { handle, epoch: init.epoch, edgeAtMs: 5000 };
  const description = JSON.stringify({ codec, width, height });
  take(buildMediaMessage({ ...header, type: 'init', key: false, sequence: 0 }, init.bytes, description));
  for (const { key, sequence, bytes } of fragments) {
    take(buildMediaMessage({ ...header, type: 'fragment', key, sequence }, bytes));
  }
}

function watch(handle: number): { screen: Screen; viewer: Viewer } {
  const screen = new Screen();
  const viewer = new Viewer(nextViewer++, screen, LIMITS);
  streams.attach(viewer, {
    ...{ type: 'watching', tile: 'a', handle, deviceId: 'cam', stream: 'main', why: 'transcoded' },
  });
  return { screen, viewer };
}

describe.skipIf(!hasFfmpeg || loadMuxer() === null)('MPEG-1 for old screens', () => {
  test('a camera’s H.265 arrives as MPEG-1 that decodes, and the muxer writes nothing to our output', async () => {
    const film = makeFilm('h265', { seconds: 4, width: 1280, height: 720 });
    const noise = [vi.spyOn(console, 'error'), vi.spyOn(console, 'log'), vi.spyOn(process.stderr, 'write')];
    open(1);
    const { screen } = watch(1);
    send(1, film);
    await waitFor('pictures', () => screen.media.filter(({ key }) => key).length >= 3);
    expect(screen.media[0]).toMatchObject({ type: 'init', description: '{"codec":"mpeg1","width":704,"height":396}' });
    expect(screen.media[1]).toMatchObject({ type: 'fragment', key: true, edgeAtMs: 5000 });
    expect(screen.texts[0]).toMatchObject({ type: 'watching', tile: 'a', handle: screen.media[0]?.handle });
    const args = ['-v', 'error', '-count_frames', '-show_entries', 'stream=codec_name,width,nb_read_frames'];
    const { stdout } = spawnSync('ffprobe', [...args, '-of', 'csv=p=0', 'pipe:0'], { input: screen.transportStream });
    const [codec, width, frames] = String(stdout).trim().split(',');
    expect([codec, width]).toEqual(['mpeg1video', '704']);
    expect(Number.parseInt(frames ?? '', 10)).toBeGreaterThan(50);
    for (const pid of children()) {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('mpeg1video')) process.kill(Number(pid), 'SIGKILL');
    }
    await waitFor('the end to be told', () => screen.reasons.at(-1) === 'no-transcoder');
    for (const spy of noise) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });

  test('one encoder serves all; who comes later begins with a key picture; nobody left: it ends', async () => {
    open(1);
    const first = watch(1);
    send(1, makeFilm('h264', { seconds: 2 }));
    await waitFor('pictures', () => first.screen.media.length > 10);
    const second = watch(1);
    expect(second.screen.media.slice(0, 2)).toMatchObject([{ type: 'init' }, { type: 'fragment', key: true }]);
    expect(starts).toBe(1);
    const before = children().length;
    for (const { viewer } of [first, second]) relay.remove(viewer);
    await waitFor('its end', () => {
      streams.check();
      return streams.size === 0 && children().length < before;
    });
    expect(relay.streams).toBe(1);
  });

  test('more than may be at once wait for a place', async () => {
    open(1);
    open(2);
    const first = watch(1);
    const second = watch(2);
    expect(second.screen.reasons).toEqual(['transcoder-busy']);
    streams.check();
    expect(second.screen.media).toEqual([]);
    relay.detach(first.viewer, 'a');
    streams.check();
    send(2, makeFilm('h264', { seconds: 1 }));
    await waitFor('pictures', () => second.screen.media.some(({ type }) => type === 'init'));
  });

  test('what is no beginning of pictures reaches no encoder, and the tile says so until pictures begin', async () => {
    open(1);
    const { screen } = watch(1);
    const film = makeFilm('h264', { seconds: 1 });
    send(1, { ...film, init: { ...film.init, bytes: Buffer.from('#EXTM3U\nhttp://127.0.0.1:1/\n') } });
    expect(screen.reasons.at(-1)).toBe('unsupported-codec');
    expect(starts).toBe(0);
    send(1, film);
    await waitFor('pictures', () => screen.media.some(({ type }) => type === 'fragment'));
    expect(screen.reasons.at(-1)).toBe('live');
  });

  test('without ffmpeg the tile says so', () => {
    hasEncoder = false;
    open(1);
    const { screen } = watch(1);
    send(1, makeFilm('h264', { seconds: 1 }));
    relay.tell(1, 'live', 0);
    expect(screen.reasons.at(-1)).toBe('no-transcoder');
    expect(screen.media).toEqual([]);
  });

  test('why the camera’s own stream stands still is told as it is', () => {
    open(1);
    const { screen } = watch(1);
    relay.tell(1, 'no-signal', 7);
    expect(screen.texts.at(-1)).toEqual({ type: 'tile', tile: 'a', reason: 'no-signal', sinceMs: 7 });
  });
});
