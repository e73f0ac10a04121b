import { SharpEyesError } from '../../contract/errors.ts';
import { type AacFormat, parseAacFormat } from '../../protocols/aac/format.ts';
import { resolveControl } from '../../protocols/rtsp/url.ts';
import {
  findFormat,
  parameterSets,
  parseFmtp,
  rtpMapOf,
  type SdpMedia,
  type SessionDescription,
} from '../../protocols/sdp/description.ts';
import { streamError } from './stream-error.ts';
import type { AudioInit, VideoFamily } from './types.ts';

interface TrackBase {
  controlUrl: string;
  payloadType: number;
  /** Of the RTP timestamps. */
  clockRate: number;
}

/** The pictures. */
export interface VideoTrack extends TrackBase {
  kind: 'video';
  family: VideoFamily;
  /** From the description; may be empty or wrong, those inside the stream count. */
  parameterSets: readonly Uint8Array[];
  /** `sprop-max-don-diff` (RFC 7798 section 7.1): above 0, packets carry decoding order numbers. */
  maxDonDiff: number;
  /** JPEG only: a size beyond what its payload format can name; null where the description has none. */
  size: { width: number; height: number } | null;
}

/** The sound. */
export interface AudioTrack extends TrackBase {
  kind: 'audio';
  codec: AudioInit['codec'];
  channels: number;
  /** How access units lie in the packets; null for G.711. */
  aac: AacFormat | null;
}

/** ONVIF metadata: XML documents (ONVIF Streaming section 5.1.2). */
export interface MetadataTrack extends TrackBase {
  kind: 'metadata';
}

/** One track of a session. */
export type Track = VideoTrack | AudioTrack | MetadataTrack;

/** What we take of a description. */
export interface ChosenTracks {
  video: VideoTrack;
  audio: AudioTrack | null;
  metadata: MetadataTrack | null;
}

const VIDEO: readonly (readonly [encoding: string, family: VideoFamily])[] = [
  ['H264', 'h264'],
  ['H265', 'h265'],
  ['HEVC', 'h265'],
  ['JPEG', 'mjpeg'],
];
const AUDIO: readonly (readonly [encoding: string, codec: AudioInit['codec']])[] = [
  ['MPEG4-GENERIC', 'aac'],
  ['PCMU', 'pcmu'],
  ['PCMA', 'pcma'],
];
const MAX_RATE = 192_000;
const MAX_CHANNELS = 8;
/** Characters of one track's format parameters; real ones have a few hundred. */
const MAX_FMTP = 65_536;

/**
 * The first track of each kind that we can carry.
 * @param base address that relative track addresses are appended to
 * @throws SharpEyesError STREAM_UNSUPPORTED when there is no picture; RTSP_PROTOCOL for parameters of absurd size
 */
export function chooseTracks(sdp: SessionDescription, base: string): ChosenTracks {
  const usable = sdp.medias.filter((media) => !media.protocol.toUpperCase().includes('SAVP'));
  for (const media of usable) checkSize(media);
  const video = firstOf(usable, (media) => videoTrack(media, addressOf(media, sdp, base)));
  if (video === null) throw streamError('unsupported-codec', `no track of the stream can be carried: ${list(sdp)}`);
  const sounds = usable.filter((media) => media.kind === 'audio');
  // `sendonly` is our direction of a back channel; a camera that has one sound only and calls it so means its own.
  const heard = sounds.filter((media) => media.direction !== 'sendonly');
  const audio = firstOf(heard.length > 0 ? heard : sounds, (media) => audioTrack(media, addressOf(media, sdp, base)));
  const metadata = firstOf(usable, (media) => metadataTrack(media, addressOf(media, sdp, base)));
  return { video, audio, metadata };
}

/**
 * The track that takes sound for the device's loudspeaker (ONVIF Streaming section 5.3); µ-law is preferred.
 * @throws SharpEyesError DEVICE_UNSUPPORTED
 */
export function chooseBackChannel(sdp: SessionDescription, base: string): AudioTrack {
  const sounds = sdp.medias.filter(({ kind, direction }) => kind === 'audio' && direction === 'sendonly');
  const tracks = sounds.flatMap((media) => {
    const address = addressOf(media, sdp, base);
    return ['PCMU', 'PCMA'].flatMap((encoding) => audioTrack(media, address, encoding) ?? []);
  });
  const at8k = tracks.filter(({ clockRate }) => clockRate === 8000);
  const best = at8k.find(({ codec }) => codec === 'pcmu') ?? at8k[0];
  if (best === undefined) throw new SharpEyesError('DEVICE_UNSUPPORTED', 'the device takes no G.711 sound');
  return best;
}

