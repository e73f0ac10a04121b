import { SharpEyesError } from '../../contract/errors.ts';
import { AacPacketizer } from '../../protocols/aac/packetizer.ts';
import { G711Packetizer } from '../../protocols/g711/packetizer.ts';
import { H264Packetizer } from '../../protocols/h264/packetizer.ts';
import { H265Packetizer } from '../../protocols/h265/packetizer.ts';
import { JpegPacketizer } from '../../protocols/mjpeg/packetizer.ts';
import { MetadataPacketizer } from '../../protocols/onvif-metadata/packetizer.ts';
import type { Packetizer } from '../../protocols/rtp/depacketizer.ts';
import type { PacketizerOptions } from '../../protocols/rtp/packet-writer.ts';
import { aacFmtp, h264Fmtp, h265Fmtp, type MediaToDescribe } from '../../protocols/sdp/build.ts';
import { sortedSets } from './parameter-sets.ts';
import type { AudioTrack, SourceTrack, VideoTrack } from './source.ts';

/** Dynamic payload types; JPEG and G.711 at 8 kHz have fixed ones (RFC 3551 section 6). */
const PAYLOAD = { video: 96, aac: 97, g711: 98, metadata: 107, jpeg: 26, pcmu: 0, pcma: 8 };

/** Everything about a track that its description needs, but for its address. */
export type TrackMedia = Omit<MediaToDescribe, 'control'> & { clockRate: number };

/**
 * How a track is described and numbered.
 * @throws SharpEyesError STREAM_UNSUPPORTED when its parameter sets are missing
 */
export function mediaOf(track: SourceTrack): TrackMedia {
  if (track.kind === 'video') return videoMedia(track);
  if (track.kind === 'audio') return audioMedia(track);
  return {
    kind: 'application',
    payloadType: PAYLOAD.metadata,
    rtpmap: 'vnd.onvif.metadata/90000',
    clockRate: 90_000,
    attributes: ['recvonly'],
  };
}

function videoMedia(track: VideoTrack): TrackMedia {
  const common = { kind: 'video', clockRate: 90_000 } as const;
  if (track.codec === 'mjpeg') {
    // RFC 2435 has no room for sides above 2040 pixels: receivers take them from here.
    const attributes = [`x-dimensions:${track.width},${track.height}`];
    return { ...common, payloadType: PAYLOAD.jpeg, rtpmap: 'JPEG/90000', attributes };
  }
  const sets = sortedSets(track);
  const [sps] = sets.sps;
  if (sps === undefined || sets.pps.length === 0) {
    throw new SharpEyesError('STREAM_UNSUPPORTED', 'The stream cannot be described: its parameter sets are missing.');
  }
  const payloadType = PAYLOAD.video;
  if (track.codec === 'h265') return { ...common, payloadType, rtpmap: 'H265/90000', fmtp: h265Fmtp(sets) };
  const fmtp = h264Fmtp(sps, ...sets.sps.slice(1), ...sets.pps);
  return { ...common, payloadType, rtpmap: 'H264/90000', fmtp };
}

function audioMedia({ codec, clockRate, channels, config }: AudioTrack): TrackMedia {
  const common = { kind: 'audio', clockRate } as const;
  if (codec === 'aac') {
    const rtpmap = `MPEG4-GENERIC/${clockRate}/${channels}`;
    return { ...common, payloadType: PAYLOAD.aac, rtpmap, fmtp: aacFmtp(config) };
  }
  const name = codec.toUpperCase();
  if (clockRate === 8000 && channels === 1) return { ...common, payloadType: PAYLOAD[codec], rtpmap: `${name}/8000` };
  return { ...common, payloadType: PAYLOAD.g711, rtpmap: `${name}/${clockRate}/${channels}` };
}

/** What cuts a track's units into packets. */
export function packetizerOf(track: SourceTrack, options: PacketizerOptions): Packetizer {
  if (track.kind === 'metadata') return new MetadataPacketizer(options);
  switch (track.codec) {
    case 'h264':
      return new H264Packetizer(options);
    case 'h265':
      return new H265Packetizer(options);
    case 'mjpeg':
      return new JpegPacketizer(options);
    case 'aac':
      return new AacPacketizer(options);
    case 'pcmu':
    case 'pcma':
      return new G711Packetizer({ ...options, channels: track.channels });
  }
}
