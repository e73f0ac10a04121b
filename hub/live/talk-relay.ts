import { TALK_MAX_BYTES } from '../../contract/live.ts';
import { buildMediaMessage, buildTimedBody } from '../../contract/media-frame.ts';
import { topics } from '../../contract/topics.ts';
import type { Clock } from '../../platform/clock.ts';

/** An open way from a viewer to a device's loudspeaker. */
export interface OpenTalk {
  viewerId: number;
  deviceId: string;
  edgeId: string;
  /** In the envelopes, as the edge knows it from `talk.start`. */
  handle: number;
}

/** What the {@link TalkRelay} needs. */
export interface TalkRelayOptions {
  clock: Clock;
  /** To an edge; it may get lost. */
  publish(topic: string, payload: Uint8Array): void;
  /** A viewer holds its talk open and says nothing. */
  onSilent(viewerId: number): void;
}

interface Speaking extends OpenTalk {
  sequence: number;
  samples: number;
  heardAtMs: number;
  /** Sound that may still come now; refilled as time goes by. */
  allowance: number;
  refilledAtMs: number;
}

const SAMPLES_PER_MS = 8;
const TICKS_PER_SAMPLE = 90 / SAMPLES_PER_MS;
/** Sound that a stalled line brings in one go. */
const BURST_BYTES = 16_000;
const SILENT_MS = 5000;
/** What was spoken before the viewer heard that its talk has ended may still arrive. */
const GRACE_MS = 3000;

/** Hands sound from viewers to edges, in the media thread. One byte is one sample at 8 kHz. */
export class TalkRelay {
  readonly #options: TalkRelayOptions;
  readonly #speaking = new Map<number, Speaking>();
  readonly #endedAtMs = new Map<number, number>();
  readonly counters = { talkMessages: 0, talkDropped: 0 };

  constructor(options: TalkRelayOptions) {
    this.#options = options;
  }

  /** From now on what the viewer says goes to the edge. */
  open(talk: OpenTalk): void {
    const nowMs = this.#options.clock.monotonicMs();
    const rest = { sequence: 0, samples: 0, heardAtMs: nowMs, allowance: BURST_BYTES, refilledAtMs: nowMs };
    this.#speaking.set(talk.viewerId, { ...talk, ...rest });
  }

  close(viewerId: number): void {
    if (this.#speaking.delete(viewerId)) this.#endedAtMs.set(viewerId, this.#options.clock.monotonicMs());
  }

  /** The viewer is gone. */
  remove(viewerId: number): void {
    this.#speaking.delete(viewerId);
    this.#endedAtMs.delete(viewerId);
  }

  /** Takes a binary of a viewer; false when it had no right to send one. */
  take(viewerId: number, sound: Uint8Array): boolean {
    if (sound.length === 0 || sound.length > TALK_MAX_BYTES) return false;
    const nowMs = this.#options.clock.monotonicMs();
    const talk = this.#speaking.get(viewerId);
    if (talk === undefined) {
      this.counters.talkDropped++;
      return nowMs - (this.#endedAtMs.get(viewerId) ?? Number.NEGATIVE_INFINITY) < GRACE_MS;
    }
    talk.heardAtMs = nowMs;
    const refill = (nowMs - talk.refilledAtMs) * SAMPLES_PER_MS;
    talk.allowance = Math.min(BURST_BYTES, talk.allowance + refill);
    talk.refilledAtMs = nowMs;
    if (talk.allowance < sound.length) {
      // More than can be spoken: nobody would hear it in time.
      this.counters.talkDropped++;
      return true;
    }
    talk.allowance -= sound.length;
    this.#send(talk, sound);
    return true;
  }

  /** Looks for talks in which nothing is said, once a second. */
  check(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const { viewerId, heardAtMs } of this.#speaking.values()) {
      if (nowMs - heardAtMs >= SILENT_MS) this.#options.onSilent(viewerId);
    }
    for (const [viewerId, endedAtMs] of this.#endedAtMs) {
      if (nowMs - endedAtMs >= GRACE_MS) this.#endedAtMs.delete(viewerId);
    }
  }

  #send(talk: Speaking, sound: Uint8Array): void {
    this.counters.talkMessages++;
    const { handle, edgeId } = talk;
    const header = {
      ...{ type: 'audio' as const, key: false, handle, epoch: 1 },
      sequence: ++talk.sequence,
      // The hub's clock stands in for the edge's: on this way nobody compares them.
      edgeAtMs: this.#options.clock.nowMs(),
    };
    const body = buildTimedBody(talk.samples * TICKS_PER_SAMPLE, sound);
    talk.samples += sound.length;
    this.#options.publish(topics.talk(edgeId), buildMediaMessage(header, body));
  }
}
