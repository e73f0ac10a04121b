import { basename, dirname, relative, sep } from 'node:path';
import { isId } from '../../contract/ids.ts';
import type { Log } from '../../platform/log.ts';
import type { SegmentDisk } from './segment-disk.ts';
import type { SegmentStore, StreamRef } from './segment-store.ts';

/** A segment file whose name says what it is. */
interface NamedFile {
  path: string;
  ref: StreamRef;
  sequence: number;
  startAtMs: number;
}

/** Folder of a stream's files below the recordings. */
export function streamFolder({ deviceId, stream }: StreamRef): string {
  return `${deviceId}${sep}${stream}`;
}

/**
 * Brings index and files together after a start. Files that were being written when the process or the power died are
 * cut behind their last whole frame and linked into the chain; so are files that an older copy of the index does not
 * know. Entries whose file is gone are forgotten. Resolves with what was done.
 */
export async function adoptFiles(parts: {
  folder: string;
  disk: SegmentDisk;
  store: SegmentStore;
  log: Log;
}): Promise<{ adopted: number; missing: number }> {
  const { folder, disk, store, log } = parts;
  const known = await store.paths();
  const files = await disk.list(folder);
  const present = new Set(files);
  const missing = [...known].filter((path) => !present.has(path)).map((path) => ({ path }));
  if (missing.length > 0) {
    log.warn({ files: missing.length }, 'recorded files are gone; they are taken out of the index');
    await store.forget(missing);
  }
  const loose = files.flatMap((path) => (known.has(path) ? [] : (readName(folder, path) ?? [])));
  loose.sort((a, b) => a.sequence - b.sequence || a.startAtMs - b.startAtMs);
  let adopted = 0;
  for (const file of loose) {
    // A number that the chain has passed already: not ours to judge, so it is neither linked nor removed.
    if (file.sequence < store.nextSequence(file.ref)) log.warn({ path: file.path }, 'a recorded file has no entry');
    else if (await adopt(file, disk, store)) adopted += 1;
  }
  if (adopted > 0) log.info({ files: adopted }, 'half-written recordings were repaired and taken into the index');
  return { adopted, missing: missing.length };
}

async function adopt(file: NamedFile, disk: SegmentDisk, store: SegmentStore): Promise<boolean> {
  const repaired = await disk.repair(file.path);
  if (repaired === null) return false;
  const { durationMs, ...facts } = repaired;
  const endAtMs = Math.round(file.startAtMs + durationMs);
  await store.add({ ...file.ref, startAtMs: file.startAtMs, endAtMs, ...facts, path: file.path });
  return true;
}

function readName(folder: string, path: string): NamedFile | null {
  const [deviceId, stream, ...more] = relative(folder, dirname(path)).split(sep);
  const match = /^(\d{9,})-(\d{1,15})\.mp4$/.exec(basename(path));
  if (deviceId === undefined || !isId(deviceId) || more.length > 0 || match === null) return null;
  if (stream !== 'main' && stream !== 'sub') return null;
  return { path, ref: { deviceId, stream }, sequence: Number(match[1]), startAtMs: Number(match[2]) };
}
