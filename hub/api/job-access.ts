import { roleAllows } from '../../contract/access.ts';
import type { FootageJob } from '../../contract/footage.ts';
import type { Session } from '../access/session.ts';

/** Whether somebody may follow an order of footage: the own ones, and for who reads the audit log all of the area. */
export function mayFollowJob(session: Session, job: FootageJob): boolean {
  if (session.account === job.requestedBy) return true;
  return roleAllows(session.role, 'footage.view') && roleAllows(session.role, 'audit.read');
}
