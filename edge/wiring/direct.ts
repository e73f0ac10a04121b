import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { EdgeConfig } from '../config/schema.ts';
import { Direct } from '../direct/direct.ts';
import type { StreamOpener } from '../live/lease.ts';

const PORTS = 200;

/** Viewers that come straight to this edge, as the configuration wants it; null when it wants none. */
export function directOf(config: EdgeConfig['direct'], open: StreamOpener, clock: Clock, log: Log): Direct | null {
  if (!config.enabled) return null;
  const { addresses, firstPort, maxViewers } = config;
  return new Direct({
    open,
    maxSessions: maxViewers,
    addresses: {
      addresses: addresses.length === 0 ? null : addresses,
      ports: firstPort === null ? null : [firstPort, firstPort + PORTS - 1],
    },
    clock,
    log,
  });
}
