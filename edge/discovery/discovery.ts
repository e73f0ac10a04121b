import { randomUUID } from 'node:crypto';
import type { Candidate } from '../../contract/device.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import { type Clock, delay, type TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { buildProbe, type ProbeTarget } from '../../protocols/ws-discovery/build.ts';
import type { DiscoveryMessage } from '../../protocols/ws-discovery/message.ts';
import { parseDiscovery } from '../../protocols/ws-discovery/parse.ts';
import { CandidateBook, type CandidateChange, type CandidateEntry, type Reception } from './candidate-book.ts';
import { manualCandidateId } from './candidate-identity.ts';
import { DiscoverySockets } from './discovery-sockets.ts';

/** What {@link Discovery} needs. */
export interface DiscoveryOptions {
  /** Addresses of this machine on the networks to search; empty: every IPv4 address but loopback. */
  addresses: readonly string[];
  /** Whether devices at this address may be listed and dialled. */
  isAllowed(address: string): boolean;
  onChange(change: CandidateChange): void;
  /** Time between searches; null searches on request only. */
  periodMs: number | null;
  /** How long answers are waited for. */
  windowMs?: number;
  maxCandidates?: number;
  clock: Clock;
  log: Log;
  random?: () => number;
}

/** Probes of one search: UDP loses some, and devices of different age answer to different types. */
const REPEATS = 3;
const TARGETS: readonly ProbeTarget[] = ['network-video-transmitter', 'onvif-device', 'any'];
const REPEAT_MS = 150;
const DEFAULT_WINDOW_MS = 4_000;
/** Beyond this, datagrams of one second are dropped and counted. */
const DATAGRAMS_PER_SECOND = 1_000;

