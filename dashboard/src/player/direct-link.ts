import type { PlayerClock } from './player-clock.ts';

/** A session that the hub has arranged: the edge's answer, and where to end it. */
export interface DirectAnswer {
  sdp: string;
  location: string;
}

/** What a {@link DirectLink} is built from. */
export interface DirectLinkOptions {
  video: HTMLVideoElement;
  clock: PlayerClock;
  /** Gives the hub an offer. Rejects where the edge, the camera or the person's rights do not allow it. */
  open(offer: string): Promise<DirectAnswer>;
  /** Ends a session; failures do not matter, its lease ends it as well. */
  close(location: string): void;
  /** The picture moves. */
  onPlaying(): void;
  /** Once, when there will be no (more) picture on this path; the tile goes on through the hub. */
  onOver(): void;
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
  #connection: RTCPeerConnection | null = null;
  #location: string | null = null;
  #state: 'asking' | 'connecting' | 'playing' | 'over' = 'asking';
  #cancelLook: () => void = () => undefined;
  #frames = 0;
  /** The next frame has to come before this. */
  #deadlineMs = 0;

  constructor(options: DirectLinkOptions) {
    this.#options = options;
  }

  /** Frames painted so far. */
  get presentedFrames(): number {
    return this.#frames;
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

  #connect(): RTCPeerConnection {
    const { video } = this.#options;
    // No servers: the edge is in this network, or it is not reached this way.
    const connection = new RTCPeerConnection({ iceServers: [] });
    this.#connection = connection;
    const { receiver } = connection.addTransceiver('video', { direction: 'recvonly' });
    connection.ontrack = ({ track }) => {
      video.srcObject = new MediaStream([track]);
      // The next frame tells whether it plays.
      video.play().catch(() => undefined);
    };
    connection.onconnectionstatechange = () => {
      const { connectionState } = connection;
      if (connectionState === 'connected') {
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
    const { totalVideoFrames } = video.getVideoPlaybackQuality();
    if (totalVideoFrames > this.#frames) {
      this.#frames = totalVideoFrames;
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
    this.#state = 'over';
    this.#leave();
    this.#options.onOver();
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
    this.#options.video.srcObject = null;
    if (this.#location !== null) this.#options.close(this.#location);
    this.#location = null;
  }
}
