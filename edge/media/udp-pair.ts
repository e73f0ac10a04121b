import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { writeRtpHeader } from '../../protocols/rtp/packet.ts';
import { streamError } from './stream-error.ts';

/** Between whom packets go, and who takes them. */
export interface UdpPairOptions {
  /** Our address on the RTSP connection: the sockets hear on it alone. */
  local: string;
  /** The device's address on the RTSP connection: packets from elsewhere are counted and dropped. */
  remote: string;
  onRtp(packet: Uint8Array): void;
  onRtcp(packet: Uint8Array): void;
}

const FIRST_PORT = 16_384;
const LAST_PORT = 65_534;
const ATTEMPTS = 30;
/** A burst of one key frame has to fit while the event loop is busy. */
const RECEIVE_BUFFER_BYTES = 2_097_152;
/** Packets sent ahead, so that a firewall between lets the device's ones through. */
const PUNCHES = 2;

/** An even UDP port for RTP and the one above for RTCP (RFC 3550 section 11). */
export class UdpPair {
  readonly #options: UdpPairOptions;
  #sockets: { rtp: Socket; rtcp: Socket } | null = null;
  #stopped = false;
  #serverPorts: readonly [rtp: number, rtcp: number] | null = null;
  /** Bytes received. */
  bytes = 0;
  /** Packets from others than the device. */
  foreign = 0;
  /** Our RTP port. */
  port = 0;

  constructor(options: UdpPairOptions) {
    this.#options = options;
  }

  /** Binds both sockets. @throws SharpEyesError when no pair of ports is free */
  async start(): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const port = randomInt(FIRST_PORT / 2, LAST_PORT / 2) * 2;
      const rtp = await this.#bind(port, this.#options.onRtp);
      if (rtp === null) continue;
      const rtcp = await this.#bind(port + 1, this.#options.onRtcp);
      if (rtcp === null) {
        rtp.close();
        continue;
      }
      this.#sockets = { rtp, rtcp };
      this.port = port;
      if (this.#stopped) this.stop();
      return;
    }
    throw streamError('unreachable', 'no pair of UDP ports is free on this machine');
  }

  /** The device's ports, as it answered SETUP; opens the way for its packets. */
  open(serverPorts: readonly [rtp: number, rtcp: number], ssrc: number): void {
    this.#serverPorts = serverPorts;
    const empty = new Uint8Array(12);
    writeRtpHeader(empty, 0, { payloadType: 0, marker: false, sequence: 0, timestamp: 0, ssrc });
    for (let i = 0; i < PUNCHES; i += 1) this.sendRtp(empty);
  }

  sendRtp(packet: Uint8Array): void {
    const port = this.#serverPorts?.[0];
    if (port !== undefined) this.#sockets?.rtp.send(packet, port, this.#options.remote, ignore);
  }

  sendRtcp(packet: Uint8Array): void {
    const port = this.#serverPorts?.[1];
    if (port !== undefined) this.#sockets?.rtcp.send(packet, port, this.#options.remote, ignore);
  }

  stop(): void {
    this.#stopped = true;
    this.#sockets?.rtp.close();
    this.#sockets?.rtcp.close();
    this.#sockets = null;
  }

  /** A socket on our address, or null when the port is taken. */
  #bind(port: number, take: (packet: Uint8Array) => void): Promise<Socket | null> {
    const { local, remote } = this.#options;
    const from = plain(remote);
    const socket = createSocket({ type: isIPv6(local) ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
    return new Promise((resolve) => {
      socket.once('error', () => {
        socket.close();
        resolve(null);
      });
      socket.bind({ port, address: local, exclusive: true }, () => {
        socket.removeAllListeners('error');
        // A device without a listener for our reports is told so by its system; its pictures come all the same.
        socket.on('error', ignore);
        resolve(socket);
      });
      socket.on('message', (packet, { address }) => {
        if (address !== from && plain(address) !== from) {
          this.foreign += 1;
          return;
        }
        this.bytes += packet.length;
        take(packet);
      });
    });
  }
}

function plain(address: string): string {
  return address.replace(/^::ffff:/i, '');
}

function ignore(): void {
  // Nobody waits for a datagram to be sent.
}
