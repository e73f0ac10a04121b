import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SegmentRecord } from '../../contract/footage.ts';
import { CHAIN_START } from '../../evidence/chain/chain.ts';
import { nextLink } from '../../evidence/chain/chain-node.ts';
import { buildFragment } from '../../protocols/fmp4/fragment.ts';
import { buildAvcInit } from '../../protocols/fmp4/init-segment.ts';
import { PPS, SPS_360P } from './h264.ts';

/** A segment as a recorder leaves it: its file's bytes and its record. */
export interface RecordedSegment {
  bytes: Uint8Array;
  record: SegmentRecord;
}

/** What {@link recordSegments} makes up. */
export interface RecordingPlan {
  deviceId?: string;
  /** Edge time of the first frame. */
  startAtMs: number;
  segments: number;
  segmentMs?: number;
  fps?: number;
  /** Frames from one key frame to the next. */
  gop?: number;
  /** Wall clock and media time between the end of segment `after` and the next one. */
  hole?: { after: number; ms: number };
  /** The timeline begins at 0 again with this segment. */
  restartAt?: number;
  /** Other parameters from this segment on. */
  newParametersAt?: number;
  sampleBytes?: number;
}

/** Segments with made-up pictures (not decodable), linked into a chain. */
export function recordSegments(plan: RecordingPlan): RecordedSegment[] {
  const { segmentMs = 4000, fps = 25, gop = 50, sampleBytes = 200, deviceId = 'cam-1' } = plan;
  const ticks = 90_000 / fps;
  const recorded: RecordedSegment[] = [];
  let time = 1_234_567;
  let atMs = plan.startAtMs;
  let frame = 0;
  for (let sequence = 0; sequence < plan.segments; sequence++) {
    if (plan.restartAt === sequence) time = 0;
    const height = plan.newParametersAt !== undefined && sequence >= plan.newParametersAt ? 480 : 360;
    const pieces = [buildAvcInit({ width: 640, height, sps: [SPS_360P], pps: [PPS] })];
    const frames = (segmentMs * fps) / 1000;
    for (let index = 0; index < frames; index++) {
      const sample = new Uint8Array(sampleBytes).fill(frame & 0xff);
      const fields = { sequence: ++frame, key: index % gop === 0, decodeTime90k: time, duration90k: ticks };
      pieces.push(buildFragment({ ...fields, compositionOffset90k: 0 }, sample));
      time += ticks;
    }
    const facts = { deviceId, stream: 'main' as const, sequence, startAtMs: atMs, endAtMs: atMs + segmentMs, frames };
    recorded.push(linked(recorded, facts, Buffer.concat(pieces)));
    atMs += segmentMs;
    if (plan.hole?.after === sequence) {
      atMs += plan.hole.ms;
      time += plan.hole.ms * 90;
    }
  }
  return recorded;
}

/** Adds the hash of a segment's bytes and the link to the one before. */
export function linked(
  before: readonly RecordedSegment[],
  facts: Omit<SegmentRecord, 'bytes' | 'sha256' | 'previous' | 'hash'>,
  bytes: Uint8Array,
): RecordedSegment {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const previous = before.at(-1)?.record.hash ?? CHAIN_START;
  return { bytes, record: nextLink(previous, { ...facts, bytes: bytes.length, sha256 }) };
}

/** Writes segments as files. */
export function saveSegments(
  folder: string,
  segments: readonly RecordedSegment[],
): { path: string; record: SegmentRecord }[] {
  return segments.map(({ bytes, record }) => {
    const path = join(folder, `${record.deviceId}.${record.stream}.${record.sequence}.mp4`);
    writeFileSync(path, bytes);
    return { path, record };
  });
}
