import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeDigests } from '../../../../evidence/digest-node.ts';
import { recordedHash } from '../../../../evidence/package/recorded-segment.ts';
import { type MeasuredPart, measureClip, writeLook } from '../../../../hub/footage/clip/cut-clip.ts';
import { partContent } from '../../../../hub/footage/clip/part-content.ts';
import type { LocalSegmentFile } from '../../../../hub/footage/ports.ts';
import { boxes } from '../../../../protocols/fmp4/box-reader.ts';
import { type Fragment, fragments } from '../../../../protocols/fmp4/parse-fragment.ts';
import { parseInit } from '../../../../protocols/fmp4/parse-init.ts';
import { type RecordingPlan, recordSegments, saveSegments } from '../../../support/recorded-segments.ts';

const folder = mkdtempSync(join(tmpdir(), 'clip-'));
afterAll(() => rmSync(folder, { recursive: true }));

const START = Date.UTC(2026, 4, 1, 8);
let runs = 0;

type Parts = MeasuredPart['plan'][];

interface Clip {
  parts: Parts;
  measured: MeasuredPart[];
  segments: LocalSegmentFile[];
  recorded: ReturnType<typeof recordSegments>;
}

function clip(plan: Partial<RecordingPlan>, fromMs: number, toMs: number): Clip {
  const own = join(folder, String(++runs));
  mkdirSync(own);
  const recorded = recordSegments({ startAtMs: START, segments: 5, ...plan });
  const segments = saveSegments(own, recorded);
  const range = { fromMs: START + fromMs, toMs: START + toMs, joinHoles: false };
  const measured = measureClip({ ...range, segments }, () => undefined);
  return { parts: measured.map((part) => part.plan), measured, segments, recorded };
}

function read({ parts, segments }: Clip, at = 0): { bytes: Buffer; fragments: Fragment[] } {
  const part = parts[at];
  if (part === undefined) throw new Error('there is no such part');
  const bytes = Buffer.concat(Array.from(partContent(part, segments), (chunk) => chunk.bytes.slice()));
  return { bytes, fragments: [...fragments(bytes, parseInit(bytes).bytes)] };
}

describe('a clip out of segments', () => {
  it('begins at the key frame at or before the mark, at time 0, and ends before the end mark', () => {
    // Key frames at 0, 2, 4, 6 … s.
    const cut = clip({}, 5100, 9000);
    const { fragments: found } = read(cut);
    expect(cut.parts).toHaveLength(1);
    expect(cut.parts[0]).toMatchObject({
      reason: 'asked',
      edgeStartAtMs: START + 4000,
      edgeEndAtMs: START + 9000,
      frames: 125,
      keyFrames: 3,
      track: { codec: 'avc1.64001E', width: 640, height: 360 },
    });
    expect(found.map((fragment) => fragment.decodeTime)).toEqual(Array.from({ length: 125 }, (_, at) => at * 3600));
    expect(found[0]?.samples[0]?.key).toBe(true);
  });

  it('begins exactly at a key frame that is the mark', () => {
    expect(clip({}, 6000, 8000).parts).toMatchObject([{ edgeStartAtMs: START + 6000, frames: 50 }]);
  });

  it('takes everything when the range is wider than the footage, and nothing when it is outside', () => {
    expect(clip({}, -60_000, 600_000).parts).toMatchObject([
      { edgeStartAtMs: START, edgeEndAtMs: START + 20_000, frames: 500 },
    ]);
    expect(clip({}, 20_000, 30_000).parts).toEqual([]);
    expect(clip({}, -20_000, 0).parts).toEqual([]);
  });

  it('leaves the data of every frame as it was', () => {
    const cut = clip({}, 4000, 12_000);
    const { recorded } = cut;
    const { bytes, fragments: found } = read(cut);
    const expected = [recorded[1], recorded[2]].flatMap((segment) => {
      const original = segment?.bytes ?? new Uint8Array();
      return [...fragments(original)].map(({ samples: [sample] }) =>
        Buffer.from(original.slice(sample?.start, sample?.end)).toString('hex'),
      );
    });
    expect(found.map(({ samples: [sample] }) => bytes.toString('hex', sample?.start, sample?.end))).toEqual(expected);
  });

  it('has an index that says the duration and points at key frames', () => {
    const { bytes, fragments: found } = read(clip({}, 4000, 13_000));
    const sidx = [...boxes(bytes)].find((box) => box.type === 'sidx');
    if (sidx === undefined) throw new Error('no index');
    const count = bytes.readUInt16BE(sidx.bodyStart + 30);
    expect(count).toBe(5);
    let at = sidx.end;
    let time = 0;
    for (let index = 0; index < count; index++) {
      const entry = sidx.bodyStart + 32 + index * 12;
      const fragment = found.find((candidate) => candidate.start === at);
      expect(fragment).toMatchObject({ decodeTime: time, samples: [{ key: true }] });
      at += bytes.readUInt32BE(entry);
      time += bytes.readUInt32BE(entry + 4);
    }
    expect(at).toBe(bytes.length);
    expect(time).toBe(9 * 90_000);
  });

  it('knows size, hashes and marks of what it wrote', () => {
    const cut = clip({}, 4000, 12_000);
    const { bytes } = read(cut);
    const [part] = cut.measured;
    const hash = (piece: Uint8Array): string => createHash('sha256').update(piece).digest('hex');
    expect(part).toMatchObject({ bytes: bytes.length, sha256: hash(bytes), crc32: nodeDigests.crc32(bytes) });
    const marks = part?.marks ?? [];
    expect(marks.map((mark) => mark.edgeAtMs)).toEqual(Array.from({ length: 8 }, (_, at) => START + 4000 + at * 1000));
    for (const [index, mark] of marks.entries()) {
      expect(hash(bytes.subarray(mark.offset, marks[index + 1]?.offset))).toBe(mark.sha256);
    }
  });

  it('can be turned back into the recorded segments, bit for bit', async () => {
    const cut = clip({}, 2500, 18_000);
    const [part] = cut.measured;
    const { bytes } = read(cut);
    if (part === undefined) throw new Error('there is no part');
    expect(part.plan.pieces.map((piece) => [piece.segment, piece.whole])).toEqual([
      [0, false],
      [1, true],
      [2, true],
      [3, true],
      [4, false],
    ]);
    const source = {
      size: bytes.length,
      read: async (offset: number, length: number) => bytes.subarray(offset, offset + length),
    };
    for (const [index, { segment, whole, decodeTimeShift }] of part.plan.pieces.entries()) {
      const { offset = 0, bytes: length = 0 } = part.placed[index] ?? {};
      const piece = { sequence: segment, offset, bytes: length, whole, decodeTimeShift };
      const hash = await recordedHash(nodeDigests, source, 0, part.plan.init.length, piece);
      expect(hash === cut.recorded[segment]?.record.sha256).toBe(whole);
    }
  });
});

