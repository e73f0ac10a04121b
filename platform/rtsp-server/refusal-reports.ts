import type { Clock } from '../clock.ts';
import type { ReadRefusal } from './host.ts';
import { networkOf } from './network.ts';

const REPORT_EVERY_MS = 60_000;
const NETWORKS_MAX = 5000;
const USER_MAX = 64;

/** Passes on who was turned away: once a minute for each address, with the number of times it was kept back. */
export class RefusalReports {
  readonly #clock: Clock;
  readonly #onRefused: (refusal: ReadRefusal) => void;
  readonly #seen = new Map<string, { atMs: number; suppressed: number }>();

  constructor(clock: Clock, onRefused: (refusal: ReadRefusal) => void) {
    this.#clock = clock;
    this.#onRefused = onRefused;
  }

  report(refusal: Omit<ReadRefusal, 'suppressedBefore'>): void {
    const network = networkOf(refusal.address);
    const nowMs = this.#clock.monotonicMs();
    const seen = this.#seen.get(network);
    if (seen !== undefined && nowMs - seen.atMs < REPORT_EVERY_MS) {
      seen.suppressed += 1;
      return;
    }
    if (this.#seen.size >= NETWORKS_MAX) this.#seen.clear();
    this.#seen.set(network, { atMs: nowMs, suppressed: 0 });
    const user = refusal.user.slice(0, USER_MAX);
    this.#onRefused({ ...refusal, user, suppressedBefore: seen?.suppressed ?? 0 });
  }
}
