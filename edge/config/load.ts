import { Default } from 'typebox/value';
import { loadConfig } from '../../platform/config/load.ts';
import { EdgeConfig } from './schema.ts';

/** What the command line says. */
export interface EdgeArguments {
  /** Null: everything by default. */
  configFile: string | null;
  /** Needed once. */
  joinFile: string | null;
  /** Instead of the one in the configuration. */
  dataFolder: string | null;
}

/** The configuration of an edge. @throws SharpEyesError `CONFIG_MISSING`, `CONFIG_INVALID` */
export function edgeConfig({ configFile, dataFolder }: EdgeArguments): EdgeConfig {
  const config = configFile === null ? (Default(EdgeConfig, {}) as EdgeConfig) : loadConfig(configFile, EdgeConfig);
  return dataFolder === null ? config : { ...config, data: dataFolder };
}
