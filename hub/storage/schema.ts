import type { AccessTables } from './tables/access.ts';
import type { CentreTables } from './tables/centre.ts';
import type { EventTables } from './tables/events.ts';
import type { IncidentTables } from './tables/incidents.ts';
import type { RegistryTables } from './tables/registry.ts';

/** Every table of the hub. Times are milliseconds since 1970 (UTC), yes/no is 1/0, lists and records are JSON. */
export interface HubSchema extends AccessTables, RegistryTables, CentreTables, EventTables, IncidentTables {}
