import talkWorklet from './talk-worklet.ts?worker&url';

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

/**
 * Opens the microphone; the browser may ask the person first.
 * @throws MicrophoneError
 */
export async function openMicrophone(): Promise<Microphone> {
  const stream = await askForMicrophone();
  const context = new AudioContext();
  const close = (): void => {
    for (const track of stream.getTracks()) track.stop();
    context.close().catch(() => undefined);
  };
  try {
    await context.audioWorklet.addModule(talkWorklet);
    await context.resume();
  } catch {
    close();
    throw new MicrophoneError('insecure');
  }
  const source = context.createMediaStreamSource(stream);
  const worklet = new AudioWorkletNode(context, 'talk', { numberOfOutputs: 0, channelCount: 1 });
  source.connect(worklet);
  return {
    listen: (onSound) => {
      worklet.port.onmessage = ({ data }) => {
        if (data instanceof Float32Array) onSound(data);
      };
    },
    close,
  };
}

async function askForMicrophone(): Promise<MediaStream> {
  // Browsers hide it altogether where the page is not secure.
  if (!isSecureContext || navigator.mediaDevices === undefined) throw new MicrophoneError('insecure');
  const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (thrown) {
    const name = thrown instanceof DOMException ? thrown.name : '';
    throw new MicrophoneError(name === 'NotFoundError' ? 'no-microphone' : 'not-allowed');
  }
}
