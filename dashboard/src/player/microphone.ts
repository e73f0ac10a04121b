import { type Microphone, MicrophoneError } from './microphone-port.ts';
import talkWorklet from './talk-worklet.ts?worker&url';

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
