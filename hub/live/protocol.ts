import type { LiveMessage, TileReason, ViewerCodec, WatchOrder } from '../../contract/live.ts';
import type { LinkViolation } from '../broker/link.ts';
import type { FromRepublish, RepublishData, ToRepublish } from '../republish/protocol.ts';
import type { OpenTalk } from './talk-relay.ts';

/** Where the edges' pictures come in: a broker in the media thread, or a client of an external one. */
export type MediaSource =
  | { kind: 'embedded'; host: string; port: number; connections: number; packetBytes: number }
  | { kind: 'external'; url: string; user: string; password: string; caPem: string | null };

/** What the media thread is started with. */
export interface LiveWorkerData {
  source: MediaSource;
  /** The viewers' WebSocket; port 0 takes any free one. */
  listen: { host: string; port: number };
  /** PEM texts; null for plain (loopback only). */
  tls: { cert: string; key: string } | null;
  limits: LiveLimits;
  /** Streams for other programs over RTSP; null or absent: none. */
  republish?: RepublishData | null;
}

/** Bounds of the media thread. */
export interface LiveLimits {
  viewers: number;
  /** Unsent bytes of one viewer beyond which its streams skip to the next key frame. */
  viewerBufferBytes: number;
  /** Bytes of the last group of pictures that are kept per stream; a longer one is not kept. */
  gopBytes: number;
  /** A viewer that takes nothing for this long is disconnected. */
  stalledMs: number;
  /** A stream without a fragment for this long has no signal. */
  silentMs: number;
  /** Streams that the hub turns into MPEG-1 at once. */
  mpeg1Streams: number;
}

/** Numbers of requests and viewers begin somewhere: what was meant for a thread that died must not fit its successor. */
export const REQUEST_START_MAX = 2 ** 47;

/** What becomes of a viewer who knocks. */
export type Admission = 'admitted' | 'not-signed-in' | 'too-many';

/** Why a stream does not flow, as far as the media thread can tell. */
export type Flow = 'flowing' | 'silent' | 'ended' | 'no-init';

/** From the hub's main thread to the media thread. Only control: pictures never cross. */
export type ToMediaThread =
  | { type: 'edge'; request: number; isAuthentic: boolean }
  | { type: 'viewer'; request: number; viewerId: number; admission: Admission }
  /** A handle begins: pictures with it are taken from this edge and this stream only. */
  | { type: 'open'; handle: number; edgeId: string; streamKey: string; reason: TileReason; sinceMs: number }
  | { type: 'close'; handle: number }
  /** The viewer's tile gets the pictures of a handle (with `mpeg1` what the hub makes of them), and the sound if wanted. */
  | {
      type: 'attach';
      viewerId: number;
      message: Extract<LiveMessage, { type: 'watching' }>;
      audio: boolean;
      mpeg1: boolean;
    }
  | { type: 'detach'; viewerId: number; tile: string }
  /** For one tile of one viewer. */
  | { type: 'tell'; viewerId: number; message: Extract<LiveMessage, { type: 'tile' | 'watching' | 'talk' }> }
  /** For every tile of a handle. */
  | { type: 'reason'; handle: number; reason: TileReason; sinceMs: number }
  /** What the viewer says from now on goes to a device's loudspeaker. */
  | ({ type: 'talk-open' } & OpenTalk)
  | { type: 'talk-close'; viewerId: number }
  | { type: 'end-viewer'; viewerId: number }
  | { type: 'end-edge'; edgeId: string }
  | { type: 'republish'; message: ToRepublish }
  | { type: 'stop' };

/** From the media thread to the hub's main thread. */
export type FromMediaThread =
  | { type: 'ready'; livePort: number; mediaPort: number; rtspPort?: number }
  | { type: 'failed'; code: string; message: string }
  | { type: 'edge'; request: number; edgeId: string; secret: Uint8Array }
  | { type: 'viewer'; request: number; viewerId: number; cookie: string; address: string }
  | { type: 'hello'; viewerId: number; codecs: ViewerCodec[] }
  | { type: 'watch'; viewerId: number; order: WatchOrder }
  | { type: 'unwatch'; viewerId: number; tile: string }
  | { type: 'talk'; viewerId: number; deviceId: string }
  /** The viewer let go, or has said nothing for a while. */
  | { type: 'talk-end'; viewerId: number }
  | { type: 'gone'; viewerId: number }
  /** A stream began (anew): the codec and size of its pictures, as JSON. */
  | { type: 'init'; handle: number; description: string }
  | { type: 'flow'; handle: number; flow: Flow; endReason: string | null }
  | { type: 'violation'; violation: LinkViolation }
  | { type: 'republish'; message: FromRepublish }
  | { type: 'counters'; counters: Record<string, number> }
  | { type: 'stopped' };
