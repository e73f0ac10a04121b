import { randomUUID } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { SharpEyesError } from '../../contract/errors.ts';
import { buildBye, buildHello, buildProbeMatches } from '../../protocols/ws-discovery/build.ts';
import { DISCOVERY_GROUP, DISCOVERY_PORT } from '../../protocols/ws-discovery/message.ts';
import { parseDiscovery } from '../../protocols/ws-discovery/parse.ts';

/** Null for garbage, which a device on a shared group hears every day and must survive. */
function readProbe(datagram: Uint8Array): ReturnType<typeof parseDiscovery> {
  try {
    return parseDiscovery(datagram);
  } catch (error) {
    if (error instanceof SharpEyesError) return null;
    throw error;
  }
}

/** A device that answers to probes. */
export interface Announced {
  endpoint: string;
  types: readonly string[];
  scopes: readonly string[];
  xaddrs: readonly string[];
}

const LOOPBACK = '127.0.0.1';
const REPEATS_KEPT = 64;

function bind(socket: Socket, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, address, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

/**
 * WS-Discovery of one virtual device on its own address. It listens on the multicast group alone and joins it on
 * loopback, so that nothing of the demo is heard or answered outside this machine; answers leave from the device's
 * own address.
 */
export class DiscoveryResponder {
  readonly #address: string;
  readonly #device: Announced;
  readonly #instanceId: number;
  readonly #seen: string[] = [];
  #group: Socket | null = null;
  #own: Socket | null = null;
  #messageNumber = 0;

  /** @param instanceId seconds since 1970 at which the device started */
  constructor(address: string, device: Announced, instanceId: number) {
    this.#address = address;
    this.#device = device;
    this.#instanceId = instanceId;
  }

  async start(): Promise<void> {
    try {
      const group = createSocket({ type: 'udp4', reuseAddr: true });
      this.#group = group;
      await bind(group, DISCOVERY_PORT, DISCOVERY_GROUP);
      group.addMembership(DISCOVERY_GROUP, LOOPBACK);
      group.on('message', (datagram, from) => this.#answer(datagram, from));
      const own = createSocket('udp4');
      this.#own = own;
      await bind(own, DISCOVERY_PORT, this.#address);
      own.setMulticastInterface(LOOPBACK);
      own.on('message', (datagram, from) => this.#answer(datagram, from));
      for (const socket of [group, own]) socket.on('error', () => undefined);
    } catch (error) {
      await this.stop();
      throw new SharpEyesError('PORT_TAKEN', `WS-Discovery of the virtual device ${this.#address} cannot listen`, {
        cause: error,
      });
    }
    this.#own?.send(buildHello(this.#newId(), this.#sequence(), this.#device), DISCOVERY_PORT, DISCOVERY_GROUP);
  }

  async stop(): Promise<void> {
    const { endpoint } = this.#device;
    const own = this.#own;
    if (own !== null) {
      await new Promise<void>((resolve) =>
        own.send(buildBye(this.#newId(), this.#sequence(), endpoint), DISCOVERY_PORT, DISCOVERY_GROUP, () => resolve()),
      );
    }
    own?.close();
    this.#group?.close();
    this.#own = null;
    this.#group = null;
  }

  #newId(): string {
    return `urn:uuid:${randomUUID()}`;
  }

  #sequence(): { instanceId: number; messageNumber: number } {
    this.#messageNumber += 1;
    return { instanceId: this.#instanceId, messageNumber: this.#messageNumber };
  }

  #answer(datagram: Uint8Array, from: RemoteInfo): void {
    // Only this machine is answered, whatever reaches the socket.
    if (!from.address.startsWith('127.') || from.port === 0) return;
    const message = readProbe(datagram);
    if (message?.kind !== 'probe' || this.#seen.includes(message.messageId)) return;
    const known = ['device', 'networkvideotransmitter'];
    if (message.types.length > 0 && !message.types.some(({ name }) => known.includes(name.toLowerCase()))) return;
    this.#seen.push(message.messageId);
    if (this.#seen.length > REPEATS_KEPT) this.#seen.shift();
    const answer = buildProbeMatches(this.#newId(), message.messageId, this.#sequence(), [this.#device]);
    this.#own?.send(answer, from.port, from.address);
  }
}
