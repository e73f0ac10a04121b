/** What the browser tells about a stream that comes straight from the edge; null is what it does not tell. */
export interface DirectFacts {
  codec: string | null;
  width: number | null;
  height: number | null;
  /** Frames decoded per second. */
  fps: number | null;
  /** Bits per second that arrived, without the packets' headers. */
  bitrate: number | null;
  /** Mean time that a frame waited in the jitter buffer, ms. Says nothing about camera, network, decoder and screen. */
  bufferMs: number | null;
  /** RTP packets that never arrived since the stream was opened. */
  lost: number | null;
}

/** Before the first reading, and where none can be had. */
export const NO_DIRECT_FACTS: DirectFacts = {
  codec: null,
  width: null,
  height: null,
  fps: null,
  bitrate: null,
  bufferMs: null,
  lost: null,
};

/** Rates are taken over this long; a key frame shall not make them jump. */
const WINDOW_MS = 2000;
const MOST_READINGS = 16;

/** One object of W3C webrtc-stats. */
export interface Stats {
  id: string;
  type: string;
  /** Milliseconds. */
  timestamp: number;
}

/** `RTCInboundRtpStreamStats`, as far as it is read; a browser may leave out any of its members. */
interface Inbound extends Stats {
  kind?: string;
  codecId?: string;
  bytesReceived?: number;
  frameWidth?: number;
  frameHeight?: number;
  framesPerSecond?: number;
  jitterBufferDelay?: number;
  jitterBufferEmittedCount?: number;
  packetsLost?: number;
}

/** Turns readings of `RTCPeerConnection.getStats()` into {@link DirectFacts}. */
export class DirectMeter {
  #readings: Inbound[] = [];

  /** @param report all of one reading, in any order */
  observe(report: Iterable<Stats>): DirectFacts {
    const stats = [...report];
    const now = stats.find(isInboundVideo);
    if (now === undefined) {
      this.#readings = [];
      return NO_DIRECT_FACTS;
    }
    const then = this.#before(now);
    const codec = stats.find((each) => each.id === now.codecId) as { mimeType?: string } | undefined;
    return {
      codec: codec?.mimeType?.replace(/^video\//i, '') ?? null,
      width: now.frameWidth ?? null,
      height: now.frameHeight ?? null,
      fps: now.framesPerSecond ?? null,
      bitrate: rate(growth(then?.bytesReceived, now.bytesReceived, 8000), then, now),
      bufferMs: mean(
        growth(then?.jitterBufferDelay, now.jitterBufferDelay, 1000),
        growth(then?.jitterBufferEmittedCount, now.jitterBufferEmittedCount),
      ),
      lost: now.packetsLost ?? null,
    };
  }

  /** The reading about {@link WINDOW_MS} ago; undefined at the first. */
  #before(now: Inbound): Inbound | undefined {
    const readings = this.#readings;
    while (readings.length >= MOST_READINGS || isOld(readings[1], now)) readings.shift();
    readings.push(now);
    return readings.length > 1 ? readings[0] : undefined;
  }
}

function isInboundVideo(stats: Stats): stats is Inbound {
  return stats.type === 'inbound-rtp' && 'kind' in stats && stats.kind === 'video';
}

function isOld(reading: Inbound | undefined, now: Inbound): boolean {
  return reading !== undefined && now.timestamp - reading.timestamp >= WINDOW_MS;
}

/** How much a running count has grown; null when one of both is not there, or it began anew. */
function growth(before: number | undefined, now: number | undefined, factor = 1): number | null {
  if (before === undefined || now === undefined || now < before) return null;
  return (now - before) * factor;
}

function rate(grown: number | null, then: Inbound | undefined, now: Inbound): number | null {
  const ms = then === undefined ? 0 : now.timestamp - then.timestamp;
  return grown === null || ms <= 0 ? null : grown / ms;
}

function mean(sum: number | null, count: number | null): number | null {
  return sum === null || count === null || count === 0 ? null : sum / count;
}
