import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { ReportLimit } from '../../platform/report-limit.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { LinkLane, LinkViolation } from './link.ts';

/**
 * Brings what hostile edges try onto the audit log. An edge that repeats itself gets one entry a minute, which says how
 * often it did.
 */
export class ViolationReports {
  readonly #audit: AuditLog;
  readonly #log: Log;
  readonly #limit: ReportLimit;

  constructor(audit: AuditLog, clock: Clock, log: Log) {
    this.#audit = audit;
    this.#log = log;
    this.#limit = new ReportLimit(clock);
  }

  report(lane: LinkLane, violation: LinkViolation): void {
    const { edgeId, what, subject, address } = violation;
    const suppressedBefore = this.#limit.pass(`${edgeId} ${what}`);
    if (suppressedBefore === null) return;
    this.#log.warn({ edge: edgeId, lane, what, subject, address }, 'an edge used what is not its own');
    const details = { lane, what, used: subject, suppressedBefore };
    this.#audit
      .append({ account: null, action: 'edge.impersonation', subject: edgeId, details, address })
      .catch((error: unknown) => this.#log.error({ err: error }, 'the audit log could not be written'));
  }
}
