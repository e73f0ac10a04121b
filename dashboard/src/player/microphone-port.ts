/** Why there is no microphone. */
export type MicrophoneRefusal = 'insecure' | 'not-allowed' | 'no-microphone';

/** The microphone was refused; the dashboard has a sentence for each reason. */
export class MicrophoneError extends Error {
  readonly reason: MicrophoneRefusal;

  constructor(reason: MicrophoneRefusal) {
    super(`no microphone: ${reason}`);
    this.name = 'MicrophoneError';
    this.reason = reason;
  }
}

/** An open microphone. */
export interface Microphone {
  /** Hands over what it hears from now on: amplitudes at 8 kHz, 40 ms at a time. */
  listen(onSound: (amplitudes: Float32Array) => void): void;
  close(): void;
}
