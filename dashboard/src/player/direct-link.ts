import { type DirectFacts, DirectMeter, NO_DIRECT_FACTS, type Stats } from './direct-facts.ts';
import type { PlayerClock } from './player-clock.ts';

/** A session that the hub has arranged: the edge's answer, and where to end it. */
export interface DirectAnswer {
  sdp: string;
  location: string;
}

/** The part of a browser's connection that is used. */
export interface PeerLike {
  readonly connectionState: string;
  ontrack: ((event: { track: never }) => void) | null;
  onconnectionstatechange: (() => void) | null;
  addTransceiver(kind: 'video', init: { direction: 'recvonly' }): { receiver: { jitterBufferTarget: number | null } };
  createOffer(): Promise<{ type: 'offer'; sdp?: string }>;
  setLocalDescription(offer: { type: 'offer'; sdp?: string }): Promise<void>;
  setRemoteDescription(answer: { type: 'answer'; sdp: string }): Promise<void>;
  getStats(): Promise<{ values(): Iterable<Stats> }>;
  close(): void;
}

/** The part of a video element that is used. */
export interface VideoLike {
  getVideoPlaybackQuality(): { totalVideoFrames: number; droppedVideoFrames: number };
}

/** What a {@link DirectLink} is built from. */
export interface DirectLinkOptions {
  video: VideoLike;
  /** No servers: the edge is in this network, or it is not reached this way. */
  connect(): PeerLike;
  /** Plays a track of the connection on the element; null for nothing. */
  show(track: unknown): void;
  clock: PlayerClock;
  /** Gives the hub an offer. Rejects where the edge, the camera or the person's rights do not allow it. */
  open(offer: string): Promise<DirectAnswer>;
  /** Ends a session; failures do not matter, its lease ends it as well. */
  close(location: string): void;
  /** The picture moves. */
  onPlaying(): void;
  /** The last moment at which the element still has its picture. */
  onLeave(): void;
  /**
   * Once, when there will be no (more) picture on this path; the tile goes on through the hub.
   * @param isUnreachable the edge gave an answer and no connection came about
   */
  onOver(isUnreachable: boolean): void;
}

/** A viewer in the same network is connected well before this; any other never. */
const CONNECT_WITHIN_MS = 3000;
/** From connecting to the next key frame; cameras send one every few seconds. */
const FIRST_FRAME_WITHIN_MS = 12_000;
const SILENT_AFTER_MS = 3000;
const LOOK_EVERY_MS = 250;

/**
 * Takes a stream straight from the edge (WebRTC, arranged through the hub) onto a video element.
 *
 *     start ──► asking ──answer──► connecting ──frame──► playing
 *                  └──refused─────────┴──3 s, lost, no frames──┴──► over
 */
export class DirectLink {
  readonly #options: DirectLinkOptions;
  #connection: PeerLike | null = null;
  #location: string | null = null;
  #state: 'asking' | 'connecting' | 'playing' | 'over' = 'asking';
  #cancelLook: () => void = () => undefined;
  readonly #meter = new DirectMeter();
  #isConnected = false;
  /** Frames that came out of the decoder, and those of them that were painted. */
  #frames = 0;
  #presented = 0;
  /** The next frame has to come before this. */
  #deadlineMs = 0;

  constructor(options: DirectLinkOptions) {
    this.#options = options;
  }

  /** Frames painted so far. */
  get presentedFrames(): number {
    return this.#presented;
  }

  /** What the browser tells about the stream now; what it does not tell is null. */
  async facts(): Promise<DirectFacts> {
    const report = await this.#connection?.getStats();
    // Closed meanwhile: what was read is old.
    return report === undefined || this.#isOver() ? NO_DIRECT_FACTS : this.#meter.observe(report.values());
  }

  async start(): Promise<void> {
    try {
      const connection = this.#connect();
      const offer = await connection.createOffer();
      await connection.setLocalDescription(offer);
      const { sdp, location } = await this.#options.open(offer.sdp ?? '');
      this.#location = location;
      if (this.#isOver()) return this.#leave();
      this.#state = 'connecting';
      this.#allow(CONNECT_WITHIN_MS);
      this.#look();
      await connection.setRemoteDescription({ type: 'answer', sdp });
    } catch {
      // Whatever stands against it: the picture comes through the hub as before.
      this.#end();
    }
  }

  /** Ends it without a word to the tile. */
  stop(): void {
    this.#state = 'over';
    this.#leave();
  }

  #connect(): PeerLike {
    const { connect, show } = this.#options;
    const connection = connect();
    this.#connection = connection;
    const { receiver } = connection.addTransceiver('video', { direction: 'recvonly' });
    connection.ontrack = ({ track }) => show(track);
    connection.onconnectionstatechange = () => {
      const { connectionState } = connection;
      if (connectionState === 'connected') {
        this.#isConnected = true;
        // The least delay; the path is short and even.
        receiver.jitterBufferTarget = 0;
        this.#allow(FIRST_FRAME_WITHIN_MS);
      } else if (connectionState === 'failed' || connectionState === 'disconnected' || connectionState === 'closed') {
        this.#end();
      }
    };
    return connection;
  }

  #look(): void {
    const { video, clock, onPlaying } = this.#options;
    const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
    if (totalVideoFrames > this.#frames) {
      this.#frames = totalVideoFrames;
      this.#presented = Math.max(this.#presented, totalVideoFrames - droppedVideoFrames);
      this.#allow(SILENT_AFTER_MS);
      if (this.#state === 'connecting') onPlaying();
      this.#state = 'playing';
    }
    if (clock.nowMs() > this.#deadlineMs) this.#end();
    else this.#cancelLook = clock.after(LOOK_EVERY_MS, () => this.#look());
  }

  #allow(ms: number): void {
    this.#deadlineMs = this.#options.clock.nowMs() + ms;
  }

  #isOver(): boolean {
    return this.#state === 'over';
  }

  #end(): void {
    if (this.#state === 'over') return;
    const isUnreachable = this.#state === 'connecting' && !this.#isConnected;
    this.#state = 'over';
    this.#leave();
    this.#options.onOver(isUnreachable);
  }

  #leave(): void {
    this.#cancelLook();
    const connection = this.#connection;
    this.#connection = null;
    if (connection !== null) {
      connection.ontrack = null;
      connection.onconnectionstatechange = null;
      connection.close();
    }
    this.#options.onLeave();
    this.#options.show(null);
    if (this.#location !== null) this.#options.close(this.#location);
    this.#location = null;
  }
}
