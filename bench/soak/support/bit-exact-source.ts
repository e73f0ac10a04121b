import type { AudioFrame, MediaConsumer, MediaFragment, StreamReason, StreamState } from '../../../edge/media/types.ts';
import {
  type AudioCodec,
  type CodedMaterial,
  makeMaterial,
  pictureHash,
  sha256,
  type VideoCodec,
} from '../../../tests/support/coded-material.ts';
import { hasFfmpeg } from '../../../tests/support/ffmpeg.ts';
import { type GstRtspServer, hasGstRtspServer, startGstRtspServer } from '../../../tests/support/gst-rtsp-server.ts';
import { CannotRun } from '../../figure.ts';

const DEFAULT_MINUTES = 5;

/** One source of known material. */
export interface BitExactCase {
  video: VideoCodec;
  audio: AudioCodec;
  /** The only transport that the source offers. */
  transport: 'tcp' | 'udp';
  digest?: { user: string; password: string };
}

/** Together they cover every codec, both transports and Digest. */
const BIT_EXACT_CASES: readonly BitExactCase[] = [
  { video: 'h264', audio: 'aac', transport: 'tcp', digest: { user: 'admin', password: 'vi11age' } },
  { video: 'h265', audio: 'pcma', transport: 'udp' },
  { video: 'mjpeg', audio: 'pcmu', transport: 'tcp' },
];

/** A source that is being served. */
export interface BitExactSource {
  about: BitExactCase;
  material: CodedMaterial;
  /** Without user information. */
  url: string;
  stop(): Promise<void>;
}

/**
 * Serves every case for `--minutes` and compares all of them at the same time.
 * @param compare whether one came out as it went in; says what it found
 */
export async function compareAll(
  options: ReadonlyMap<string, string>,
  say: (line: string) => void,
  compare: (source: BitExactSource, say: (line: string) => void) => Promise<boolean>,
): Promise<void> {
  if (!hasFfmpeg || !hasGstRtspServer) throw new CannotRun('it needs ffmpeg and GStreamer with its RTSP server');
  const minutes = Number(options.get('minutes') ?? DEFAULT_MINUTES);
  if (!(minutes > 0)) throw new CannotRun('--minutes is a number above 0');
  say(`coding ${minutes} minutes of each codec`);
  const sources: BitExactSource[] = [];
  try {
    for (const about of BIT_EXACT_CASES) sources.push(await startBitExactSource(about, minutes * 60));
    const outcomes = await Promise.all(sources.map((source) => compare(source, say)));
    const failed = outcomes.filter((equal) => !equal).length;
    if (failed > 0) throw new Error(`${failed} of ${sources.length} sources did not come out as they went in`);
  } finally {
    await Promise.all(sources.map((source) => source.stop()));
  }
}

/** Codes so many seconds and lets GStreamer serve them; every reader gets them from their beginning, once. */
async function startBitExactSource(about: BitExactCase, seconds: number): Promise<BitExactSource> {
  const { video, audio, transport, digest } = about;
  const material = await makeMaterial({ video, audio, seconds, fps: 25 });
  let server: GstRtspServer;
  try {
    server = await startGstRtspServer({
      ...material.source,
      protocols: transport,
      ...(digest === undefined ? {} : { digest }),
    });
  } catch (error) {
    await material.remove();
    throw error;
  }
  const stop = async (): Promise<void> => {
    await server.stop();
    await material.remove();
  };
  return { about, material, url: server.url, stop };
}

/** What came out, as hashes; resolves {@link ended} when the stream ends or fails. */
export class HashingConsumer implements MediaConsumer {
  readonly #video: VideoCodec;
  readonly #aac: boolean;
  readonly pictures: string[] = [];
  readonly sound: string[] = [];
  readonly #samples: Buffer[] = [];
  #over: (reason: StreamReason) => void = () => undefined;
  readonly ended = new Promise<StreamReason>((resolve) => {
    this.#over = resolve;
  });

  constructor({ video, audio }: Pick<BitExactCase, 'video' | 'audio'>) {
    this.#video = video;
    this.#aac = audio === 'aac';
  }

  get samples(): Buffer {
    return Buffer.concat(this.#samples);
  }

  onInit(): void {
    return;
  }

  onFragment({ bytes, sampleAt }: MediaFragment): void {
    this.pictures.push(pictureHash(this.#video, bytes.subarray(sampleAt)));
  }

  onAudio({ bytes }: AudioFrame): void {
    if (this.#aac) this.sound.push(sha256(bytes));
    else this.#samples.push(Buffer.from(bytes));
  }

  onState(state: StreamState, reason: StreamReason): void {
    if (state === 'failed') this.#over(reason);
  }
}

/**
 * What differs between the material and what came out of it; empty when nothing does. Pictures have to be equal from the
 * first to the last, sound from the first that came: what precedes the first picture has no place in time.
 * @param lateStart how many pictures may be missing at the beginning, for readers that join a stream
 */
export function differences(
  material: CodedMaterial,
  out: Pick<HashingConsumer, 'pictures' | 'sound' | 'samples'>,
  lateStart = 0,
): string[] {
  const found: string[] = [];
  const skipped = lateStart === 0 ? 0 : material.pictures.indexOf(out.pictures[0] ?? '');
  const wanted = material.pictures.slice(Math.max(0, skipped));
  if (skipped < 0 || skipped > lateStart) found.push(`the first picture is number ${skipped}`);
  if (out.pictures.length !== wanted.length) found.push(`${out.pictures.length} pictures instead of ${wanted.length}`);
  const wrong = wanted.findIndex((hash, i) => hash !== out.pictures[i]);
  if (wrong !== -1) found.push(`picture ${skipped + wrong} differs`);
  return [...found, ...soundDifferences(material, out, lateStart)];
}

/** Sound before the first picture, and what lies behind the end of the file's edit list. */
const MISSING_UNITS = 25;
const MISSING_SAMPLES = 4_000;
const SAMPLES_PER_PICTURE = 320;

function soundDifferences(
  material: CodedMaterial,
  out: Pick<HashingConsumer, 'sound' | 'samples'>,
  lateStart: number,
): string[] {
  if (material.audio === 'aac') {
    const from = material.sound.indexOf(out.sound[0] ?? '');
    const wanted = material.sound.slice(from, from + out.sound.length);
    if (from === -1 || wanted.some((hash, i) => hash !== out.sound[i])) return ['the AAC sound differs'];
    const missing = material.sound.length - out.sound.length;
    return missing > MISSING_UNITS + lateStart * 2 ? [`${missing} AAC units are missing`] : [];
  }
  const { samples } = out;
  if (!samples.equals(material.samples.subarray(-samples.length))) return ['the G.711 sound differs'];
  const missing = material.samples.length - samples.length;
  return missing > MISSING_SAMPLES + lateStart * SAMPLES_PER_PICTURE ? [`${missing} samples are missing`] : [];
}
