import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { HubConfig } from '../config/schema.ts';
import type { Modules } from './modules.ts';

/** What every step of starting the hub has at hand. */
export interface HubContext {
  config: HubConfig;
  /** Absolute path of the data folder. */
  dataFolder: string;
  clock: Clock;
  log: Log;
  modules: Modules;
  /** Ports as they were taken; 0 until then. */
  ports: { web: number; live: number; mqtt: number; media: number; rtsp: number };
  /** Gives the counters of a part of the hub a name on the state page. */
  count(part: string, counters: () => Record<string, number>): void;
}
