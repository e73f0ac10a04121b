import type { Candidate } from '../../contract/device.ts';
import { endpointKey, scopeFacts } from '../../protocols/ws-discovery/identity.ts';
import type { Announcement } from '../../protocols/ws-discovery/message.ts';
import { candidateIdOf, serviceAddress, typeOf } from './candidate-identity.ts';

/** A candidate and what discovery alone needs to know of it. */
export interface CandidateEntry {
  readonly candidate: Candidate;
  /** `urn:uuid:…` in lower case; for candidates added by hand their address. */
  readonly endpoint: string;
}

/** What happened to a candidate. */
export interface CandidateChange {
  readonly kind: 'found' | 'changed' | 'gone';
  readonly entry: CandidateEntry;
  /** Address it had before; null where that did not change. */
  readonly previousAddress: string | null;
}

/** What became of an announcement; closed, so that a page can say why something is not listed. */
export type Reception = 'found' | 'seen' | 'not-onvif' | 'dismissed' | 'full';

interface Known {
  candidate: Candidate;
  endpoint: string;
  /** When each of its addresses answered last. */
  seenAtMs: Map<string, number>;
  /** Searches in a row in which it did not answer. */
  missed: number;
}

const MAX_ADDRESSES = 8;
/** After so many searches without an answer a device counts as gone; datagrams get lost. */
const MISSES_UNTIL_GONE = 3;

/**
 * Everything that was found, by endpoint reference. Pure bookkeeping: no sockets, no clock. A device with two
 * interfaces answers from both, so an address counts as changed only when the old one stayed silent for a whole search.
 */
export class CandidateBook {
  readonly #limit: number;
  readonly #known = new Map<string, Known>();
  readonly #dismissed = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Everything that is listed, oldest first. */
  list(): CandidateEntry[] {
    return [...this.#known.values()].map(({ candidate, endpoint }) => ({ candidate, endpoint }));
  }

  get(candidateId: string): CandidateEntry | null {
    return this.list().find(({ candidate }) => candidate.candidateId === candidateId) ?? null;
  }

  /** Takes an announcement from `from` (an address without port). */
  announce(
    announcement: Announcement,
    from: string,
    foundBy: 'ws-discovery' | 'hello',
    nowMs: number,
  ): { reception: Reception; change: CandidateChange | null } {
    if (!announcement.speaksOnvif) return { reception: 'not-onvif', change: null };
    const endpoint = endpointKey(announcement.endpoint);
    const address = serviceAddress(announcement, from);
    const known = this.#known.get(endpoint);
    if (known !== undefined) return { reception: 'seen', change: this.#seen(known, address, nowMs) };
    if (this.#dismissed.has(endpoint)) return { reception: 'dismissed', change: null };
    if (this.#known.size >= this.#limit) return { reception: 'full', change: null };
    const facts = scopeFacts(announcement.scopes);
    const candidate: Candidate = {
      candidateId: candidateIdOf(announcement.endpoint),
      driver: 'onvif',
      type: typeOf(announcement),
      address: address.slice(0, 512),
      name: (facts.name ?? '').slice(0, 128),
      hardware: (facts.hardware ?? '').slice(0, 128),
      foundBy,
      firstSeenMs: nowMs,
      lastSeenMs: nowMs,
      change: 'new',
    };
    return { reception: 'found', change: this.#list(endpoint, candidate, nowMs) };
  }

  /** Lists a candidate that a person added by its address. */
  addByHand(candidate: Candidate): CandidateChange | null {
    const endpoint = candidate.address;
    this.#dismissed.delete(endpoint);
    if (this.#known.has(endpoint) || this.#known.size >= this.#limit) return null;
    return this.#list(endpoint, candidate, candidate.firstSeenMs);
  }

  /** A device said that it leaves. */
  bye(endpoint: string): CandidateChange | null {
    const known = this.#known.get(endpointKey(endpoint));
    return known === undefined ? null : this.#gone(known);
  }

  /** Ends a search that began at `startedAtMs`: who moved, who is gone. */
  settle(startedAtMs: number): CandidateChange[] {
    return [...this.#known.values()].flatMap((known) => this.#settleOne(known, startedAtMs) ?? []);
  }

  /** A person has looked at a candidate: it is no longer new or moved. */
  acknowledge(candidateId: string): void {
    for (const known of this.#known.values()) {
      if (known.candidate.candidateId !== candidateId || known.candidate.change === 'gone') continue;
      known.candidate = { ...known.candidate, change: 'known' };
    }
  }

  /** Removes a candidate from the list; it comes back when it says Hello or is added by hand. */
  dismiss(candidateId: string): boolean {
    for (const [endpoint, known] of this.#known) {
      if (known.candidate.candidateId !== candidateId) continue;
      this.#known.delete(endpoint);
      if (this.#dismissed.size < this.#limit) this.#dismissed.add(endpoint);
      return true;
    }
    return false;
  }

  /** Lists a dismissed device again the next time it answers. */
  recall(endpoint: string): void {
    this.#dismissed.delete(endpointKey(endpoint));
  }

  #list(endpoint: string, candidate: Candidate, nowMs: number): CandidateChange {
    const known: Known = { candidate, endpoint, seenAtMs: new Map([[candidate.address, nowMs]]), missed: 0 };
    this.#known.set(endpoint, known);
    return changeOf('found', known);
  }

  #seen(known: Known, address: string, nowMs: number): CandidateChange | null {
    if (known.seenAtMs.size < MAX_ADDRESSES || known.seenAtMs.has(address)) known.seenAtMs.set(address, nowMs);
    known.missed = 0;
    const isBack = known.candidate.change === 'gone';
    known.candidate = { ...known.candidate, lastSeenMs: nowMs, ...(isBack ? { change: 'new' } : {}) };
    return isBack ? changeOf('found', known) : null;
  }

  #settleOne(known: Known, startedAtMs: number): CandidateChange | null {
    const { candidate } = known;
    if (candidate.foundBy === 'manual') return null;
    const answered = [...known.seenAtMs].filter(([, atMs]) => atMs >= startedAtMs).map(([address]) => address);
    const [first] = answered;
    if (first === undefined) {
      known.missed += 1;
      return known.missed >= MISSES_UNTIL_GONE ? this.#gone(known) : null;
    }
    if (answered.includes(candidate.address)) return null;
    known.seenAtMs.delete(candidate.address);
    known.candidate = { ...candidate, address: first, change: candidate.change === 'new' ? 'new' : 'moved' };
    return { ...changeOf('changed', known), previousAddress: candidate.address };
  }

  #gone(known: Known): CandidateChange | null {
    if (known.candidate.change === 'gone') return null;
    known.candidate = { ...known.candidate, change: 'gone' };
    return changeOf('gone', known);
  }
}

function changeOf(kind: CandidateChange['kind'], { candidate, endpoint }: Known): CandidateChange {
  return { kind, entry: { candidate, endpoint }, previousAddress: null };
}
