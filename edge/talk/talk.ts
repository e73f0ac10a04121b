import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import { TALK_MAX_BYTES } from '../../contract/live.ts';
import { parseMediaMessage, readTimedBody } from '../../contract/media-frame.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';

/** A way to a loudspeaker; `edge/media/back-channel.ts` is one. */
export interface Loudspeaker {
  open(): Promise<unknown>;
  /** µ-law samples, 8 kHz. */
  send(samples: Uint8Array): void;
  close(): Promise<void>;
}

/** What {@link Talk} is built from. */
export interface TalkOptions {
  /**
   * Makes the way to a device's loudspeaker; it is opened afterwards. Throws DEVICE_UNKNOWN or DEVICE_UNSUPPORTED.
   * @param onClosed called when an open way ended by itself
   */
  loudspeaker(deviceId: string, onClosed: (error: Error) => void): Loudspeaker;
  clock: Clock;
  log: Log;
}

interface Speaking {
  deviceId: string;
  handle: number;
  loudspeaker: Loudspeaker;
  /** The ways that it takes the place of are closed. */
  freed: Promise<unknown>;
  opened: Promise<unknown>;
  silence: TimerHandle;
  sequence: number;
}

/** Without sound for so long nobody speaks any more. */
const SILENT_MS = 5000;
/** Longer than any camera takes to open the way. */
const OPENING_MS = 20_000;
const SPEAKING_MAX = 8;
/** The hub asks every three seconds; after a restart it counts its handles from one again. */
const LOST_KEPT_MS = 30_000;

/** Hands what people at the centre say to the loudspeakers of cameras and help boxes. */
export class Talk {
  readonly #options: TalkOptions;
  readonly #byHandle = new Map<number, Speaking>();
  /** Ways that ended by themselves: whoever asks again is told so. */
  #lost: { deviceId: string; handle: number; untilMs: number }[] = [];

  constructor(options: TalkOptions) {
    this.#options = options;
  }

  /**
   * Opens the way to a loudspeaker; asked again with the same handle it tells whether the way still stands.
   * @throws SharpEyesError DEVICE_UNKNOWN, DEVICE_UNSUPPORTED, DEVICE_UNREACHABLE …, LIMIT_REACHED, CONFLICT when it was
   *   closed or replaced while it opened
   */
  async start(deviceId: string, handle: number): Promise<void> {
    this.#refuseLost(deviceId, handle);
    const known = this.#byHandle.get(handle);
    if (known !== undefined && known.deviceId === deviceId) {
      await known.opened;
      return;
    }
    // The place is taken before anything is waited for: of two that come together the later stands.
    const speaking = this.#takePlace(deviceId, handle);
    try {
      await speaking.opened;
      this.#demandStanding(speaking);
    } catch (error) {
      await this.#close(speaking);
      throw error;
    }
    speaking.silence.cancel();
    speaking.silence = this.#silence(speaking);
  }

  /** Closes the way to a device's loudspeaker; one that is not open is fine. */
  async halt(deviceId: string): Promise<void> {
    const open = [...this.#byHandle.values()].filter((each) => each.deviceId === deviceId);
    await Promise.all(open.map((each) => this.#close(each)));
  }

  /** A message on `talk` came; what belongs to no open way is dropped. */
  take(payload: Uint8Array): void {
    const message = parseMediaMessage(payload);
    const speaking = message === null ? undefined : this.#byHandle.get(message.handle);
    if (message === null || speaking === undefined || message.type !== 'audio') return;
    // A broker may hand out a message twice, and what is late would be heard out of turn.
    if (message.sequence <= speaking.sequence) return;
    const sound = readTimedBody(message.body);
    if (sound === null || sound.bytes.length === 0 || sound.bytes.length > TALK_MAX_BYTES) return;
    speaking.sequence = message.sequence;
    speaking.silence.cancel();
    speaking.silence = this.#silence(speaking);
    speaking.loudspeaker.send(sound.bytes);
  }

  /** Closes every way. */
  async stop(): Promise<void> {
    await Promise.all([...this.#byHandle.values()].map((each) => this.#close(each)));
  }

  #takePlace(deviceId: string, handle: number): Speaking {
    const { clock, loudspeaker: wayTo } = this.#options;
    const replaced = [...this.#byHandle.values()].filter(
      (each) => each.deviceId === deviceId || each.handle === handle,
    );
    const freed = Promise.all(replaced.map((each) => this.#close(each)));
    if (this.#byHandle.size >= SPEAKING_MAX) {
      throw new SharpEyesError('LIMIT_REACHED', `people already speak through ${SPEAKING_MAX} devices of this edge`);
    }
    const loudspeaker = wayTo(deviceId, (error) => this.#ended(speaking, error));
    // Cameras have one back channel: the one before is given back first.
    const opened = freed.then(() => {
      this.#demandStanding(speaking);
      return loudspeaker.open();
    });
    const silence = clock.after(OPENING_MS, () => void this.#close(speaking));
    const speaking: Speaking = { deviceId, handle, loudspeaker, freed, opened, silence, sequence: 0 };
    this.#byHandle.set(handle, speaking);
    return speaking;
  }

  #demandStanding(speaking: Speaking): void {
    if (this.#byHandle.get(speaking.handle) === speaking) return;
    throw new SharpEyesError('CONFLICT', 'the way to the loudspeaker was closed while it opened');
  }

  #refuseLost(deviceId: string, handle: number): void {
    const nowMs = this.#options.clock.monotonicMs();
    this.#lost = this.#lost.filter(({ untilMs }) => untilMs > nowMs);
    if (!this.#lost.some((lost) => lost.handle === handle && lost.deviceId === deviceId)) return;
    throw new SharpEyesError('DEVICE_UNREACHABLE', 'the way to the loudspeaker ended');
  }

  #silence(speaking: Speaking): TimerHandle {
    return this.#options.clock.after(SILENT_MS, () => void this.#close(speaking));
  }

  #ended(speaking: Speaking, error: Error): void {
    const { clock, log } = this.#options;
    log.info({ reason: messageOf(error) }, 'the way to a loudspeaker ended');
    if (this.#byHandle.get(speaking.handle) !== speaking) return;
    const { deviceId, handle } = speaking;
    const untilMs = clock.monotonicMs() + LOST_KEPT_MS;
    this.#lost = [...this.#lost.slice(1 - SPEAKING_MAX), { deviceId, handle, untilMs }];
    void this.#close(speaking);
  }

  async #close(speaking: Speaking): Promise<void> {
    speaking.silence.cancel();
    if (this.#byHandle.get(speaking.handle) !== speaking) return;
    this.#byHandle.delete(speaking.handle);
    try {
      await Promise.all([speaking.freed, speaking.loudspeaker.close()]);
    } catch (error) {
      this.#options.log.debug({ reason: messageOf(error) }, 'the way to a loudspeaker did not close cleanly');
    }
  }
}
