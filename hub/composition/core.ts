import { join } from 'node:path';
import { lockFolder } from '../../platform/folder-lock.ts';
import { openSecretBox } from '../../platform/secret-box.ts';
import { Access } from '../access/access.ts';
import { ReaderPasswords } from '../access/readers.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { certificateNames, usesTls } from '../config/load.ts';
import { HubEvents } from '../hub-events.ts';
import { loadIdentity } from '../identity/identity.ts';
import { databaseFile } from '../offline.ts';
import { Registry } from '../registry/registry.ts';
import { HubStorage } from '../storage/hub-storage.ts';
import { Walls } from '../walls/walls.ts';
import type { HubContext } from './context.ts';

/** What everything else of the hub stands on. */
export interface HubCore {
  storage: HubStorage;
  audit: AuditLog;
  events: HubEvents;
  registry: Registry;
  access: Access;
  /** Passwords for programs that read over RTSP. */
  readers: ReaderPasswords;
  walls: Walls;
  /** The hub's authority, PEM; null without TLS. */
  caPem: string | null;
  /** Server certificate and key, PEM; null without TLS. */
  tls: { cert: string; key: string } | null;
  /** The generated first account; only at the very first start. */
  firstLogin: { account: string; password: string } | null;
}

/** Takes the data folder and starts storage, audit log, registry, access and walls. */
export async function startCore({ config, dataFolder, clock, log, modules }: HubContext): Promise<HubCore> {
  const release = lockFolder(dataFolder, 'a hub');
  await modules.begin('data folder', { stop: release });
  const events = new HubEvents();
  const storage = await modules.begin('storage', new HubStorage({ file: databaseFile(dataFolder), log }));
  const audit = await modules.begin('audit', new AuditLog(storage, clock));
  const registry = new Registry({ storage, audit, events, clock, log });
  await modules.begin('registry', registry);
  const access = new Access({ storage, audit, events, areas: registry.regions.tree, clock });
  const box = await openSecretBox(join(dataFolder, 'identity', 'readers.key'));
  const readers = new ReaderPasswords(storage, box, { clock, log });
  const walls = await modules.begin('walls', new Walls(storage, events));
  const firstLogin = await access.accounts.createFirst(!config.demo);
  const identity = usesTls(config) ? await loadIdentity(dataFolder, certificateNames(config), { clock, log }) : null;
  const [caPem, tls] = [identity?.caPem ?? null, identity?.server ?? null];
  return { storage, audit, events, registry, access, readers, walls, caPem, tls, firstLogin };
}
