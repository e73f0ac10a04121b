import { execFileSync, spawnSync } from 'node:child_process';
import { fragments } from '../../protocols/fmp4/parse-fragment.ts';
import { parseInit } from '../../protocols/fmp4/parse-init.ts';
import { linked, type RecordedSegment } from './recorded-segments.ts';

const FFMPEG = process.env['FFMPEG_BIN'] ?? 'ffmpeg';
const FFPROBE = process.env['FFPROBE_BIN'] ?? 'ffprobe';

/** Whether ffmpeg and ffprobe are there; tests that need them skip, saying so, when not. */
export const hasFfmpeg = [FFMPEG, FFPROBE].every((program) => spawnSync(program, ['-version']).status === 0);
if (!hasFfmpeg) console.warn('ffmpeg or ffprobe is not installed: the tests that decode footage are skipped');

/** Real H.264 as a recorder leaves it: a fragment per frame, a segment per `segmentMs`, decode times that go on. */
export function filmSegments(film: {
  deviceId?: string;
  startAtMs: number;
  seconds: number;
  fps?: number;
  gopSeconds?: number;
  segmentMs?: number;
  size?: string;
}): RecordedSegment[] {
  const { deviceId = 'cam-1', fps = 25, gopSeconds = 2, segmentMs = 4000, size = '320x180', seconds } = film;
  const source = `testsrc2=size=${size}:rate=${fps}:duration=${seconds}`;
  const coding = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-g', String(fps * gopSeconds)];
  const shape = ['-video_track_timescale', '90000', '-movflags', '+frag_every_frame+empty_moov+default_base_moof'];
  const bytes = execFileSync(
    FFMPEG,
    ['-v', 'error', '-f', 'lavfi', '-i', source, ...coding, '-sc_threshold', '0', ...shape, '-f', 'mp4', 'pipe:1'],
    { maxBuffer: 2 ** 30 },
  );
  const init = bytes.subarray(0, parseInit(bytes).bytes);
  const frames = [...fragments(bytes, init.length)];
  const perSegment = (segmentMs * fps) / 1000;
  const recorded: RecordedSegment[] = [];
  for (let at = 0; at < frames.length; at += perSegment) {
    const own = frames.slice(at, at + perSegment);
    const startAtMs = film.startAtMs + (at * 1000) / fps;
    const endAtMs = startAtMs + (own.length * 1000) / fps;
    const sequence = at / perSegment;
    const content = Buffer.concat([init, bytes.subarray(own[0]?.start, own.at(-1)?.end)]);
    const facts = { deviceId, stream: 'main' as const, sequence, startAtMs, endAtMs, frames: own.length };
    recorded.push(linked(recorded, facts, content));
  }
  return recorded;
}

/** What ffprobe says of a film after decoding all of it. */
export function probe(path: string): { frames: number; durationS: number; startS: number; errors: string } {
  const entries = 'stream=nb_read_frames,start_time:format=duration';
  const args = [
    '-v',
    'error',
    '-count_frames',
    '-select_streams',
    'v:0',
    '-show_entries',
    entries,
    '-of',
    'json',
    path,
  ];
  const { stdout, stderr } = spawnSync(FFPROBE, args, { encoding: 'utf8' });
  const found = JSON.parse(stdout) as {
    streams: { nb_read_frames: string; start_time: string }[];
    format: { duration: string };
  };
  return {
    frames: Number(found.streams[0]?.nb_read_frames),
    startS: Number(found.streams[0]?.start_time),
    durationS: Number(found.format.duration),
    errors: stderr,
  };
}
