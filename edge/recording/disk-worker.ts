/**
 * The recorder's disk thread. Writing, fsync and hashing block, so they never share a thread with pictures. What was
 * appended reaches the disk within a second, whatever the segment's length.
 */
import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { messageOf } from '../../contract/errors.ts';
import { systemClock } from '../../platform/clock.ts';
import { Collector } from '../../platform/collector.ts';
import type { ClosedSegment, DiskFailure, DiskReply, DiskRequest, RepairedSegment } from './disk-protocol.ts';
import { scanSegment } from './scan-segment.ts';

const SYNC_EVERY_MS = 1000;

interface Writer {
  fd: number;
  hash: Hash;
  bytes: number;
  dirty: boolean;
}

const port = parentPort;
if (port === null) throw new Error('edge/recording/disk-worker.ts runs only as a worker thread');
const writers = new Map<number, Writer>();
// Each thread has a collector of its own, and what is written here is given away by the media thread for good.
new Collector({ clock: systemClock }).start();

function reply(message: DiskReply): void {
  port?.postMessage(message);
}

function failureOf(error: unknown): DiskFailure {
  return { code: (error as NodeJS.ErrnoException).code ?? 'UNKNOWN', message: messageOf(error) };
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function open(path: string, init: Uint8Array): Writer {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const fd = openSync(path, 'wx', 0o600);
  const writer: Writer = { fd, hash: createHash('sha256'), bytes: 0, dirty: false };
  append(writer, init);
  syncFolder(dirname(path));
  return writer;
}

function append(writer: Writer, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(writer.fd, bytes, done);
  writer.hash.update(bytes);
  writer.bytes += bytes.length;
  writer.dirty = true;
}

function close(id: number): ClosedSegment {
  const writer = writers.get(id);
  if (writer === undefined) throw Object.assign(new Error('the segment is not open any more'), { code: 'EBADF' });
  writers.delete(id);
  try {
    fsyncSync(writer.fd);
  } finally {
    closeSync(writer.fd);
  }
  return { bytes: writer.bytes, sha256: writer.hash.digest('hex') };
}

function abandon(id: number): void {
  const writer = writers.get(id);
  writers.delete(id);
  if (writer !== undefined) closeSync(writer.fd);
}

function repair(path: string): RepairedSegment {
  const bytes = readFileSync(path);
  const { goodBytes, frames, durationMs } = scanSegment(bytes);
  if (frames === 0) {
    rmSync(path, { force: true });
    return null;
  }
  const fd = openSync(path, 'r+');
  try {
    if (goodBytes < bytes.length) ftruncateSync(fd, goodBytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  const sha256 = createHash('sha256').update(bytes.subarray(0, goodBytes)).digest('hex');
  return { bytes: goodBytes, sha256, frames, durationMs };
}

function list(folder: string): string[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.mp4'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** A writer that failed is closed; its file is repaired later. */
function forWriter(id: number, run: () => void): void {
  try {
    run();
  } catch (error) {
    abandon(id);
    reply({ type: 'writer-failed', writer: id, failure: failureOf(error) });
  }
}

function answer(id: number, run: () => unknown): void {
  try {
    reply({ type: 'done', id, result: run() });
  } catch (error) {
    reply({ type: 'failed', id, failure: failureOf(error) });
  }
}

const timer = setInterval(() => {
  for (const [id, writer] of writers) {
    if (!writer.dirty) continue;
    writer.dirty = false;
    forWriter(id, () => fdatasyncSync(writer.fd));
  }
}, SYNC_EVERY_MS);

port.on('message', (request: DiskRequest) => {
  switch (request.type) {
    case 'open':
      return answer(request.id, () => void writers.set(request.writer, open(request.path, request.init)));
    case 'append': {
      const writer = writers.get(request.writer);
      if (writer !== undefined) forWriter(request.writer, () => append(writer, request.bytes));
      return reply({ type: 'written', bytes: request.bytes.length });
    }
    case 'close':
      return answer(request.id, () => close(request.writer));
    case 'abandon':
      return abandon(request.writer);
    case 'repair':
      return answer(request.id, () => repair(request.path));
    case 'remove':
      return answer(request.id, () => {
        for (const path of request.paths) rmSync(path, { force: true });
      });
    case 'list':
      return answer(request.id, () => list(request.folder));
    case 'stop':
      clearInterval(timer);
      for (const id of [...writers.keys()]) abandon(id);
      reply({ type: 'done', id: request.id, result: null });
      port.close();
  }
});
