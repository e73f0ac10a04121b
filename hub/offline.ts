import { join, resolve } from 'node:path';
import type { Role } from '../contract/access.ts';
import { SharpEyesError } from '../contract/errors.ts';
import { isId } from '../contract/ids.ts';
import { systemClock } from '../platform/clock.ts';
import { generatePassword } from '../platform/generated-password.ts';
import { silentLog } from '../platform/log.ts';
import { Accounts } from './access/accounts.ts';
import { AuditLog } from './audit/audit-log.ts';
import { writeMosquittoSetup } from './broker/mosquitto-setup.ts';
import { certificateNames, usesTls } from './config/load.ts';
import type { HubConfig } from './config/schema.ts';
import { readAddressFile } from './hub-addresses.ts';
import { loadIdentity } from './identity/identity.ts';
import { Edges } from './registry/edges.ts';
import { joinFileText } from './registry/join-token.ts';
import { HubStorage } from './storage/hub-storage.ts';

/** File of the hub's database inside its data folder. */
export function databaseFile(dataFolder: string): string {
  return join(dataFolder, 'hub.db');
}

/** Works on the database of a hub that may be running or not. */
async function withStorage<T>(dataFolder: string, work: (storage: HubStorage, audit: AuditLog) => Promise<T>) {
  const storage = new HubStorage({ file: databaseFile(dataFolder), log: silentLog });
  await storage.start();
  const audit = new AuditLog(storage, systemClock);
  try {
    return await work(storage, audit);
  } finally {
    await audit.stop();
    await storage.stop();
  }
}

/**
 * Makes a one-use join file for an edge from the command line; the hub need not run, but must have run once.
 * @throws SharpEyesError `CONFIG_MISSING`, `CONFIG_INVALID` for an id that is none
 */
export async function enrolOffline(
  dataFolder: string,
  edge: { edgeId: string; name: string; regionId?: string | null },
): Promise<{ joinFile: string; expiresAtMs: number }> {
  const { edgeId, name, regionId = null } = edge;
  if (!isId(edgeId)) {
    const message = `"${edgeId}" is no id of an edge: use lower-case letters, digits, "-", "_" and "."`;
    throw new SharpEyesError('CONFIG_INVALID', message);
  }
  const addresses = readAddressFile(dataFolder);
  return withStorage(dataFolder, async (storage, audit) => {
    const { token, expiresAtMs } = await new Edges(storage, systemClock).enrol(edgeId, name, regionId);
    const details = { name, regionId, by: 'command line' };
    await audit.append({ account: null, action: 'edge.enrol', subject: edgeId, details });
    return { joinFile: joinFileText(edgeId, token, expiresAtMs, addresses), expiresAtMs };
  });
}

/**
 * Writes Mosquitto's configuration, password file and access list for the edges that have joined.
 * @throws SharpEyesError `CONFIG_INVALID` without `broker.passwordFile`
 */
export function mosquittoFilesOffline(config: HubConfig, folder: string): Promise<void> {
  return withStorage(resolve(config.data), async (storage) => {
    const edges = new Edges(storage, systemClock);
    await edges.refresh();
    const tools = { clock: systemClock, log: silentLog };
    const identity = usesTls(config) ? await loadIdentity(resolve(config.data), certificateNames(config), tools) : null;
    await writeMosquittoSetup(config, folder, edges.verifiers(), identity);
  });
}

/**
 * Gives an account a new generated password, for people who have lost theirs; its sessions end when they are next used.
 * @throws SharpEyesError `NOT_FOUND`
 */
export async function resetPasswordOffline(dataFolder: string, account: string): Promise<string> {
  return withStorage(dataFolder, async (storage, audit) => {
    const accounts = new Accounts(storage, systemClock);
    if ((await accounts.row(account)) === null) throw new SharpEyesError('NOT_FOUND', `there is no account ${account}`);
    const password = generatePassword();
    await accounts.setPassword(account, password, true);
    await storage.db.deleteFrom('sessions').where('account', '=', account).execute();
    const details = { by: 'command line' };
    await audit.append({ account: null, action: 'password.reset', subject: account, details });
    return password;
  });
}

/**
 * Creates an account from the command line with a generated password, which is given back once and never shown again.
 * @throws SharpEyesError `CONFLICT` when the name is taken
 */
export async function createAccountOffline(
  dataFolder: string,
  wanted: { account: string; displayName: string; role: Role; areas: readonly string[] },
): Promise<string> {
  return withStorage(dataFolder, async (storage, audit) => {
    const { password } = await new Accounts(storage, systemClock).create(wanted, false);
    const details = { role: wanted.role, by: 'command line' };
    await audit.append({ account: null, action: 'account.create', subject: wanted.account, details });
    return password;
  });
}
