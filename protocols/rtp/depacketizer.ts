/** One coded picture or one coded piece of sound, put together from RTP packets. */
export interface AccessUnit {
  /** RTP timestamp as received. */
  timestamp: number;
  /** Decoding can begin here; always true for JPEG and sound. */
  key: boolean;
  /**
   * NAL units with four-byte length prefixes (H.264, H.265), a whole JPEG file, an AAC access unit, G.711 samples, or an
   * XML document. Valid during the call only: the depacketizer's own buffer.
   */
  bytes: Uint8Array;
}

/** Receives what a {@link Depacketizer} finds, in stream order. */
export interface AccessUnitSink {
  onAccessUnit(unit: AccessUnit): void;
  /** A parameter set (SPS, PPS, VPS), before the access unit that holds it. Valid during the call only. */
  onParameterSet(nal: Uint8Array): void;
}

/** Puts the payloads of one track's RTP packets together; packets come in order. */
export interface Depacketizer {
  /** One packet's payload: `bytes[start..end)`. */
  push(bytes: Uint8Array, start: number, end: number, timestamp: number, marker: boolean): void;
  /**
   * The header extension of the packet that is pushed next: `bytes[start..end)`, from its first word on. Only formats
   * that use one have this.
   */
  onExtension?(bytes: Uint8Array, start: number, end: number): void;
  /** Packets are missing before the next one. */
  onGap(): void;
  /** The stream is over: hands on the last access unit if it is whole. */
  flush(): void;
  /** Access units that came but were not handed on. */
  readonly dropped: number;
}

/** Cuts access units into RTP packets, the reverse of a {@link Depacketizer}. */
export interface Packetizer {
  /**
   * Whole RTP packets, with header, in order; the last has the marker bit where the payload format says so.
   * @param unit as {@link AccessUnit} describes its bytes
   */
  packetizeUnit(unit: Uint8Array, timestamp: number): Uint8Array[];
}
