/** What is encoded, and how much it may cost. */
export interface Encoding {
  /** Size of what comes in. */
  width: number;
  height: number;
  /** A wider picture is made smaller. */
  maxWidth: number;
  /** Bit rate of a picture of 1280 × 720; others get their share by their area. */
  kbitPer720p: number;
}

const KEY_FRAME_SECONDS = 2;
const AREA_720P = 1280 * 720;
const LEAST_KBIT = 200;
/** A decoder with one thread gives each picture at once; large pictures are more than one core can decode in time. */
const LARGE_WIDTH = 2000;

/**
 * ffmpeg's words for turning fragmented MP4 on its input into H.264 in FLV on its output, each picture as soon as it
 * can: no probing beyond the first boxes, no picture that waits for a later one, a key frame every two seconds.
 */
export function encoderWords(encoding: Encoding): string[] {
  const { maxWidth } = encoding;
  const kbit = bitRate(encoding);
  // Not `nobuffer`: it throws away the pictures that were looked at first, the key frame among them.
  const fast = ['-flags', 'low_delay', '-probesize', '32', '-analyzeduration', '0'];
  const decoder = ['-threads', encoding.width > LARGE_WIDTH ? '3' : '1'];
  const picture = ['-map', '0:v:0', '-vf', `scale='min(${maxWidth},iw)':-2:flags=fast_bilinear,format=yuv420p`];
  const encoder = ['-c:v', 'libx264', '-preset', 'superfast', '-tune', 'zerolatency', '-threads', '1', '-bf', '0'];
  const keys = ['-g', '600', '-sc_threshold', '0', '-force_key_frames', `expr:gte(t,n_forced*${KEY_FRAME_SECONDS})`];
  const rate = ['-crf', '26', '-maxrate', `${kbit}k`, '-bufsize', `${kbit}k`];
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'error', ...fast, ...decoder, '-f', 'mp4', '-i', 'pipe:0'],
    // A time base of its own keeps the times of cameras without a steady rate.
    ...[...picture, ...encoder, ...keys, ...rate, '-enc_time_base', '1:90000'],
    ...['-f', 'flv', '-flvflags', 'no_duration_filesize', '-flush_packets', '1', 'pipe:1'],
  ];
}

function bitRate({ width, height, maxWidth, kbitPer720p }: Encoding): number {
  const shrunk = Math.min(1, maxWidth / Math.max(1, width));
  const area = width * height * shrunk * shrunk;
  return Math.max(LEAST_KBIT, Math.round((kbitPer720p * area) / AREA_720P));
}
