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
  /** No track in a codec that we carry. */
  | 'unsupported-codec';

/** What a decoder needs before the first fragment: `ftyp` and `moov`. */
export interface InitSegment {
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
  /** Decode time on the stream's own timeline, which goes on over reconnects; 90 kHz. */
  decodeTime90k: number;
  /** Estimated from the frame before; the next fragment's decode time is exact. */
  duration90k: number;
  /** Wall clock of the edge when the frame's last packet arrived. */
  edgeAtMs: number;
}

/** Receives a stream. One that throws is removed. Calls are synchronous: return quickly. */
export interface MediaConsumer {
  /** Before the first fragment, and before the first of each new epoch. */
  onInit(init: InitSegment): void;
  /** The first after `subscribe` is always a key frame. */
  onFragment(fragment: MediaFragment): void;
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
}
