import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SharpEyesError } from '../contract/errors.ts';

/**
 * Takes a folder for one process: a second one gets CONFLICT. The lock is SQLite's on a file of its own, so the system
 * takes it back when the process ends, however it ends.
 * @param what names the program in the error, e.g. `a hub`
 * @returns gives the folder back
 */
export function lockFolder(folder: string, what: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(folder, 'lock'), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    const message = `${what} already works in ${folder}: stop it first, or choose another data folder`;
    throw new SharpEyesError('CONFLICT', message, { context: { folder }, cause });
  }
  return () => database.close();
}
