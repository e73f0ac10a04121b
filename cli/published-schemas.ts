import type { TSchema } from 'typebox';
import { EdgeConfig } from '../edge/config/schema.ts';
import { DeviceProfile } from '../edge/profiles/schema.ts';
import { HubConfig } from '../hub/config/schema.ts';
import { Rule } from '../hub/correlation/rule.ts';
import { schemaToJson } from '../platform/config/section.ts';

/** Files that people write. */
export type ConfigKind = 'hub' | 'edge' | 'rule' | 'profile';

/** The schema of each kind of file. */
export const SCHEMAS: Readonly<Record<ConfigKind, TSchema>> = {
  hub: HubConfig,
  edge: EdgeConfig,
  rule: Rule,
  profile: DeviceProfile,
};

const TITLES: Readonly<Record<ConfigKind, string>> = {
  hub: "The hub's configuration",
  edge: "The edge's configuration",
  rule: 'A correlation rule',
  profile: 'A device profile',
};

/** The JSON Schema of a kind of file, as text. */
export function publishedSchema(kind: ConfigKind): string {
  return JSON.stringify(
    schemaToJson(SCHEMAS[kind], { id: `sharp-eyes/${kind}.schema.json`, title: TITLES[kind] }),
    null,
    2,
  );
}
