import { Type } from 'typebox';
import { PERMISSIONS, ROLES } from '../access.ts';
import { Id } from '../ids.ts';
import type { RouteDefinition } from './route.ts';

/** Role in schemas. */
export const RoleSchema = Type.Enum(ROLES);

/** Who is signed in, and what the dashboard has to know to begin. */
export const SessionInfo = Type.Object({
  account: Type.String(),
  displayName: Type.String(),
  role: RoleSchema,
  permissions: Type.Array(Type.Enum(PERMISSIONS)),
  /** Regions of the account's area (with everything below them); empty means the whole tree. */
  areas: Type.Array(Id),
  expiresAtMs: Type.Number(),
  /** The generated first password has to be changed. */
  mustChangePassword: Type.Boolean(),
  /** Port of the viewer's WebSocket on the same host and scheme. */
  livePort: Type.Integer(),
  hubAtMs: Type.Number(),
  version: Type.String(),
  /** The demo's township is running. */
  demo: Type.Boolean(),
});

/** Account as an administrator sees it. */
export const Account = Type.Object({
  account: Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{1,31}$' }),
  displayName: Type.String({ minLength: 1, maxLength: 64 }),
  role: RoleSchema,
  areas: Type.Array(Id, { maxItems: 100 }),
  disabled: Type.Boolean(),
  lastSignInAtMs: Type.Union([Type.Number(), Type.Null()]),
});

const Password = Type.String({ minLength: 10, maxLength: 128 });

/** Signing in and accounts. */
export const SESSION_ROUTES = {
  signIn: {
    method: 'POST',
    path: '/api/session',
    summary: 'Signs in and sets the session cookie.',
    access: { kind: 'public', why: 'this is how a session begins; attempts are limited' },
    body: Type.Object(
      { account: Type.String({ maxLength: 64 }), password: Type.String({ maxLength: 256 }) },
      { additionalProperties: false },
    ),
    response: SessionInfo,
  },
  session: {
    method: 'GET',
    path: '/api/session',
    summary: 'Who is signed in.',
    access: { kind: 'signed-in' },
    response: SessionInfo,
  },
  signOut: {
    method: 'DELETE',
    path: '/api/session',
    summary: 'Signs out.',
    access: { kind: 'signed-in' },
    response: null,
  },
  changePassword: {
    method: 'PUT',
    path: '/api/session/password',
    summary: 'Changes the own password; other sessions of the account end.',
    access: { kind: 'signed-in' },
    body: Type.Object({ current: Type.String({ maxLength: 256 }), next: Password }, { additionalProperties: false }),
    response: null,
  },
  listAccounts: {
    method: 'GET',
    path: '/api/accounts',
    summary: 'All accounts.',
    access: { kind: 'permission', permission: 'account.manage', area: 'whole' },
    response: Type.Array(Account),
  },
  createAccount: {
    method: 'POST',
    path: '/api/accounts',
    summary: 'Creates an account with a generated password that is shown once.',
    access: { kind: 'permission', permission: 'account.manage', area: 'whole' },
    body: Type.Object(
      {
        account: Account.properties.account,
        displayName: Account.properties.displayName,
        role: RoleSchema,
        areas: Account.properties.areas,
      },
      { additionalProperties: false },
    ),
    response: Type.Object({ account: Account, password: Type.String() }),
  },
  changeAccount: {
    method: 'PATCH',
    path: '/api/accounts/:account',
    summary: 'Changes name, role, area or the disabled mark; sessions of a disabled account end.',
    access: { kind: 'permission', permission: 'account.manage', area: 'whole' },
    params: Type.Object({ account: Type.String({ maxLength: 64 }) }),
    body: Type.Partial(
      Type.Object(
        {
          displayName: Account.properties.displayName,
          role: RoleSchema,
          areas: Account.properties.areas,
          disabled: Type.Boolean(),
        },
        { additionalProperties: false },
      ),
    ),
    response: Account,
  },
} as const satisfies Record<string, RouteDefinition>;
