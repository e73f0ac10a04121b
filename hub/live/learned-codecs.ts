import type { StreamInfo } from '../../contract/device.ts';

type Known = Pick<StreamInfo, 'name' | 'codec' | 'width' | 'height'>;

/**
 * What the pictures of watched streams really are. Inventories come seconds later, and the first media service of ONVIF
 * calls H.265 by another name. It is forgotten when nobody watches the device: what is wrong by then is learned anew.
 */
export class LearnedCodecs {
  readonly #byDevice = new Map<string, Map<'main' | 'sub', Known>>();

  /** The description of an init segment; true when it is news. */
  learn(deviceId: string, name: 'main' | 'sub', description: string): boolean {
    const found = read(name, description);
    if (found === null) return false;
    const streams = this.#byDevice.get(deviceId) ?? new Map<'main' | 'sub', Known>();
    const before = streams.get(name);
    if (before?.codec === found.codec && before.width === found.width) return false;
    this.#byDevice.set(deviceId, streams.set(name, found));
    return true;
  }

  forget(deviceId: string): void {
    this.#byDevice.delete(deviceId);
  }

  /** A device's streams as its inventory has them, with what is known better. */
  correct(deviceId: string, streams: readonly Known[]): readonly Known[] {
    const learned = this.#byDevice.get(deviceId);
    if (learned === undefined) return streams;
    return streams.map((stream) => learned.get(stream.name) ?? stream);
  }
}

function read(name: 'main' | 'sub', description: string): Known | null {
  try {
    const { codec, width, height } = JSON.parse(description) as Record<string, unknown>;
    if (typeof codec !== 'string') return null;
    return { name, codec: codec.slice(0, 64), width: numberOf(width), height: numberOf(height) };
  } catch {
    // What an edge says wrongly is as if it had not been said.
    return null;
  }
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && value > 0 ? value : null;
}
