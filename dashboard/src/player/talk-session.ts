import { encodeMuLaw } from '../../../contract/g711.ts';
import type { TalkState } from '../../../contract/live.ts';
import type { LiveSocket } from './live-socket.ts';
import { type Microphone, MicrophoneError, type MicrophoneRefusal } from './microphone-port.ts';

/** Why nobody hears the person. */
export type TalkRefusal = Exclude<TalkState, { state: 'open' }>['reason'] | MicrophoneRefusal;

/** How a hold stands. */
export type TalkPhase =
  | { phase: 'idle' }
  | { phase: 'asking' | 'opening' | 'open' }
  | { phase: 'refused'; reason: TalkRefusal };

/** What a {@link TalkSession} needs. */
export interface TalkSessionOptions {
  deviceId: string;
  socket: Pick<LiveSocket, 'talk' | 'say' | 'endTalk'>;
  openMicrophone(): Promise<Microphone>;
  onPhase(phase: TalkPhase): void;
}

/** Speaks through a device from `start()` to `stop()`: the time in which a key or a button is held. Used once. */
export class TalkSession {
  readonly #options: TalkSessionOptions;
  #microphone: Microphone | null = null;
  #isOver = false;
  #isOpen = false;

  constructor(options: TalkSessionOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { deviceId, socket, openMicrophone, onPhase } = this.#options;
    onPhase({ phase: 'asking' });
    try {
      const microphone = await openMicrophone();
      if (this.#isOver) return microphone.close();
      this.#microphone = microphone;
    } catch (thrown) {
      this.#end({ phase: 'refused', reason: thrown instanceof MicrophoneError ? thrown.reason : 'not-allowed' });
      return;
    }
    onPhase({ phase: 'opening' });
    socket.talk(deviceId, (state) => this.#hear(state));
  }

  /** The person let go. */
  stop(): void {
    this.#end({ phase: 'idle' });
  }

  #hear(state: TalkState): void {
    if (this.#isOver) return;
    if (state.state !== 'open') return this.#end({ phase: 'refused', reason: state.reason });
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#microphone?.listen((amplitudes) => {
      if (!this.#isOver) this.#options.socket.say(encodeMuLaw(amplitudes));
    });
    this.#options.onPhase({ phase: 'open' });
  }

  #end(phase: TalkPhase): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#microphone?.close();
    this.#options.socket.endTalk();
    this.#options.onPhase(phase);
  }
}
