import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SharpEyesError } from '../../contract/errors.ts';
import { writeFileSafely } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import type { HubConfig } from '../config/schema.ts';
import type { HubIdentity } from '../identity/identity.ts';
import { mosquittoFiles, writeMosquittoFiles } from './mosquitto-files.ts';
import { makeVerifier } from './verifier.ts';

/** The hub's password at an external broker; made when the file is missing. */
export async function brokerPassword(file: string): Promise<string> {
  if (existsSync(file)) {
    const password = readFileSync(file, 'utf8').trim();
    if (password !== '') return password;
    throw new SharpEyesError('CONFIG_INVALID', `${file} is empty: write the hub's password at the broker into it`);
  }
  const password = randomBytes(32).toString('base64url');
  await writeFileSafely(file, `${password}\n`);
  return password;
}

/**
 * Writes Mosquitto's files for the joined edges into `folder`, with the ports of the configuration; with TLS the hub's
 * certificate and key too, so that Mosquitto needs to read nothing else.
 * @throws SharpEyesError `CONFIG_INVALID` without `broker.passwordFile`
 */
export async function writeMosquittoSetup(
  config: HubConfig,
  folder: string,
  edges: readonly { edgeId: string; verifier: string }[],
  identity: HubIdentity | null,
): Promise<void> {
  const { broker, listen, limits } = config;
  if (broker.passwordFile === null) {
    throw new SharpEyesError('CONFIG_INVALID', 'broker.passwordFile has to be given for an external broker');
  }
  const inFolder = (name: string): string => join(resolve(folder), name);
  const portOf = (url: string | null, byDefault: number): number =>
    url === null ? byDefault : Number(new URL(url).port || byDefault);
  const tls = { caFile: inFolder('ca.pem'), certFile: inFolder('server.pem'), keyFile: inFolder('server.key') };
  const files = mosquittoFiles({
    folder: resolve(folder),
    listeners: {
      events: { host: listen.host, port: portOf(broker.url, broker.port) },
      media: { host: listen.host, port: portOf(broker.mediaUrl, broker.mediaPort) },
    },
    tls: identity === null ? null : tls,
    hub: { user: broker.user, verifier: await makeVerifier(await brokerPassword(broker.passwordFile)) },
    edges,
    limits: { connections: limits.edges, packetBytes: limits.packetBytes },
  });
  if (identity !== null) {
    await writeFileSafely(tls.caFile, identity.caPem, 0o644);
    await writeFileSafely(tls.certFile, identity.server.cert, 0o644);
    await writeFileSafely(tls.keyFile, identity.server.key, 0o640);
  }
  await writeMosquittoFiles(folder, files);
}

/** Tells Mosquitto to read its files again. */
export function reloadMosquitto(pidFile: string, log: Log): void {
  try {
    process.kill(Number(readFileSync(pidFile, 'utf8').trim()), 'SIGHUP');
  } catch (error) {
    log.warn({ pidFile, err: error }, 'Mosquitto could not be told to read its files again: do it by hand (SIGHUP)');
  }
}