describe('footage that does not hang together', () => {
  it('begins a second part behind a hole', () => {
    const cut = clip({ hole: { after: 1, ms: 5000 } }, 0, 100_000);
    expect(cut.parts).toMatchObject([
      { reason: 'asked', edgeStartAtMs: START, edgeEndAtMs: START + 8000 },
      { reason: 'gap', edgeStartAtMs: START + 13_000, edgeEndAtMs: START + 25_000 },
    ]);
    expect(read(cut, 1).fragments[0]?.decodeTime).toBe(0);
  });

  it('stays in one part over a hole of a second or less', () => {
    const { parts } = clip({ hole: { after: 1, ms: 900 } }, 0, 100_000);
    expect(parts).toMatchObject([{ edgeEndAtMs: START + 20_900, frames: 500 }]);
  });

  it('begins a second part where the parameters change, and where the timeline begins again', () => {
    expect(clip({ newParametersAt: 3 }, 0, 100_000).parts).toMatchObject([
      { reason: 'asked', track: { height: 360 }, frames: 300 },
      { reason: 'parameters-changed', track: { height: 480 }, frames: 200 },
    ]);
    const cut = clip({ restartAt: 2 }, 0, 100_000);
    expect(cut.parts).toMatchObject([{ frames: 200 }, { reason: 'timeline-restarted', frames: 300 }]);
    expect(read(cut, 1).fragments[0]?.decodeTime).toBe(0);
  });

  it('does not give a part that ends before the mark', () => {
    const { parts } = clip({ hole: { after: 1, ms: 5000 } }, 10_000, 100_000);
    expect(parts).toMatchObject([{ reason: 'asked', edgeStartAtMs: START + 13_000 }]);
  });

  it('is carried on in one film for a look, with the true distance of the pictures', () => {
    for (const plan of [{ hole: { after: 1, ms: 5000 } }, { hole: { after: 1, ms: 5000 }, restartAt: 2 }]) {
      const { segments } = clip(plan, 0, 100_000);
      const path = join(folder, `look-${++runs}.mp4`);
      const range = { fromMs: START, toMs: START + 100_000, joinHoles: true };
      const film = writeLook({ ...range, segments, path }, () => undefined);
      const bytes = readFileSync(path);
      expect(film).toEqual({ edgeStartAtMs: START, bytes: bytes.length });
      const times = [...fragments(bytes, parseInit(bytes).bytes)].map((fragment) => fragment.decodeTime);
      expect(times).toHaveLength(500);
      expect(times[199]).toBe(199 * 3600);
      expect(times[200]).toBe(13 * 90_000);
      expect(times.at(-1)).toBe(25 * 90_000 - 3600);
    }
  });

  it('refuses a segment without an init segment', () => {
    const own = join(folder, 'bad');
    mkdirSync(own);
    const [good] = recordSegments({ startAtMs: START, segments: 1 });
    if (good === undefined) throw new Error('no segment');
    const segments = saveSegments(own, [{ ...good, bytes: good.bytes.subarray(700) }]);
    const order = { fromMs: START, toMs: START + 1000, joinHoles: false, segments };
    expect(() => measureClip(order, () => undefined)).toThrow(expect.objectContaining({ code: 'MEDIA_MALFORMED' }));
  });
});
