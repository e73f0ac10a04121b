/** What a stream is doing. `failed` means waiting before the next attempt. */
export type StreamState = 'connecting' | 'live' | 'stopped' | 'failed';

/** Why a stream is in its state; `connecting` keeps the reason of the attempt before. */
export type StreamReason =
  | 'ok'
  | 'stopped'
  /** The device refuses the user name or password, or asks for them in clear text without TLS. */
  | 'refused-credentials'
  /** No connection: address, power, network or port. */
  | 'unreachable'
  /** Connected, but a request was not answered in time. */
  | 'no-answer'
  /** It played, then no picture came for longer than the limit. */
  | 'silent'
  /** What arrives is not RTSP, SDP or RTP. */
  | 'garbage'
  /** The device answered with an error, for example that it knows no such path. */
  | 'refused'
  /** The device ended the stream. */
  | 'ended'
  /** The program that encodes it anew ends again and again. */
  | 'transcoder-failed'
  /** No track in a codec that we carry. */
  | 'unsupported-codec'
  /** The address, what its name means, or where the device sends us lies outside of the networks that may be dialled. */
  | 'address-not-allowed';

/** Video codecs that we carry. */
export type VideoFamily = 'h264' | 'h265' | 'mjpeg';

/** What a decoder needs before the first fragment: `ftyp` and `moov`. */
export interface InitSegment {
  family: VideoFamily;
  /**
   * SPS and PPS (H.264), VPS, SPS and PPS (H.265), without start codes or prefixes; empty for JPEG. What a re-publisher
   * puts into its description.
   */
  parameterSets: readonly Uint8Array[];
  /** A new number whenever parameters or the RTSP session change; grows, also over restarts. */
  epoch: number;
  bytes: Uint8Array;
  /** RFC 6381 name, for example `avc1.640028`. */
  codec: string;
  width: number;
  height: number;
}

/**
 * One frame as `moof` and `mdat`. The bytes are shared by all consumers: never write to them, and never transfer them to
 * another thread without a copy.
 */
export interface MediaFragment {
  init: InitSegment;
  /** Counts up by one per fragment of the stream, over all epochs. */
  sequence: number;
  /** Decoding can begin here. */
  key: boolean;
  bytes: Uint8Array;
  /**
   * Where in `bytes` the access unit itself begins (behind `moof` and the header of `mdat`); it reaches to the end.
   * NAL units have four-byte length prefixes; a JPEG picture stands as it is.
   */
  sampleAt: number;
  /** Presentation time minus decode time, 90 kHz. */
  compositionOffset90k: number;
  /** Decode time on the stream's own timeline, which goes on over reconnects; 90 kHz. */
  decodeTime90k: number;
  /** Estimated from the frame before; the next fragment's decode time is exact. */
  duration90k: number;
  /** Wall clock of the edge when the frame's last packet arrived. */
  edgeAtMs: number;
}

/** What is needed to understand the sound of a stream. */
export interface AudioInit {
  codec: 'aac' | 'pcmu' | 'pcma';
  /** Samples per second; also the rate of the RTP timestamps. */
  clockRate: number;
  channels: number;
  /** AudioSpecificConfig (ISO/IEC 14496-3); empty for G.711. */
  config: Uint8Array;
}

/** One AAC access unit, or the G.711 samples of one packet. Shared by all consumers. */
export interface AudioFrame {
  init: AudioInit;
  /** Counts up by one per frame. */
  sequence: number;
  bytes: Uint8Array;
  /** Time of the first sample on the video's timeline; exact to 1/90000 s, not rounded to it. */
  pts90k: number;
  /** Number of samples in one channel. */
  samples: number;
  edgeAtMs: number;
}

/** One document of the ONVIF metadata track (XML), carried along as it came. */
export interface MetadataFrame {
  bytes: Uint8Array;
  pts90k: number;
  edgeAtMs: number;
}

/** Receives a stream. One that throws is removed. Calls are synchronous: return quickly. */
export interface MediaConsumer {
  /** Before the first fragment, and before the first of each new epoch. */
  onInit(init: InitSegment): void;
  /** The first after `subscribe` is always a key frame. */
  onFragment(fragment: MediaFragment): void;
  /** Sound comes from the moment of subscribing on; its `init` changes when the camera's does. */
  onAudio?(frame: AudioFrame): void;
  onMetadata?(frame: MetadataFrame): void;
  /** Called at once with the present state, then on every change. */
  onState?(state: StreamState, reason: StreamReason): void;
}

/** Counters since `start()` and rates over the last seconds. */
export interface StreamStats {
  state: StreamState;
  reason: string;
  /** When the state began, edge's wall clock. */
  sinceMs: number;
  /** Fragments delivered. */
  framesTotal: number;
  /** RTP packets that never came, by their sequence numbers. */
  packetsLost: number;
  /** Frames that came but were damaged, too large, or not decodable before the next key frame. */
  framesDropped: number;
  /** Bytes read from the device. */
  bytesTotal: number;
  /** Frames per second. */
  fps: number;
  /** Bits per second. */
  bitrate: number;
  codec: string | null;
  width: number | null;
  height: number | null;
  /** How RTP comes at present; null while no session stands. */
  transport: 'tcp' | 'udp' | null;
  /** The sound that comes with the pictures; null without, and before the first session. */
  audio: Pick<AudioInit, 'codec' | 'clockRate' | 'channels'> | null;
  /** ONVIF metadata comes with the pictures. */
  metadata: boolean;
  /**
   * Whether the device can be talked through; null when it does not say. Most name their loudspeaker only when asked
   * for it, which is what a back channel does.
   */
  backChannel: true | null;
}
