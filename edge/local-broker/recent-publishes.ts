import { createHash } from 'node:crypto';

const KEPT = 64;

/** A message of a device as it came. */
export interface Publication {
  readonly messageId: number;
  readonly payload: Uint8Array;
  /** The device says that it may be a repetition (MQTT 3.1.1, 3.3.1.1). */
  readonly dup: boolean;
}

/**
 * Remembers a device's last messages, to recognise those it repeats because our answer got lost: a repetition shares
 * the fate of the first, whether that is stored already or still on its way to the disk.
 */
export class RecentPublishes {
  readonly #stored: string[] = [];
  readonly #running = new Map<string, Promise<void>>();

  /** Runs `store` unless the message is a repetition; `repeated` says which it was. */
  async once(publication: Publication, store: () => Promise<void>): Promise<{ repeated: boolean }> {
    const key = keyOf(publication);
    if (publication.dup) {
      const running = this.#running.get(key);
      if (running !== undefined) await running;
      if (running !== undefined || this.#stored.includes(key)) return { repeated: true };
    }
    const running = store();
    this.#running.set(key, running);
    try {
      await running;
    } finally {
      if (this.#running.get(key) === running) this.#running.delete(key);
    }
    this.#stored.push(key);
    if (this.#stored.length > KEPT) this.#stored.shift();
    return { repeated: false };
  }
}

function keyOf({ messageId, payload }: Publication): string {
  return `${messageId} ${createHash('sha256').update(payload).digest('base64')}`;
}
