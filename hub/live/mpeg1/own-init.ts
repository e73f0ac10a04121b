import { SharpEyesError } from '../../../contract/errors.ts';
import {
  buildAvcInit,
  buildHevcInit,
  buildJpegInit,
  TIMESCALE,
  TRACK_ID,
} from '../../../protocols/fmp4/init-segment.ts';
import { type InitDescription, parseInit } from '../../../protocols/fmp4/parse-init.ts';

const LENGTH_BYTES = 4;

/**
 * An init segment of our own making that says what an edge's says. ffmpeg guesses from the first bytes what it is given,
 * and some of its formats name files and addresses to read: these bytes are never an edge's.
 * @throws SharpEyesError MEDIA_MALFORMED when the edge's cannot be read or does not fit our fragments
 */
export function ownInit(bytes: Uint8Array): Uint8Array {
  const track = parseInit(bytes);
  if (track.trackId !== TRACK_ID || track.timescale !== TIMESCALE) throw unfit('another track or timescale than ours');
  return build(track);
}

function build(track: InitDescription): Uint8Array {
  const { width, height } = track;
  if (track.family === 'mjpeg') return buildJpegInit({ width, height });
  const { lengthSize, sps, pps } = track.family === 'h264' ? track.avc : track.hevc;
  if (lengthSize !== LENGTH_BYTES) throw unfit(`lengths of ${lengthSize} bytes`);
  if (track.family === 'h264') return buildAvcInit({ width, height, sps, pps });
  return buildHevcInit({ width, height, vps: track.hevc.vps, sps, pps });
}

function unfit(what: string): SharpEyesError {
  return new SharpEyesError('MEDIA_MALFORMED', `The init segment has ${what}.`);
}