/** Finds ONVIF devices: WS-Discovery over multicast and to single addresses, and devices that announce themselves. */
export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #book: CandidateBook;
  readonly #sockets: DiscoverySockets;
  readonly #counters: Record<string, number> = { datagrams: 0, dropped: 0, garbage: 0, notAllowed: 0 };
  #abort: AbortController | null = null;
  #timer: TimerHandle | null = null;
  #searching: Promise<number> | null = null;
  #second = { atMs: 0, datagrams: 0 };

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#book = new CandidateBook(options.maxCandidates ?? 500);
    const { addresses, log } = options;
    this.#sockets = new DiscoverySockets({
      addresses,
      onDatagram: (datagram, from) => this.#receive(datagram, from),
      log,
    });
  }

  /** Opens the sockets and searches for the first time, in the background. */
  async start(): Promise<void> {
    const { clock, periodMs } = this.#options;
    this.#abort = new AbortController();
    await this.#sockets.start();
    if (periodMs === null) return;
    this.#timer = clock.every(periodMs, () => this.#searchInBackground());
    this.#searchInBackground();
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    this.#abort?.abort(new SharpEyesError('TIMEOUT', 'the search was ended'));
    this.#abort = null;
    await this.#searching?.catch(() => undefined);
    this.#sockets.stop();
  }

  /**
   * Searches now and resolves after the window with the number of candidates that are present; a search that is
   * running already is shared.
   * @param addresses also probed one by one, for networks that multicast does not reach
   */
  run(addresses: readonly string[] = []): Promise<number> {
    this.#searching ??= this.#search(addresses).finally(() => {
      this.#searching = null;
    });
    return this.#searching;
  }

  /** Everything that was found, oldest first. */
  candidates(): Candidate[] {
    return this.#book.list().map(({ candidate }) => candidate);
  }

  /** A candidate with its endpoint reference, or null. */
  find(candidateId: string): CandidateEntry | null {
    return this.#book.get(candidateId);
  }

  /**
   * Lists a device by its ONVIF (`http`, `https`) or RTSP (`rtsp`, `rtsps`) address.
   * @throws SharpEyesError INVALID_BODY for another address, ADDRESS_NOT_ALLOWED outside the allowed networks
   */
  addByHand(address: string, name = ''): Candidate {
    const url = URL.canParse(address) ? new URL(address) : null;
    const driver = driverOf(url?.protocol);
    if (url === null || driver === null) {
      throw new SharpEyesError(
        'INVALID_BODY',
        'give an address that begins with rtsp://, rtsps://, http:// or https://',
      );
    }
    if (!this.#options.isAllowed(url.hostname.replace(/^\[|\]$/g, ''))) {
      const message = `${url.hostname} is not inside the networks that this edge may dial (network.allowed)`;
      throw new SharpEyesError('ADDRESS_NOT_ALLOWED', message);
    }
    url.username = '';
    url.password = '';
    const nowMs = this.#options.clock.nowMs();
    const candidateId = manualCandidateId(driver, url.href);
    const known = this.#book.get(candidateId);
    if (known !== null) return known.candidate;
    const common = { candidateId, driver, type: 'camera', address: url.href, hardware: '' } as const;
    const times = { foundBy: 'manual', firstSeenMs: nowMs, lastSeenMs: nowMs, change: 'new' } as const;
    const candidate: Candidate = { ...common, ...times, name: name.slice(0, 128) };
    const change = this.#book.addByHand(candidate);
    if (change === null) throw new SharpEyesError('LIMIT_REACHED', 'the list of candidates is full; dismiss some');
    this.#options.onChange(change);
    return candidate;
  }

  /** A person has looked at a candidate. */
  acknowledge(candidateId: string): void {
    this.#book.acknowledge(candidateId);
  }

  /** Forgets a candidate until it announces itself again; false when there is none. */
  dismiss(candidateId: string): boolean {
    return this.#book.dismiss(candidateId);
  }

  /** Since start, by what became of each datagram. */
  counters(): Record<string, number> {
    return { ...this.#counters };
  }

  #searchInBackground(): void {
    this.run().catch((error: unknown) => this.#options.log.debug({ err: error }, 'a search was ended'));
  }

  async #search(addresses: readonly string[]): Promise<number> {
    const { clock, random = Math.random, windowMs = DEFAULT_WINDOW_MS, isAllowed } = this.#options;
    const signal = this.#abort?.signal;
    if (signal === undefined) throw new SharpEyesError('CONFLICT', 'discovery is not running');
    const startedAtMs = clock.nowMs();
    const endsAtMs = clock.monotonicMs() + windowMs;
    // A probe keeps its message id when repeated, so that devices answer it once (SOAP-over-UDP, 4.2).
    const probes = TARGETS.map((target) => buildProbe(`urn:uuid:${randomUUID()}`, target));
    for (let turn = 0; turn < REPEATS; turn++) {
      if (turn > 0) await delay(clock, REPEAT_MS * turn * (0.5 + random()), signal);
      for (const probe of probes) {
        this.#sockets.multicast(probe);
        for (const address of addresses.filter(isAllowed)) this.#sockets.unicast(probe, address);
      }
    }
    await delay(clock, Math.max(0, endsAtMs - clock.monotonicMs()), signal);
    for (const change of this.#book.settle(startedAtMs)) this.#options.onChange(change);
    return this.candidates().filter(({ change }) => change !== 'gone').length;
  }

  #receive(datagram: Uint8Array, from: string): void {
    if (!this.#mayRead(from)) return;
    let message: DiscoveryMessage | null;
    try {
      message = parseDiscovery(datagram);
    } catch (error) {
      if (!(error instanceof SharpEyesError)) throw error;
      this.#count('garbage');
      this.#options.log.debug({ from, reason: error.message }, 'a discovery message could not be read');
      return;
    }
    if (message?.kind === 'probe-matches') {
      for (const match of message.matches) this.#announce(match, from, 'ws-discovery');
    } else if (message?.kind === 'hello') {
      this.#book.recall(message.announcement.endpoint);
      this.#announce(message.announcement, from, 'hello');
      // It may have moved: whether its old address is silent now, a search tells.
      if (this.#options.periodMs !== null) this.#searchInBackground();
    } else if (message?.kind === 'bye') {
      const change = this.#book.bye(message.endpoint);
      if (change !== null) this.#options.onChange(change);
    }
  }

  #announce(match: Parameters<CandidateBook['announce']>[0], from: string, foundBy: 'ws-discovery' | 'hello'): void {
    const { reception, change } = this.#book.announce(match, from, foundBy, this.#options.clock.nowMs());
    this.#count(reception);
    if (change !== null) this.#options.onChange(change);
  }

  #mayRead(from: string): boolean {
    this.#count('datagrams');
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#second.atMs >= 1_000) this.#second = { atMs: nowMs, datagrams: 0 };
    this.#second.datagrams += 1;
    if (this.#second.datagrams > DATAGRAMS_PER_SECOND) {
      this.#count('dropped');
      return false;
    }
    if (this.#options.isAllowed(from)) return true;
    this.#count('notAllowed');
    return false;
  }

  #count(what: Reception | 'datagrams' | 'dropped' | 'garbage' | 'notAllowed'): void {
    this.#counters[what] = (this.#counters[what] ?? 0) + 1;
  }
}

function driverOf(protocol: string | undefined): 'onvif' | 'rtsp' | null {
  if (protocol === 'rtsp:' || protocol === 'rtsps:') return 'rtsp';
  return protocol === 'http:' || protocol === 'https:' ? 'onvif' : null;
}
