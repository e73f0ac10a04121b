import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Check } from 'typebox/value';
import { CENTRE_ROUTES, JoinFile } from '../../contract/api/centre.ts';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import { writeFileSafely } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import { postJson, requireTls } from '../../platform/tls-client.ts';
import { VERSION } from '../../platform/version.ts';
import type { EdgeIdentity } from './identity.ts';
import {
  identityPath,
  makeIdentity,
  openIdentity,
  publicKeys,
  readStoredIdentity,
  type StoredIdentity,
  storeIdentity,
} from './identity-file.ts';

const JOIN_TIMEOUT_MS = 20_000;

/**
 * Reads a join file.
 * @throws SharpEyesError `CONFIG_MISSING` or `CONFIG_INVALID`
 */
export function readJoinFile(path: string): JoinFile {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const message = isMissing ? `there is no join file ${path}` : `${path} is no join file: ${messageOf(cause)}`;
    throw new SharpEyesError(isMissing ? 'CONFIG_MISSING' : 'CONFIG_INVALID', message, { cause });
  }
  if (!Check(JoinFile, value)) {
    throw new SharpEyesError('CONFIG_INVALID', `${path} is no join file of this version; issue a new one`);
  }
  for (const url of [value.hubUrl, value.mqttUrl, value.mediaUrl]) requireTls(url);
  return value;
}

/**
 * The identity of this edge: the stored one, or a new one by joining with the join file (which is not needed again).
 * @param options `joinFile` is a path; null when none was given
 * @throws SharpEyesError `NOT_JOINED`, `JOIN_TOKEN_INVALID`, `HUB_UNREACHABLE`, `TIMEOUT`, `CONFIG_INVALID`
 */
export async function establishIdentity(options: {
  dataFolder: string;
  joinFile: string | null;
  log: Log;
  nowMs: number;
}): Promise<EdgeIdentity> {
  const path = identityPath(options.dataFolder);
  const stored = await readStoredIdentity(path);
  if (stored !== null) return openIdentity(stored);
  if (options.joinFile === null) {
    const message =
      'this edge has not joined a hub yet: issue a join file with `sharp-eyes hub enrol` and start with --join';
    throw new SharpEyesError('NOT_JOINED', message);
  }
  const file = readJoinFile(options.joinFile);
  const joined = await joinHub(file, `${path}.pending`, options.nowMs);
  await storeIdentity(path, joined);
  await rm(`${path}.pending`, { force: true });
  options.log.info({ edgeId: joined.edgeId, hub: joined.hubUrl }, 'joined the hub; the join file is not needed again');
  return openIdentity(joined);
}

/**
 * The keys lie on the disk before the hub hears of them, and a second attempt with the same join file uses the same
 * ones: a crash between the hub's answer and our storing it must not leave a credential that nobody has.
 */
async function joinHub(file: JoinFile, pendingPath: string, nowMs: number): Promise<StoredIdentity> {
  const pending = await readStoredIdentity(pendingPath).catch(() => null);
  const identity = pending?.edgeId === file.edgeId ? { ...pending, ...addresses(file) } : await makeIdentity(file);
  await writeFileSafely(pendingPath, `${JSON.stringify(identity)}\n`);
  const { edgeId, token, hubUrl, caPem } = file;
  const body = { edgeId, token, secret: identity.secret, version: VERSION, ...publicKeys(identity) };
  const url = new URL(CENTRE_ROUTES.join.path, hubUrl).href;
  const answer = await postJson({ url, caPem, body, timeoutMs: JOIN_TIMEOUT_MS });
  if (answer.status === 200 || answer.status === 201) {
    const name = (answer.body as { name?: unknown } | null)?.name;
    return { ...identity, name: typeof name === 'string' ? name : edgeId };
  }
  throw refusal(file, answer.status, answer.body, nowMs);
}

function addresses({ hubUrl, mqttUrl, mediaUrl, caPem }: JoinFile): Partial<StoredIdentity> {
  return { hubUrl, mqttUrl, mediaUrl, caPem };
}

function refusal(file: JoinFile, status: number, body: unknown, nowMs: number): SharpEyesError {
  const code = (body as { code?: unknown; error?: { code?: unknown } } | null)?.code ?? errorCode(body);
  const context = { edgeId: file.edgeId, status, code: String(code ?? '') };
  if (code === 'JOIN_TOKEN_INVALID' || status === 403) {
    const why =
      file.expiresAtMs < nowMs
        ? `it expired on ${new Date(file.expiresAtMs).toISOString()}`
        : 'it was used already, or replaced by a newer one';
    const message = `the hub refuses the join file of ${file.edgeId}: ${why}; issue a new one with \`sharp-eyes hub enrol\``;
    return new SharpEyesError('JOIN_TOKEN_INVALID', message, { context });
  }
  return new SharpEyesError('HUB_UNREACHABLE', `the hub answered ${status} to the join request`, { context });
}

function errorCode(body: unknown): unknown {
  return (body as { error?: { code?: unknown } } | null)?.error?.code;
}
