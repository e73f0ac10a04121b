import { randomInt } from 'node:crypto';
import { splitAvcc } from '../../protocols/h264/nal.ts';
import { H264Packetizer } from '../../protocols/h264/packetizer.ts';
import type { InitSegment, MediaConsumer, MediaFragment, StreamState } from '../media/types.ts';

/** Below every usual network's limit, with room for SRTP's additions. */
const MTU = 1200;

/** Cuts a stream's fragments into RTP packets for one viewer; begins with a key frame. */
export class DirectSender implements MediaConsumer {
  readonly #send: (packet: Uint8Array) => void;
  readonly #onOver: () => void;
  readonly #packetizer = new H264Packetizer({
    payloadType: 96,
    ssrc: randomInt(1, 2 ** 32),
    mtu: MTU,
    firstSequence: randomInt(0, 2 ** 16),
  });
  #sets: readonly Uint8Array[] = [];
  #isSupported = false;

  /** @param onOver the pictures have ended, or are of a kind that browsers do not take this way */
  constructor(send: (packet: Uint8Array) => void, onOver: () => void) {
    this.#send = send;
    this.#onOver = onOver;
  }

  onInit(init: InitSegment): void {
    this.#sets = init.parameterSets;
    this.#isSupported = init.family === 'h264';
    if (!this.#isSupported) this.#onOver();
  }

  /** A camera that fails comes back into the same stream; one that was stopped does not. */
  onState(state: StreamState): void {
    if (state === 'stopped') this.#onOver();
  }

  onFragment({ bytes, sampleAt, key, decodeTime90k, compositionOffset90k }: MediaFragment): void {
    if (!this.#isSupported) return;
    const nals = splitAvcc(bytes.subarray(sampleAt));
    const unit = key ? [...this.#sets, ...nals] : nals;
    const timestamp = (decodeTime90k + compositionOffset90k) % 2 ** 32;
    for (const packet of this.#packetizer.packetize(unit, timestamp)) this.#send(packet);
  }
}
