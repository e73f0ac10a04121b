import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLIPS_FOLDER, type Clip, type ClipStream, readClipCatalog } from '../../../demo/clips/catalog.ts';

const TOTAL_BYTES_MAX = 6_000_000;
const SNAPSHOT_BYTES_MAX = 60_000;
const SLICE = 1;
const IDR = 5;
const SPS = 7;
const PPS = 8;

interface Unit {
  type: number;
  payload: Buffer;
}

/** Splits an Annex B stream at its start codes (H.264 Annex B.1). */
function unitsOf(stream: Buffer): Unit[] {
  const starts: number[] = [];
  for (let at = stream.indexOf('000001', 0, 'hex'); at >= 0; at = stream.indexOf('000001', at + 3, 'hex')) {
    starts.push(at + 3);
  }
  return starts.map((start, index) => {
    const next = starts[index + 1];
    let end = next === undefined ? stream.length : next - 3;
    while (end > start && stream[end - 1] === 0) end -= 1;
    return { type: (stream[start] ?? 0) & 31, payload: stream.subarray(start, end) };
  });
}

/** Whether a slice opens a picture: first_mb_in_slice is 0, coded as a single 1 bit (H.264 7.3.3). */
function opensPicture({ type, payload }: Unit): boolean {
  return (type === SLICE || type === IDR) && ((payload[1] ?? 0) & 0x80) !== 0;
}

function load(file: string): Buffer {
  return readFileSync(join(CLIPS_FOLDER, file));
}

const { clips } = readClipCatalog();
const streams = clips.flatMap((clip: Clip): [string, ClipStream][] => [
  [clip.main.file, clip.main],
  [clip.sub.file, clip.sub],
]);

describe('clips of the virtual township', () => {
  it('shows at least nine places, each with its own id and both titles', () => {
    expect(clips.length).toBeGreaterThanOrEqual(9);
    expect(new Set(clips.map(({ id }) => id)).size).toBe(clips.length);
    for (const { titleZh, titleEn } of clips) {
      expect(titleZh).toMatch(/\p{Script=Han}/u);
      expect(titleEn).toMatch(/^[\w .-]+$/);
    }
  });

  it('lists every stream and snapshot in the folder, with its true size', () => {
    const listed = clips.flatMap(({ main, sub, snapshot }) => [main, sub, snapshot]);
    const present = readdirSync(CLIPS_FOLDER).filter((name) => name.endsWith('.h264') || name.endsWith('.jpg'));
    expect(listed.map(({ file }) => file).sort()).toEqual(present.sort());
    for (const { file, bytes } of listed)
      expect([file, statSync(join(CLIPS_FOLDER, file)).size]).toEqual([file, bytes]);
  });

  it('stays below six megabytes in all', () => {
    const bytes = clips.reduce((sum, { main, sub, snapshot }) => sum + main.bytes + sub.bytes + snapshot.bytes, 0);
    expect(bytes).toBeLessThan(TOTAL_BYTES_MAX);
  });

  it.each(clips.map((clip): [string, Clip] => [clip.id, clip]))('%s lasts as long in both streams', (_id, clip) => {
    for (const { frames, fpsNum, fpsDen } of [clip.main, clip.sub]) {
      expect((frames * fpsDen) / fpsNum).toBe(clip.durationSeconds);
    }
    expect([clip.main.width, clip.main.height, clip.main.fpsNum / clip.main.fpsDen]).toEqual([1280, 720, 25]);
    expect([clip.sub.width, clip.sub.height, clip.sub.fpsNum / clip.sub.fpsDen]).toEqual([640, 360, 12.5]);
  });

  it.each(streams)('%s holds one slice per listed frame and nothing but parameter sets beside', (file, stream) => {
    const units = unitsOf(load(file));
    const pictures = units.filter(opensPicture);
    expect(pictures).toHaveLength(stream.frames);
    expect(units.filter(({ type }) => type === SLICE || type === IDR)).toHaveLength(stream.frames);
    expect(new Set(units.map(({ type }) => type))).toEqual(new Set([SPS, PPS, IDR, SLICE]));
  });

  it.each(streams)('%s opens every group of pictures with SPS, PPS and IDR, and only those', (file, stream) => {
    const units = unitsOf(load(file));
    expect(units.slice(0, 3).map(({ type }) => type)).toEqual([SPS, PPS, IDR]);
    const pictures = units.filter(opensPicture);
    pictures.forEach(({ type }, frame) => {
      expect([frame, type]).toEqual([frame, frame % stream.gopFrames === 0 ? IDR : SLICE]);
    });
    units.forEach(({ type }, index) => {
      if (type === IDR) expect([units[index - 2]?.type, units[index - 1]?.type]).toEqual([SPS, PPS]);
    });
    expect(stream.gopFrames * stream.fpsDen).toBe(2 * stream.fpsNum);
  });

  it.each(streams)('%s is Main profile, level 3.1 at most', (file) => {
    const sps = unitsOf(load(file))[0]?.payload;
    expect(sps?.[1]).toBe(77);
    expect(sps?.[3]).toBeLessThanOrEqual(31);
  });

  it.each(clips.map((clip): [string, Clip] => [clip.snapshot.file, clip]))('%s is a JPEG below 60 kB', (file, clip) => {
    const jpeg = load(file);
    expect(jpeg.subarray(0, 3).toString('hex')).toBe('ffd8ff');
    expect(jpeg.subarray(-2).toString('hex')).toBe('ffd9');
    expect(clip.snapshot.bytes).toBeLessThan(SNAPSHOT_BYTES_MAX);
  });
});
