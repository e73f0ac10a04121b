import type { LiveMessage } from '../../../../contract/live.ts';
import { buildMediaMessage, type MediaMessageType, parseMediaMessage } from '../../../../contract/media-frame.ts';
import type { LiveLimits } from '../../../../hub/live/protocol.ts';
import type { ViewerSocket } from '../../../../hub/live/viewer.ts';

/** Small bounds, so that tests reach them. */
export const LIMITS: LiveLimits = {
  viewers: 10,
  viewerBufferBytes: 10_000,
  gopBytes: 5000,
  stalledMs: 30_000,
  silentMs: 5000,
  mpeg1Streams: 2,
};

/** A viewer's socket that takes nothing until the test says so. */
export class FakeSocket implements ViewerSocket {
  bufferedAmount = 0;
  isTerminated = false;
  isFast = true;
  readonly texts: LiveMessage[] = [];
  readonly binaries: Uint8Array[] = [];

  send(data: string | Uint8Array): void {
    if (typeof data === 'string') this.texts.push(JSON.parse(data) as LiveMessage);
    else this.binaries.push(data);
    if (!this.isFast) this.bufferedAmount += data.length;
  }

  terminate(): void {
    this.isTerminated = true;
  }

  /** What arrived, e.g. `init 1`, `key 10`, `11`. */
  get seen(): string[] {
    return this.binaries.map((bytes) => {
      const message = parseMediaMessage(bytes);
      if (message === null) return '?';
      if (message.type !== 'fragment') return `${message.type} ${message.epoch}`;
      return message.key ? `key ${message.sequence}` : String(message.sequence);
    });
  }
}

/** An envelope as an edge sends it; every tenth fragment is a key frame unless said otherwise. */
export function envelope(
  handle: number,
  type: MediaMessageType,
  sequence = 0,
  { epoch = 1, bytes = 100, key = type === 'fragment' && sequence % 10 === 0, description = '' } = {},
): Uint8Array {
  const header = { type, key, handle, epoch, sequence, edgeAtMs: 1 };
  return buildMediaMessage(header, new Uint8Array(bytes), description);
}
