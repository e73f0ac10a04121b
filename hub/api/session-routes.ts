import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { ROLE_PERMISSIONS } from '../../contract/access.ts';
import { SESSION_ROUTES, type SessionInfo } from '../../contract/api/session.ts';
import type { Clock } from '../../platform/clock.ts';
import { VERSION } from '../../platform/version.ts';
import type { Access } from '../access/access.ts';
import type { Session } from '../access/session.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { HubEvents } from '../hub-events.ts';
import { route } from './route.ts';
import { clearSessionCookie, setSessionCookie } from './session-cookie.ts';

/** What the routes of sessions and accounts use. */
export interface SessionServices {
  access: Access;
  audit: AuditLog;
  events: HubEvents;
  clock: Clock;
  livePort(): number;
  isDemo: boolean;
  isSecure: boolean;
}

function sessionInfo(session: Session, { clock, livePort, isDemo }: SessionServices): Static<typeof SessionInfo> {
  const { account, displayName, role, areas, expiresAtMs, mustChangePassword } = session;
  return {
    account,
    displayName,
    role,
    permissions: [...ROLE_PERMISSIONS[role]],
    areas: [...areas],
    expiresAtMs,
    mustChangePassword,
    livePort: livePort(),
    hubAtMs: clock.nowMs(),
    version: VERSION,
    demo: isDemo,
  };
}

/** Signing in and out, and the own password. */
export function sessionRoutes(app: FastifyInstance, services: SessionServices): void {
  const { access, audit, isSecure } = services;

  route(
    app,
    SESSION_ROUTES.signIn,
    async ({ body, address, reply }) => {
      const { token, session } = await access.signIn(body.account, body.password, address);
      setSessionCookie(reply, token, isSecure);
      return sessionInfo(session, services);
    },
    { perMinute: 60, bodyLimitBytes: 4096 },
  );

  route(app, SESSION_ROUTES.session, async ({ caller }) => sessionInfo(caller.session, services));

  route(app, SESSION_ROUTES.signOut, async ({ caller, address, reply }) => {
    const { account, session } = caller;
    await access.sessions.end(session.sessionId);
    await audit.append({ account, action: 'session.end', subject: account, address });
    clearSessionCookie(reply, isSecure);
  });

  route(app, SESSION_ROUTES.changePassword, async ({ caller, body, address }) => {
    await access.changePassword(caller.session, body.current, body.next, address);
  });
}

/** Accounts, for administrators. */
export function accountRoutes(app: FastifyInstance, { access, audit, events }: SessionServices): void {
  route(app, SESSION_ROUTES.listAccounts, () => access.accounts.list());

  route(app, SESSION_ROUTES.createAccount, async ({ caller, body, address }) => {
    access.checkAreas(body.areas);
    const created = await access.accounts.create(body);
    const details = { role: body.role, areas: body.areas.join(' ') };
    await audit.append({ account: caller.account, action: 'account.create', subject: body.account, details, address });
    return created;
  });

  route(app, SESSION_ROUTES.changeAccount, async ({ caller, params, body, address }) => {
    if (body.areas !== undefined) access.checkAreas(body.areas);
    const changed = await access.accounts.change(params.account, body);
    const details = { role: changed.role, areas: changed.areas.join(' '), disabled: changed.disabled };
    await audit.append({
      account: caller.account,
      action: 'account.change',
      subject: params.account,
      details,
      address,
    });
    if (changed.disabled) await access.sessions.endAll(params.account, null);
    else events.emit('accountChanged', params.account);
    return changed;
  });
}
