import { decodeG711 } from '../../../contract/g711.ts';
import type { AudioDescription } from '../../../contract/media-frame.ts';

/** Decoded sound: one array of amplitudes per channel. */
export interface DecodedSound {
  channels: Float32Array<ArrayBuffer>[];
  sampleRate: number;
  pts90k: number;
}

/** Turns what arrives into amplitudes. */
export interface SoundDecoder {
  decode(bytes: Uint8Array, pts90k: number): void;
  stop(): void;
}

/** A decoder for a stream's sound; null when this browser has none. */
export function makeSoundDecoder(
  description: AudioDescription,
  onSound: (sound: DecodedSound) => void,
  onFault: () => void,
): SoundDecoder | null {
  const { codec, clockRate } = description;
  if (codec === 'aac') return aacDecoder(description, onSound, onFault);
  return {
    decode: (bytes, pts90k) => onSound({ channels: [decodeG711(codec, bytes)], sampleRate: clockRate, pts90k }),
    stop: () => undefined,
  };
}

function aacDecoder(
  { clockRate, channels, config }: AudioDescription,
  onSound: (sound: DecodedSound) => void,
  onFault: () => void,
): SoundDecoder | null {
  // Only pages with a secure connection have it.
  if (typeof AudioDecoder === 'undefined') return null;
  const specific = Uint8Array.from(atob(config), (letter) => letter.charCodeAt(0));
  const objectType = (specific[0] ?? 0) >> 3;
  const decoder = new AudioDecoder({ output: (data) => onSound(take(data)), error: onFault });
  try {
    decoder.configure({
      codec: `mp4a.40.${objectType === 0 ? 2 : objectType}`,
      sampleRate: clockRate,
      numberOfChannels: channels,
      description: specific,
    });
  } catch {
    // Not even worth asking: the browser knows no such sound.
    return null;
  }
  return {
    decode: (bytes, pts90k) => {
      if (decoder.state !== 'configured') return;
      decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: Math.round((pts90k / 90) * 1000), data: bytes }));
    },
    stop: () => {
      if (decoder.state !== 'closed') decoder.close();
    },
  };
}

function take(data: AudioData): DecodedSound {
  const channels = Array.from({ length: data.numberOfChannels }, (_, planeIndex) => {
    const plane = new Float32Array(data.numberOfFrames);
    data.copyTo(plane, { planeIndex, format: 'f32-planar' });
    return plane;
  });
  const sound = { channels, sampleRate: data.sampleRate, pts90k: (data.timestamp / 1000) * 90 };
  data.close();
  return sound;
}