/** Whether a description names a way to the device's loudspeaker; most devices name it only when asked. */
export function namesBackChannel(sdp: SessionDescription): boolean {
  const sounds = sdp.medias.filter(({ kind }) => kind === 'audio');
  return sounds.length > 1 && sounds.some(({ direction }) => direction === 'sendonly');
}

function firstOf<T>(medias: readonly SdpMedia[], make: (media: SdpMedia) => T | null): T | null {
  for (const media of medias) {
    const track = make(media);
    if (track !== null) return track;
  }
  return null;
}

function addressOf(media: SdpMedia, sdp: SessionDescription, base: string): string {
  return resolveControl(base, media.control ?? sdp.control);
}

function checkSize(media: SdpMedia): void {
  for (const fmtp of media.fmtps.values()) {
    if (fmtp.length > MAX_FMTP) throw streamError('garbage', `the ${media.kind} track has absurdly long parameters`);
  }
}

function videoTrack(media: SdpMedia, controlUrl: string): VideoTrack | null {
  for (const [encoding, family] of VIDEO) {
    const format = findFormat(media, encoding);
    if (format === null || format.map.clockRate === 0) continue;
    const { payloadType, map } = format;
    const fmtp = media.fmtps.get(String(payloadType)) ?? '';
    const { clockRate } = map;
    const maxDonDiff = Number.parseInt(parseFmtp(fmtp).get('sprop-max-don-diff') ?? '0', 10) || 0;
    const about = {
      kind: 'video',
      family,
      parameterSets: sets(family, fmtp),
      maxDonDiff,
      size: sizeOf(media),
    } as const;
    return { ...about, controlUrl, payloadType, clockRate };
  }
  return null;
}

function sets(family: VideoFamily, fmtp: string): readonly Uint8Array[] {
  if (family === 'h264') return parameterSets(fmtp);
  return family === 'h265' ? h265ParameterSets(fmtp) : [];
}

/** `x-dimensions:W,H` or `framesize:PT W-H`, as cameras write them. */
function sizeOf(media: SdpMedia): { width: number; height: number } | null {
  for (const { name, value } of media.attributes) {
    if (name !== 'x-dimensions' && name !== 'framesize') continue;
    const match = /(\d{1,5})\s*[,x-]\s*(\d{1,5})\s*$/.exec(value ?? '');
    const [width, height] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
    if (width > 0 && height > 0) return { width, height };
  }
  return null;
}

/** VPS, SPS and PPS of RFC 7798 section 7.1. */
function h265ParameterSets(fmtp: string): readonly Uint8Array[] {
  const params = parseFmtp(fmtp);
  return ['sprop-vps', 'sprop-sps', 'sprop-pps']
    .flatMap((name) => (params.get(name) ?? '').split(','))
    .map((text) => Buffer.from(text.trim(), 'base64'))
    .filter((nal) => nal.length > 2);
}

function audioTrack(media: SdpMedia, controlUrl: string, only?: string): AudioTrack | null {
  if (media.kind !== 'audio') return null;
  for (const [encoding, codec] of AUDIO) {
    const format = only === undefined || only === encoding ? findFormat(media, encoding) : null;
    if (format === null) continue;
    const { payloadType, map } = format;
    const { clockRate } = map;
    const channels = map.channels ?? 1;
    if (clockRate === 0 || clockRate > MAX_RATE || channels === 0 || channels > MAX_CHANNELS) continue;
    const aac = codec === 'aac' ? parseAacFormat(parseFmtp(media.fmtps.get(String(payloadType)) ?? '')) : null;
    // Without a readable configuration nobody could decode it.
    if (codec === 'aac' && aac === null) continue;
    return { kind: 'audio', codec, controlUrl, payloadType, clockRate, channels: aac?.audio.channels || channels, aac };
  }
  return null;
}

function metadataTrack(media: SdpMedia, controlUrl: string): MetadataTrack | null {
  const format = findFormat(media, 'vnd.onvif.metadata');
  if (format === null || format.map.clockRate === 0) return null;
  return { kind: 'metadata', controlUrl, payloadType: format.payloadType, clockRate: format.map.clockRate };
}

function list(sdp: SessionDescription): string {
  const names = sdp.medias.map((media) => rtpMapOf(media, media.formats[0] ?? '')?.encoding ?? media.kind);
  return names.join(', ').slice(0, 200) || 'it has none';
}
