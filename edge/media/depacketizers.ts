import { messageOf } from '../../contract/errors.ts';
import type { Log } from '../../platform/log.ts';
import { H264Depacketizer } from '../../protocols/h264/depacketizer.ts';
import { H265Depacketizer } from '../../protocols/h265/depacketizer.ts';
import { JpegDepacketizer } from '../../protocols/mjpeg/depacketizer.ts';
import type { AccessUnitSink, Depacketizer } from '../../protocols/rtp/depacketizer.ts';
import type { Track, VideoTrack } from './tracks.ts';

/**
 * What puts a track's packets together, or null where a further track cannot be understood after all: it is left out
 * and the picture goes on. @param maxBytes a larger access unit is dropped
 */
export function makeDepacketizer(track: Track, sink: AccessUnitSink, maxBytes: number, log: Log): Depacketizer | null {
  if (track.kind === 'video') return videoDepacketizer(track, sink, maxBytes);
  try {
    return null;
  } catch (error) {
    log.warn({ track: track.kind }, `this track is left out: ${messageOf(error)}`);
    return null;
  }
}

function videoDepacketizer(track: VideoTrack, sink: AccessUnitSink, maxBytes: number): Depacketizer {
  switch (track.family) {
    case 'h264':
      return new H264Depacketizer(sink, maxBytes);
    case 'h265':
      return new H265Depacketizer(sink, maxBytes, track.maxDonDiff);
    case 'mjpeg':
      return new JpegDepacketizer(sink, { maxBytes, size: track.size });
  }
}
