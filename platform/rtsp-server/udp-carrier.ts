import type { Clock, TimerHandle } from '../clock.ts';
import { type PublishedUnit, packetsIn } from './published-unit.ts';
import type { TrackCarrier } from './reader.ts';
import type { UdpPorts } from './udp-ports.ts';

/** A key frame sent at once would overflow the reader's socket: so many packets, then a pause. */
const BURST_PACKETS = 48;
const PAUSE_MS = 2;
/** RTCP has a port of its own: sent at once, a goodbye would overtake the last picture. */
const GOODBYE_AFTER_MS = 200;

/** Sends one reader's datagrams in order and no faster than its socket can be expected to take them. */
export class UdpPacer {
  readonly #clock: Clock;
  #waiting: { send(packet: Uint8Array): void; packet: Uint8Array }[] = [];
  #at = 0;
  #room = BURST_PACKETS;
  #timer: TimerHandle | null = null;
  /** Bytes that wait. */
  bytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  send(packet: Uint8Array, send: (packet: Uint8Array) => void): void {
    this.#timer ??= this.#clock.every(PAUSE_MS, () => this.#tick());
    if (this.#room > 0 && this.bytes === 0) {
      this.#room -= 1;
      send(packet);
      return;
    }
    this.#waiting.push({ send, packet });
    this.bytes += packet.length;
  }

  /** Sends what waits, as fast as it goes. */
  flush(): void {
    for (const { send, packet } of this.#waiting.slice(this.#at)) send(packet);
    this.stop();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#waiting = [];
    this.#at = 0;
    this.bytes = 0;
  }

  /** Calls `run` once everything is certainly on its way. */
  afterAll(run: () => void): void {
    this.#clock.after(GOODBYE_AFTER_MS, run);
  }

  #tick(): void {
    if (this.bytes === 0) {
      // Nothing waits and nothing was sent since the last tick: no need to tick on.
      if (this.#room === BURST_PACKETS) {
        this.#timer?.cancel();
        this.#timer = null;
      }
      this.#room = BURST_PACKETS;
      return;
    }
    const end = Math.min(this.#waiting.length, this.#at + BURST_PACKETS);
    for (; this.#at < end; this.#at += 1) {
      const entry = this.#waiting[this.#at];
      if (entry === undefined) continue;
      this.bytes -= entry.packet.length;
      entry.send(entry.packet);
    }
    if (this.#at < this.#waiting.length) return;
    this.#waiting = [];
    this.#at = 0;
    this.#room = 0;
  }
}

/** A track in datagrams of its own. The address is that of the RTSP connection: nothing is sent to anybody else. */
export class UdpCarrier implements TrackCarrier {
  readonly #ports: UdpPorts;
  readonly #pacer: UdpPacer;
  readonly #address: string;
  readonly #clientPorts: readonly [rtp: number, rtcp: number];

  constructor(ports: UdpPorts, pacer: UdpPacer, address: string, clientPorts: readonly [rtp: number, rtcp: number]) {
    this.#ports = ports;
    this.#pacer = pacer;
    this.#address = address;
    this.#clientPorts = clientPorts;
  }

  rtp(unit: PublishedUnit): void {
    const send = (packet: Uint8Array): void => this.#ports.rtp(packet, this.#clientPorts[0], this.#address);
    for (const packet of packetsIn(unit.framed)) this.#pacer.send(packet, send);
  }

  rtcp(packet: Uint8Array): void {
    this.#ports.rtcp(packet, this.#clientPorts[1], this.#address);
  }

  goodbye(packet: Uint8Array): void {
    this.#pacer.afterAll(() => this.rtcp(packet));
  }
}
