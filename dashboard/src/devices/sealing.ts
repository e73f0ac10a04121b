import type { Edge } from '../../../contract/api/devices.ts';
import { type CryptoLike, type Sealed, seal, sealingContext } from '../../../contract/sealed.ts';
import { ApiError } from '../transport/api-error.ts';

/** Browsers give cryptography only to pages from HTTPS or from this machine itself. */
export function canSeal(): boolean {
  return globalThis.crypto?.subtle !== undefined;
}

/** Seals a device's password so that nobody but its edge can read it. */
export async function sealFor(edge: Edge, password: string): Promise<Sealed> {
  if (edge.sealingKey === null || !canSeal()) throw new ApiError('EDGE_OFFLINE', 0, 'no key to seal to');
  return seal(globalThis.crypto as unknown as CryptoLike, edge.sealingKey, sealingContext(edge.edgeId), password);
}

// Without characters that look alike when a technician copies them from a screen.
const LETTERS = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** A password for a sensor: 20 characters, about 115 bits. */
export function randomPassword(randomBytes: (count: number) => Uint8Array): string {
  let text = '';
  while (text.length < 20) {
    for (const byte of randomBytes(32)) {
      // Bytes above the largest multiple would favour the first letters.
      if (byte < 220 && text.length < 20) text += LETTERS[byte % 55] ?? '';
    }
  }
  return text;
}
