/**
 * Watches the framing of an MQTT connection (MQTT 3.1.1, 2.2) for packets above a limit, before a broker gathers them
 * in memory: the fixed header's "remaining length" says how much a packet will be. No packet is parsed.
 */
export class PacketLimit {
  /** Largest remaining length that is let through; may be raised once a client has signed in. */
  limitBytes: number;
  #state: 'type' | 'length' | 'body' = 'type';
  #length = 0;
  #shift = 0;
  #bodyLeft = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  /** Takes the next received bytes; false when a packet is too large or its length is malformed: hang up then. */
  accept(chunk: Uint8Array): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (this.#state === 'body') {
        const skipped = Math.min(this.#bodyLeft, chunk.length - at);
        at += skipped;
        this.#bodyLeft -= skipped;
        if (this.#bodyLeft === 0) this.#state = 'type';
        continue;
      }
      const byte = chunk[at++] ?? 0;
      if (this.#state === 'type') {
        this.#state = 'length';
        this.#length = 0;
        this.#shift = 0;
      } else if (!this.#acceptLengthByte(byte)) return false;
    }
    return true;
  }

  #acceptLengthByte(byte: number): boolean {
    this.#length += (byte & 0x7f) * 2 ** this.#shift;
    this.#shift += 7;
    if ((byte & 0x80) !== 0) return this.#shift < 28;
    this.#bodyLeft = this.#length;
    this.#state = this.#length === 0 ? 'type' : 'body';
    return this.#length <= this.limitBytes;
  }
}
