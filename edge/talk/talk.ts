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
  opened: Promise<unknown>;
  silence: TimerHandle;
  sequence: number;
}

/** Without sound for so long nobody speaks any more. */
const SILENT_MS = 5000;
/** Longer than any camera takes to open the way. */
const OPENING_MS = 20_000;
const SPEAKING_MAX = 8;

/** Hands what people at the centre say to the loudspeakers of cameras and help boxes. */
export class Talk {
  readonly #options: TalkOptions;
  readonly #byHandle = new Map<number, Speaking>();
  /** Handles whose way ended by itself: whoever asks again is told so. */
  #lost: number[] = [];

  constructor(options: TalkOptions) {
    this.#options = options;
  }

  /**
   * Opens the way to a loudspeaker; asked again with the same handle it tells whether the way still stands.
   * @throws SharpEyesError DEVICE_UNKNOWN, DEVICE_UNSUPPORTED, DEVICE_UNREACHABLE …, LIMIT_REACHED
   */
  async start(deviceId: string, handle: number): Promise<void> {
    if (this.#lost.includes(handle)) throw new SharpEyesError('DEVICE_UNREACHABLE', 'the way to the loudspeaker ended');
    const known = this.#byHandle.get(handle);
    if (known !== undefined && known.deviceId === deviceId) {
      await known.opened;
      return;
    }
    await this.halt(deviceId);
    if (this.#byHandle.size >= SPEAKING_MAX) {
      throw new SharpEyesError('LIMIT_REACHED', `people already speak through ${SPEAKING_MAX} devices of this edge`);
    }
    const loudspeaker = this.#options.loudspeaker(deviceId, (error) => this.#ended(handle, error));
    const opened = loudspeaker.open();
    const silence = this.#options.clock.after(OPENING_MS, () => void this.#close(handle));
    const speaking: Speaking = { deviceId, handle, loudspeaker, opened, silence, sequence: 0 };
    this.#byHandle.set(handle, speaking);
    try {
      await opened;
      speaking.silence.cancel();
      if (this.#byHandle.has(handle)) speaking.silence = this.#silence(handle);
    } catch (error) {
      await this.#close(handle);
      throw error;
    }
  }

  /** Closes the way to a device's loudspeaker; one that is not open is fine. */
  async halt(deviceId: string): Promise<void> {
    const handles = [...this.#byHandle.values()].filter((each) => each.deviceId === deviceId);
    await Promise.all(handles.map(({ handle }) => this.#close(handle)));
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
    speaking.silence = this.#silence(speaking.handle);
    speaking.loudspeaker.send(sound.bytes);
  }

  /** Closes every way. */
  async stop(): Promise<void> {
    await Promise.all([...this.#byHandle.keys()].map((handle) => this.#close(handle)));
  }

  #silence(handle: number): TimerHandle {
    return this.#options.clock.after(SILENT_MS, () => void this.#close(handle));
  }

  #ended(handle: number, error: Error): void {
    this.#options.log.info({ reason: messageOf(error) }, 'the way to a loudspeaker ended');
    this.#lost = [...this.#lost.slice(1 - SPEAKING_MAX), handle];
    void this.#close(handle);
  }

  async #close(handle: number): Promise<void> {
    const speaking = this.#byHandle.get(handle);
    if (speaking === undefined) return;
    this.#byHandle.delete(handle);
    speaking.silence.cancel();
    try {
      await speaking.loudspeaker.close();
    } catch (error) {
      this.#options.log.debug({ reason: messageOf(error) }, 'the way to a loudspeaker did not close cleanly');
    }
  }
}
