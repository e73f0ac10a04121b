import { ACCESS_001 } from './migrations/001-access.ts';
import { REGISTRY_002 } from './migrations/002-registry.ts';
import { CENTRE_003 } from './migrations/003-centre.ts';
import { EVENTS_100 } from './migrations/100-events.ts';
import { INCIDENTS_101 } from './migrations/101-incidents.ts';
import { READERS_102 } from './migrations/102-readers.ts';

/**
 * Every migration of the hub's database, in the order in which they run. The position counts, not the number in the
 * file's name: once a version is released its list is fixed, and new ones are appended at the end.
 */
export const MIGRATIONS: readonly string[] = [
  ACCESS_001,
  REGISTRY_002,
  CENTRE_003,
  EVENTS_100,
  INCIDENTS_101,
  READERS_102,
];
