/** Pictures of a stream that is re-published. */
export interface VideoTrack {
  kind: 'video';
  codec: 'h264' | 'h265' | 'mjpeg';
  /** SPS and PPS (H.264), VPS, SPS and PPS (H.265) without prefixes; empty for JPEG. */
  parameterSets: readonly Uint8Array[];
  width: number;
  height: number;
}

/** Its sound. */
export interface AudioTrack {
  kind: 'audio';
  codec: 'aac' | 'pcmu' | 'pcma';
  /** Samples per second. */
  clockRate: number;
  channels: number;
  /** AudioSpecificConfig (ISO/IEC 14496-3); empty for G.711. */
  config: Uint8Array;
}

/** Its ONVIF metadata. */
export interface MetadataTrack {
  kind: 'metadata';
}

/** What a stream consists of. */
export type SourceTrack = VideoTrack | AudioTrack | MetadataTrack;

/** One access unit, audio unit or metadata document. The bytes are shared: nobody writes to them. */
export interface SourceUnit {
  kind: SourceTrack['kind'];
  /** Decoding can begin here; means something for pictures only. */
  key: boolean;
  /** As `AccessUnit` of the RTP depacketizers describes it: NAL units behind four-byte lengths, a JPEG file … */
  bytes: Uint8Array;
  /** Presentation time on the stream's own timeline, common to all its tracks; 90 kHz, not rounded. */
  pts90k: number;
  /** Wall clock of the edge when it arrived. */
  edgeAtMs: number;
}

/** Receives a source. Calls are synchronous: return quickly. */
export interface SourceSink {
  /** Before the first unit of a track, and again when what a decoder needs has changed. */
  onTrack(track: SourceTrack): void;
  /** Which tracks the stream has beside its pictures, where the source knows that before their first unit. */
  onExpected?(kinds: ReadonlySet<SourceTrack['kind']>): void;
  /** The first picture is a key frame, and so is the one after pictures were lost. */
  onUnit(unit: SourceUnit): void;
  /** Nothing more will come. */
  onEnd(): void;
}

/** A stream that can be re-published; edge and hub each have their own. */
export interface RtspSource {
  /** Begins to hand over; the last group of pictures comes at once where there is one. Returns the function that ends it. */
  subscribe(sink: SourceSink): () => void;
}
