import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { LinkLane, LinkViolation } from './link.ts';

const REPORT_EVERY_MS = 60_000;
const KEYS_MAX = 5000;

/**
 * Brings what hostile edges try onto the audit log. An edge that repeats itself gets one entry a minute, which says how
 * often it did.
 */
export class ViolationReports {
  readonly #audit: AuditLog;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #seen = new Map<string, { atMs: number; suppressed: number }>();

  constructor(audit: AuditLog, clock: Clock, log: Log) {
    this.#audit = audit;
    this.#clock = clock;
    this.#log = log;
  }

  report(lane: LinkLane, violation: LinkViolation): void {
    const { edgeId, what, subject, address } = violation;
    const key = `${edgeId} ${what}`;
    const nowMs = this.#clock.monotonicMs();
    const seen = this.#seen.get(key);
    if (seen !== undefined && nowMs - seen.atMs < REPORT_EVERY_MS) {
      seen.suppressed++;
      return;
    }
    if (this.#seen.size >= KEYS_MAX) this.#seen.clear();
    this.#seen.set(key, { atMs: nowMs, suppressed: 0 });
    this.#log.warn({ edge: edgeId, lane, what, subject, address }, 'an edge used what is not its own');
    const details = { lane, what, used: subject, suppressedBefore: seen?.suppressed ?? 0 };
    this.#audit
      .append({ account: null, action: 'edge.impersonation', subject: edgeId, details, address })
      .catch((error: unknown) => this.#log.error({ err: error }, 'the audit log could not be written'));
  }
}
