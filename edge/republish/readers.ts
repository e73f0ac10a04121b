import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { SharpEyesError } from '../../contract/errors.ts';
import { Id } from '../../contract/ids.ts';
import { writeFileSafely } from '../../platform/files.ts';
import { generatePassword } from '../../platform/generated-password.ts';
import type { ReaderSecret } from '../../platform/rtsp-server/digest-gate.ts';
import { makeReaderSecret, openReaderSecret, sealReaderSecret } from '../../platform/rtsp-server/reader-secret.ts';
import { openSecretBox } from '../../platform/secret-box.ts';

const READERS_MAX = 200;

const Reader = Type.Object({
  name: Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{1,31}$' }),
  /** What it may read; null: everything. */
  devices: Type.Union([Type.Array(Id, { maxItems: 500 }), Type.Null()]),
  createdAtMs: Type.Number(),
  /** Hashes of its password, sealed with the key of the data folder. */
  secret: Type.String({ maxLength: 1024 }),
});
const ReadersFile = Type.Object({
  version: Type.Literal(1),
  readers: Type.Array(Reader, { maxItems: READERS_MAX }),
});

/** An account of another program, without its secret. */
export type ReaderAccount = Omit<Static<typeof Reader>, 'secret'>;

/**
 * Accounts of programs that read streams from this edge. They are kept in a file of the data folder, which the command
 * line changes while the edge runs: what the file says counts at the next sign-in.
 */
export class Readers {
  readonly #file: string;
  readonly #keyFile: string;
  #read: { mark: string; readers: readonly Static<typeof Reader>[] } | null = null;

  constructor(dataFolder: string) {
    this.#file = join(dataFolder, 'readers.json');
    this.#keyFile = join(dataFolder, 'identity', 'readers.key');
  }

  /** Everybody, by name. @throws SharpEyesError STORAGE_FAILED */
  async list(): Promise<ReaderAccount[]> {
    return (await this.#load()).map(({ secret, ...account }) => account).sort((a, b) => a.name.localeCompare(b.name));
  }

  /**
   * Adds an account and gives its password, which is kept nowhere in clear.
   * @param devices null for all
   * @throws SharpEyesError CONFLICT, CONFIG_INVALID, LIMIT_REACHED, STORAGE_FAILED
   */
  async add(name: string, devices: readonly string[] | null, nowMs: number): Promise<string> {
    const readers = await this.#load();
    if (readers.some((reader) => reader.name === name)) {
      throw new SharpEyesError(
        'CONFLICT',
        `there is a reader ${name} already: remove it first, or choose another name`,
      );
    }
    if (readers.length >= READERS_MAX) {
      throw new SharpEyesError('LIMIT_REACHED', `there are ${READERS_MAX} readers already`);
    }
    const password = generatePassword();
    const box = await openSecretBox(this.#keyFile);
    const secret = sealReaderSecret(box, name, makeReaderSecret(name, password));
    const reader = { name, devices: devices === null ? null : [...devices], createdAtMs: nowMs, secret };
    if (!Check(Reader, reader)) {
      const message =
        'a reader is called by 2 to 32 lower-case letters, digits, "-", "_" and "."; devices by their ids';
      throw new SharpEyesError('CONFIG_INVALID', message);
    }
    await this.#store([...readers, reader]);
    return password;
  }

  /** @throws SharpEyesError NOT_FOUND, STORAGE_FAILED */
  async remove(name: string): Promise<void> {
    const readers = await this.#load();
    if (!readers.some((reader) => reader.name === name)) {
      throw new SharpEyesError('NOT_FOUND', `there is no reader ${name}`);
    }
    await this.#store(readers.filter((reader) => reader.name !== name));
  }

  /** What is kept of a reader's password; null when there is no such reader. */
  async secretOf(name: string): Promise<ReaderSecret | null> {
    const reader = (await this.#load()).find((known) => known.name === name);
    if (reader === undefined) return null;
    return openReaderSecret(await openSecretBox(this.#keyFile), name, reader.secret);
  }

  /** Whether a reader may read a device now. */
  async mayRead(name: string, deviceId: string): Promise<boolean> {
    const reader = (await this.#load()).find((known) => known.name === name);
    return reader !== undefined && (reader.devices === null || reader.devices.includes(deviceId));
  }

  async #load(): Promise<readonly Static<typeof Reader>[]> {
    const mark = await markOf(this.#file);
    if (mark === null) return [];
    if (this.#read?.mark !== mark) this.#read = { mark, readers: await readFileOf(this.#file) };
    return this.#read.readers;
  }

  async #store(readers: readonly Static<typeof Reader>[]): Promise<void> {
    await writeFileSafely(this.#file, `${JSON.stringify({ version: 1, readers }, null, 2)}\n`);
    this.#read = null;
  }
}

/** Changes whenever the file does; null when there is none. A replaced file is another inode. */
async function markOf(path: string): Promise<string | null> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new SharpEyesError('STORAGE_FAILED', `cannot read ${path}`, { cause: error });
  }
}

async function readFileOf(path: string): Promise<readonly Static<typeof Reader>[]> {
  const damaged = `${path} is damaged: restore it, or remove it and add the readers again`;
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (Check(ReadersFile, value)) return value.readers;
  } catch (cause) {
    throw new SharpEyesError('STORAGE_FAILED', damaged, { cause });
  }
  throw new SharpEyesError('STORAGE_FAILED', damaged);
}
