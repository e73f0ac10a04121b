import { createPublicKey, sign, verify } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  identityPath,
  makeIdentity,
  openIdentity,
  publicKeys,
  readStoredIdentity,
  storeIdentity,
} from '../../../../edge/identity/identity-file.ts';

/** A file as the first version wrote it (version 1), which has to go on being read; its keys are of this test alone. */
const STORED = `{
  "version": 1,
  "edgeId": "beishan",
  "name": "beishan",
  "hubUrl": "https://127.0.0.1:8443",
  "mqttUrl": "mqtts://127.0.0.1:8883",
  "mediaUrl": "mqtts://127.0.0.1:8884",
  "caPem": null,
  "secret": "stvmPTHpqfLQ1yrzfmZUA4Hmo84ISSoKWJ44Sn1wRrM",
  "sealingKeyPkcs8": "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgEelEzE0-LwKksRCXZo0IBwPrkYFD0OM4WNZoYvec6bqhRANCAARzYgHyMEnL4GUJLkUNNL29F3pfoZLpydS-i0MoRVOcdq5eitsn96tUc06uqIxE-r-ioZuWVjmKawyVoMt9EonH",
  "signingKeyPkcs8": "MC4CAQAwBQYDK2VwBCIEIJOlpOflqYdR8RdTPHTGFzxafeLNMxzbGEJvbIumcWPk"
}
`;
const PUBLIC_KEYS = {
  sealingKey: 'BHNiAfIwScvgZQkuRQ00vb0Xel-hkunJ1L6LQyhFU5x2rl6K2yf3q1RzTq6ojET6v6Khm5ZWOYprDJWgy30Sicc',
  signingKey: 'MCowBQYDK2VwAyEAUd0rJuLNlY6MnvIZQ_PGoj9PvgS8Yigc3O5Lu_DpcYM',
};

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'identity-'));
  path = identityPath(folder);
  mkdirSync(dirname(path), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

test('an identity of the first version is read, its keys work, and storing it gives the same file', async () => {
  writeFileSync(path, STORED);
  const stored = await readStoredIdentity(path);
  if (stored === null) return expect.unreachable();
  expect(publicKeys(stored)).toEqual(PUBLIC_KEYS);
  const identity = await openIdentity(stored);
  expect(identity).toMatchObject({ edgeId: 'beishan', hubUrl: 'https://127.0.0.1:8443', caPem: null });
  expect(identity.sealingPublicKey).toBe(PUBLIC_KEYS.sealingKey);
  const said = Buffer.from('a segment');
  const key = createPublicKey({
    key: Buffer.from(PUBLIC_KEYS.signingKey, 'base64url'),
    format: 'der',
    type: 'spki',
  });
  expect(verify(null, said, key, sign(null, said, identity.signingKey))).toBe(true);
  await storeIdentity(path, stored);
  expect(readFileSync(path, 'utf8')).toBe(STORED);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a fresh identity comes back from the disk as it was made', async () => {
  const file = {
    sharpEyesJoin: 1 as const,
    edgeId: 'beishan',
    token: 'token',
    hubUrl: 'https://127.0.0.1:8443',
    mqttUrl: 'mqtts://127.0.0.1:8883',
    mediaUrl: 'mqtts://127.0.0.1:8884',
    caPem: 'pem',
    expiresAtMs: 1,
  };
  const made = await makeIdentity(file);
  await storeIdentity(path, made);
  expect(await readStoredIdentity(path)).toEqual(made);
});

test('no file is no identity; a damaged one, or one that cannot be read, is an error', async () => {
  expect(await readStoredIdentity(path)).toBeNull();
  for (const text of ['', STORED.slice(0, 100), '{"version":2}', STORED.replace('"version": 1', '"version": 2')]) {
    writeFileSync(path, text);
    await expect(readStoredIdentity(path)).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  }
  rmSync(path);
  mkdirSync(path);
  await expect(readStoredIdentity(path)).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
});
