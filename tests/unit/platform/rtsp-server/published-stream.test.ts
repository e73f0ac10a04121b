import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../../platform/log.ts';
import { DEFAULT_RTSP_SERVER_LIMITS } from '../../../../platform/rtsp-server/limits.ts';
import { PublishedStream } from '../../../../platform/rtsp-server/published-stream.ts';
import type { PublishedUnit } from '../../../../platform/rtsp-server/published-unit.ts';
import type { AudioTrack, RtspSource, SourceSink, VideoTrack } from '../../../../platform/rtsp-server/source.ts';
import { WallClockMap } from '../../../../platform/rtsp-server/wall-clock-map.ts';
import { joinAvcc } from '../../../../protocols/h264/nal.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { PPS, SPS_360P, slice } from '../../../support/h264.ts';

const VIDEO: VideoTrack = { kind: 'video', codec: 'h264', parameterSets: [SPS_360P, PPS], width: 640, height: 360 };
const SOUND: AudioTrack = { kind: 'audio', codec: 'pcma', clockRate: 8000, channels: 1, config: new Uint8Array(0) };

function begin(limits = {}) {
  const clock = new FakeClock();
  let sink: SourceSink | null = null;
  let ended = 0;
  const source: RtspSource = {
    subscribe: (given) => {
      sink = given;
      return () => {
        sink = null;
      };
    },
  };
  const onEnd = (): void => {
    ended += 1;
  };
  const all = { ...DEFAULT_RTSP_SERVER_LIMITS, ...limits };
  const stream = new PublishedStream({ limits: all, clock, log: silentLog, onEnd });
  stream.start(source);
  const units: PublishedUnit[] = [];
  const reader = {
    deliver: (unit: PublishedUnit) => void units.push(unit),
    report: () => undefined,
    goodbye: () => undefined,
    end: () => undefined,
  };
  return { clock, stream, source: () => sink, ended: () => ended, units, reader };
}

function video(key: boolean, pts90k: number, bytes = 300) {
  return { kind: 'video', key, bytes: joinAvcc([slice(key ? 'idr' : 'delta', bytes)]), pts90k, edgeAtMs: 0 } as const;
}

describe('a published stream', () => {
  it('waits for the sound that was announced, and no longer than the limit', async () => {
    const { clock, stream, source } = begin();
    source()?.onExpected?.(new Set(['video', 'audio']));
    source()?.onTrack(VIDEO);
    let kinds: string[] = [];
    void stream.tracks().then((tracks) => {
      kinds = tracks.map(({ kind }) => kind);
    });
    await clock.advance(100);
    expect(kinds).toEqual([]);
    source()?.onTrack(SOUND);
    await clock.advance(0);
    expect(kinds).toEqual(['video', 'audio']);

    const other = begin();
    other.source()?.onExpected?.(new Set(['video', 'audio']));
    other.source()?.onTrack(VIDEO);
    await other.clock.advance(DEFAULT_RTSP_SERVER_LIMITS.settleMs);
    expect((await other.stream.tracks()).map(({ kind }) => kind)).toEqual(['video']);
  });

  it('says that no picture came when none did', async () => {
    const { clock, stream, ended } = begin();
    const described = expect(stream.tracks()).rejects.toMatchObject({ code: 'STREAM_SILENT' });
    await clock.advance(DEFAULT_RTSP_SERVER_LIMITS.describeTimeoutMs);
    await described;
    expect(ended()).toBe(1);
  });

  it('gives sound and pictures one clock each, and one time', async () => {
    const { stream, source, units, reader } = begin();
    source()?.onTrack(VIDEO);
    source()?.onExpected?.(new Set(['video', 'audio']));
    source()?.onTrack(SOUND);
    const tracks = await stream.tracks();
    stream.join(reader);
    source()?.onUnit(video(true, 90_000));
    source()?.onUnit({ kind: 'audio', key: true, bytes: new Uint8Array(160), pts90k: 90_000, edgeAtMs: 0 });
    source()?.onUnit(video(false, 180_000));
    source()?.onUnit({ kind: 'audio', key: true, bytes: new Uint8Array(160), pts90k: 91_800, edgeAtMs: 0 });
    const stamps = (track: number): number[] => units.filter((u) => u.track === track).map((u) => u.rtpTimestamp);
    const [v0 = 0, v1 = 0] = stamps(0);
    const [a0 = 0, a1 = 0] = stamps(1);
    expect([(v1 - v0) >>> 0, (a1 - a0) >>> 0]).toEqual([90_000, 160]);
    expect(tracks.map((track) => track.rtpTimestamp(90_000))).toEqual([v0, a0]);
    // 32 bits, whatever the time of the stream is.
    expect(tracks[0]?.rtpTimestamp(2 ** 45)).toBeLessThan(2 ** 32);
  });

  it('keeps the group of pictures within its bound, or not at all', async () => {
    const { stream, source, units, reader } = begin({ gopBytes: 5000 });
    source()?.onExpected?.(new Set(['video']));
    source()?.onTrack(VIDEO);
    await stream.tracks();
    source()?.onUnit(video(true, 0, 1000));
    source()?.onUnit(video(false, 3600, 1000));
    expect(stream.cacheBytes).toBeGreaterThan(2000);
    for (let i = 2; i < 10; i += 1) source()?.onUnit(video(false, i * 3600, 1000));
    expect(stream.cacheBytes).toBe(0);
    stream.join(reader);
    expect(units).toEqual([]);
    source()?.onUnit(video(true, 36_000, 1000));
    expect(units).toHaveLength(1);
  });

  it('is over, and not broken, when a source sends what cannot be published', async () => {
    const { stream, source, ended } = begin();
    const described = expect(stream.tracks()).rejects.toMatchObject({ code: 'STREAM_UNSUPPORTED' });
    source()?.onExpected?.(new Set(['video']));
    source()?.onTrack({ ...VIDEO, parameterSets: [] });
    await described;
    expect([ended(), source()]).toEqual([1, null]);
  });
});

describe('the map to the wall clock', () => {
  it('follows the least late picture, drift and a clock that is set', () => {
    const map = new WallClockMap();
    expect(map.wallMs(0)).toBeNull();
    const at = (second: number, lateMs: number): void => map.add(second * 90_000, 1_000_000 + second * 1000 + lateMs);
    at(0, 50);
    at(1, 10);
    at(2, 90);
    expect(map.wallMs(2 * 90_000)).toBe(1_000_000 + 2000 + 10);
    // The camera's clock is slow: after two windows the new offset holds.
    for (let second = 3; second < 40; second += 1) at(second, 40);
    expect(map.wallMs(40 * 90_000)).toBe(1_000_000 + 40_000 + 40);
    at(41, 3_600_000);
    expect(map.wallMs(41 * 90_000)).toBe(1_000_000 + 41_000 + 3_600_000);
  });
});
