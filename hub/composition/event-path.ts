import { randomBytes } from 'node:crypto';
import type { Device } from '../../contract/api/devices.ts';
import { timeOrderedId } from '../../contract/ids.ts';
import type { EdgeLink } from '../broker/link.ts';
import { Commands } from '../commands/commands.ts';
import { loadRules } from '../correlation/load-rules.ts';
import { Incidents } from '../incidents/incidents.ts';
import { Places } from '../incidents/places.ts';
import { IngestService } from '../ingest/service.ts';
import { SqlEventStore } from '../ingest/sql-event-store.ts';
import type { Registry } from '../registry/registry.ts';
import type { HubContext } from './context.ts';
import type { HubCore } from './core.ts';

/** What takes events from the edges and gives them orders. */
export interface EventPath {
  commands: Commands;
  incidents: Incidents;
}

/** Places of all devices, kept up to date. Only a changed placement counts: devices report their state often. */
function followPlaces({ events, registry }: HubCore): Places {
  const places = new Places(registry.regions.tree);
  const versions = new Map<string, number>();
  const set = (device: Device): void => {
    if (versions.get(device.deviceId) === device.version) return;
    versions.set(device.deviceId, device.version);
    places.set(device);
  };
  for (const device of registry.devices()) set(device);
  events.on('device', set);
  events.on('regionsChanged', () => {
    versions.clear();
    for (const device of registry.devices()) set(device);
  });
  events.on('deviceRemoved', (deviceId) => {
    versions.delete(deviceId);
    places.remove(deviceId);
  });
  return places;
}

function onlineOf(registry: Registry, edgeId: string): boolean | null {
  return registry.edges.state(edgeId)?.online ?? null;
}

/** Starts incidents, ingest and orders, in this order: events that come in have to find somebody who links them. */
export async function startEventPath(context: HubContext, core: HubCore, link: EdgeLink): Promise<EventPath> {
  const { clock, log, config, modules } = context;
  const { storage, events, registry } = core;
  const incidents = new Incidents({
    storage,
    places: followPlaces(core),
    rules: loadRules(config.rules ?? undefined),
    clock,
    log,
    events,
    newId: (atMs) => timeOrderedId(atMs, randomBytes(16)),
  });
  await modules.begin('incidents', incidents);
  context.count('incidents', () => incidents.counters());

  const samples = { days: config.retention.sampleDays, rows: config.retention.samples };
  const ingest = new IngestService({ link, store: new SqlEventStore(storage), clock, log, samples });
  ingest.onCommitted((lane) => incidents.poke(lane));
  await modules.begin('ingest', ingest);
  context.count('ingest', () => ({ ...ingest.counts() }));

  const commands = new Commands({ link, clock, isOnline: (edgeId) => onlineOf(registry, edgeId) });
  await modules.begin('commands', commands);
  context.count('commands', () => commands.counters());
  return { commands, incidents };
}
