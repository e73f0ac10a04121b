import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import type { Log } from '../../platform/log.ts';
import { DISCOVERY_GROUP, DISCOVERY_PORT } from '../../protocols/ws-discovery/message.ts';

/** Receives what arrives, with the sender's address. */
export type DatagramHandler = (datagram: Uint8Array, from: string) => void;

/** What the sockets need. */
export interface DiscoverySocketsOptions {
  /** Addresses of this machine on the networks to search; empty: every IPv4 address but loopback. */
  addresses: readonly string[];
  onDatagram: DatagramHandler;
  log: Log;
}

/** Every IPv4 address of this machine but loopback. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address),
  );
}

/**
 * Sockets of WS-Discovery. Probes leave from one socket per address, bound to that address alone, and answers come
 * back to it. Greetings are heard on a socket bound to the multicast group, which joins it on these addresses only:
 * nothing of this listens on any other network.
 */
export class DiscoverySockets {
  readonly #options: DiscoverySocketsOptions;
  #probing: Socket[] = [];
  #group: Socket | null = null;

  constructor(options: DiscoverySocketsOptions) {
    this.#options = options;
  }

  /** Opens what can be opened; an address that this machine does not have is logged and left out. */
  async start(): Promise<void> {
    const { log } = this.#options;
    const addresses = this.#options.addresses.length > 0 ? this.#options.addresses : ownAddresses();
    for (const address of addresses) {
      try {
        this.#probing.push(await this.#openProbing(address));
      } catch (error) {
        log.warn({ err: error, address }, 'cannot look for devices from this address');
      }
    }
    try {
      this.#group = await this.#openGroup(addresses);
    } catch (error) {
      log.warn({ err: error }, 'cannot hear devices that announce themselves; searching still finds them');
    }
  }

  stop(): void {
    for (const socket of this.#probing) socket.close();
    this.#group?.close();
    this.#probing = [];
    this.#group = null;
  }

  /** Sends to the multicast group on every network. */
  multicast(message: string): void {
    for (const socket of this.#probing) this.#send(socket, message, DISCOVERY_GROUP);
  }

  /** Sends to one address. */
  unicast(message: string, address: string): void {
    const socket = this.#probing[0];
    if (socket !== undefined) this.#send(socket, message, address);
  }

  #send(socket: Socket, message: string, address: string): void {
    socket.send(message, DISCOVERY_PORT, address, (error) => {
      if (error !== null) this.#options.log.debug({ err: error, address }, 'a probe could not be sent');
    });
  }

  async #openProbing(address: string): Promise<Socket> {
    const socket = createSocket('udp4');
    await this.#bind(socket, 0, address);
    socket.setMulticastInterface(address);
    socket.setMulticastTTL(1);
    return socket;
  }

  async #openGroup(addresses: readonly string[]): Promise<Socket> {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    await this.#bind(socket, DISCOVERY_PORT, DISCOVERY_GROUP);
    for (const address of addresses) {
      try {
        socket.addMembership(DISCOVERY_GROUP, address);
      } catch (error) {
        this.#options.log.warn({ err: error, address }, 'cannot join the discovery group on this address');
      }
    }
    return socket;
  }

  #bind(socket: Socket, port: number, address: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const onError = (error: Error): void => {
        socket.close();
        reject(error);
      };
      socket.once('error', onError);
      socket.bind(port, address, () => {
        socket.off('error', onError);
        socket.on('error', (error) => this.#options.log.warn({ err: error, address }, 'a discovery socket failed'));
        socket.on('message', (datagram: Buffer, from: RemoteInfo) => this.#options.onDatagram(datagram, from.address));
        resolve();
      });
    });
  }
}
