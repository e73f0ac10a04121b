/** Who may do what. A person has one role and an area (regions with everything below them). */

/** Roles, from the people who work with the system. */
export const ROLES = ['operator', 'officer', 'technician', 'supervisor', 'administrator'] as const;
/** One of {@link ROLES}. */
export type Role = (typeof ROLES)[number];

/** Everything a route or a socket message may ask for. */
export const PERMISSIONS = [
  'live.view',
  'incident.read',
  'incident.handle',
  'footage.view',
  'footage.export',
  'device.read',
  'device.manage',
  'region.manage',
  'edge.manage',
  'wall.manage',
  'account.manage',
  'audit.read',
  /** Turn cameras. */
  'ptz',
  /** Make cameras remember and forget positions. */
  'ptz.preset',
  /** Take a camera from whoever turns it. */
  'ptz.override',
  /** Speak through a camera or a help box. */
  'talk',
] as const;
/** One of {@link PERMISSIONS}. */
export type Permission = (typeof PERMISSIONS)[number];

/** What each role includes. */
export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  operator: [
    'live.view',
    'incident.read',
    'incident.handle',
    'footage.view',
    'device.read',
    'wall.manage',
    'ptz',
    'talk',
  ],
  officer: ['live.view', 'incident.read', 'footage.view', 'footage.export', 'device.read'],
  technician: ['live.view', 'device.read', 'device.manage', 'ptz', 'ptz.preset'],
  supervisor: [
    'live.view',
    'incident.read',
    'incident.handle',
    'footage.view',
    'footage.export',
    'device.read',
    'wall.manage',
    'audit.read',
    'ptz',
    'ptz.preset',
    'ptz.override',
    'talk',
  ],
  administrator: PERMISSIONS,
};

/** Whether a role includes a permission. */
export function roleAllows(role: Role, permission: Permission): boolean {
  return ROLE_PERMISSIONS[role].includes(permission);
}

/**
 * What a route needs. `public`: nobody has to be signed in. `signed-in`: any account. `edge`: a joined edge's
 * credential. Otherwise a permission, checked against the area of the thing that the route is about; `list` routes
 * answer with what lies in the caller's area only.
 */
export type RouteAccess =
  | { kind: 'public'; why: string }
  | { kind: 'signed-in' }
  | { kind: 'edge' }
  | { kind: 'permission'; permission: Permission; area: 'thing' | 'list' | 'whole' };
