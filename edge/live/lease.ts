import type { MediaConsumer } from '../media/types.ts';

/** A stream that is being pulled because somebody asked for it. */
export interface OpenStream {
  /** The one that there is: `main` where a device has no `sub`. */
  stream: 'main' | 'sub';
  subscribe(consumer: MediaConsumer, options: { withLastGop?: boolean }): () => void;
  /** Not needed any more. */
  release(): void;
}

/**
 * Opens a device's stream, or what is made of it for browsers that cannot decode it.
 * @throws SharpEyesError DEVICE_UNKNOWN, STREAM_UNKNOWN, TRANSCODER_MISSING or TRANSCODER_BUSY
 */
export type StreamOpener = (deviceId: string, stream: 'main' | 'sub', transcode: boolean) => OpenStream;

/** A wish of the hub to get a stream for a while. */
export interface Lease {
  deviceId: string;
  stream: 'main' | 'sub';
  leaseMs: number;
  handle: number;
  /** 0 … 9: who keeps a picture when the line is too thin for all. Default 0. */
  priority?: number;
  /** Sound is wanted too. */
  audio?: boolean;
  /** Encoded anew as H.264. */
  transcode?: boolean;
}
