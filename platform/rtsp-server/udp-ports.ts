import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { SharpEyesError } from '../../contract/errors.ts';
import { listenError } from '../net/listen.ts';

const ATTEMPTS = 20;
const BUFFER_BYTES = 4 * 1024 * 1024;

/** Even and odd port from which all readers over UDP are served (RFC 3550 section 11). */
export class UdpPorts {
  readonly #options: { host: string; port: number; onRtcp(address: string, port: number, packet: Uint8Array): void };
  #sockets: readonly [rtp: Socket, rtcp: Socket] | null = null;
  /** Packets that the system did not take. */
  unsent = 0;

  /** @param options `port` is even, or 0 for any pair */
  constructor(options: {
    host: string;
    port: number;
    onRtcp(address: string, port: number, packet: Uint8Array): void;
  }) {
    this.#options = options;
  }

  /** @throws SharpEyesError PORT_TAKEN, CONFIG_INVALID */
  async start(): Promise<void> {
    const { host, port } = this.#options;
    if (port !== 0) {
      this.#sockets = await this.#pair(port);
      return;
    }
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const probe = await this.#bind(0);
      const { port: found } = probe.address();
      await closed(probe);
      this.#sockets = await this.#pair(found & ~1).catch(() => null);
      if (this.#sockets !== null) return;
    }
    throw new SharpEyesError('PORT_TAKEN', `there is no free pair of UDP ports on ${host}`);
  }

  async stop(): Promise<void> {
    const sockets = this.#sockets ?? [];
    this.#sockets = null;
    await Promise.all(sockets.map(closed));
  }

  /** Of RTP; RTCP has the one above. 0 while not started. */
  get port(): number {
    return this.#sockets?.[0].address().port ?? 0;
  }

  rtp(packet: Uint8Array, port: number, address: string): void {
    this.#sockets?.[0].send(packet, port, this.#reachable(address), (error) => this.#sent(error));
  }

  rtcp(packet: Uint8Array, port: number, address: string): void {
    this.#sockets?.[1].send(packet, port, this.#reachable(address), (error) => this.#sent(error));
  }

  /** A socket for both families wants IPv4 addresses in the other's notation. */
  #reachable(address: string): string {
    return isIPv6(this.#options.host) && !isIPv6(address) ? `::ffff:${address}` : address;
  }

  #sent(error: Error | null): void {
    if (error !== null) this.unsent += 1;
  }

  async #pair(port: number): Promise<readonly [Socket, Socket]> {
    const rtp = await this.#bind(port);
    try {
      const rtcp = await this.#bind(port + 1);
      rtcp.on('message', (packet, { address, port: from }) => this.#options.onRtcp(address, from, packet));
      return [rtp, rtcp];
    } catch (error) {
      await closed(rtp);
      throw error;
    }
  }

  #bind(port: number): Promise<Socket> {
    const { host } = this.#options;
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', sendBufferSize: BUFFER_BYTES });
    return new Promise((resolve, reject) => {
      socket.once('error', (error) => reject(listenError(error, { host, port }, 'RTP over UDP')));
      socket.bind({ port, address: host, exclusive: true }, () => {
        socket.removeAllListeners('error');
        // What a reader's machine refuses is no fault of the socket.
        socket.on('error', () => this.#sent(new Error('refused')));
        resolve(socket);
      });
    });
  }
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}
