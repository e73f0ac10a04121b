import { AacDepacketizer } from '../../protocols/aac/depacketizer.ts';
import { G711Depacketizer } from '../../protocols/g711/depacketizer.ts';
import { H264Depacketizer } from '../../protocols/h264/depacketizer.ts';
import { H265Depacketizer } from '../../protocols/h265/depacketizer.ts';
import { JpegDepacketizer } from '../../protocols/mjpeg/depacketizer.ts';
import { MetadataDepacketizer } from '../../protocols/onvif-metadata/depacketizer.ts';
import type { AccessUnitSink, Depacketizer } from '../../protocols/rtp/depacketizer.ts';
import type { Track, VideoTrack } from './tracks.ts';

/** What puts a track's packets together. @param maxBytes a larger picture is dropped */
export function makeDepacketizer(track: Track, sink: AccessUnitSink, maxBytes: number): Depacketizer {
  switch (track.kind) {
    case 'video':
      return videoDepacketizer(track, sink, maxBytes);
    case 'audio':
      return track.aac === null ? new G711Depacketizer(sink) : new AacDepacketizer(sink, track.aac, track.clockRate);
    case 'metadata':
      return new MetadataDepacketizer(sink);
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
