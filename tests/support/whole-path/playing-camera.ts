import { PPS, SPS_360P, slice } from '../h264.ts';
import { type ScriptedClient, ScriptedRtspServer } from '../scripted-rtsp-server.ts';

const FRAME_MS = 40;
const FRAMES_PER_KEY = 25;

/** A camera that sends pictures at 25 frames/s, can go away, and comes back at the same address. */
export class PlayingCamera {
  #server: ScriptedRtspServer | null = null;
  #port = 0;
  readonly #timers = new Set<NodeJS.Timeout>();

  get url(): string {
    return `rtsp://127.0.0.1:${this.#port}/cam`;
  }

  async appear(): Promise<void> {
    const server = new ScriptedRtspServer({ onPlay: (client) => this.#play(client) });
    await server.start(this.#port);
    this.#port = server.port;
    this.#server = server;
  }

  async disappear(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers.clear();
    const server = this.#server;
    this.#server = null;
    await server?.stop();
  }

  #play(client: ScriptedClient): void {
    let frame = 0;
    const timer = setInterval(() => {
      if (client.socket.destroyed) {
        clearInterval(timer);
        this.#timers.delete(timer);
        return;
      }
      const isKey = frame % FRAMES_PER_KEY === 0;
      const nals = isKey ? [SPS_360P, PPS, slice('idr', 3000)] : [slice('delta', 1000)];
      client.frame(nals, frame * 3600);
      frame += 1;
    }, FRAME_MS);
    this.#timers.add(timer);
  }
}
