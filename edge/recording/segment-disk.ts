import { Worker } from 'node:worker_threads';
import { SharpEyesError } from '../../contract/errors.ts';
import type { ClosedSegment, DiskFailure, DiskReply, DiskRequest, RepairedSegment } from './disk-protocol.ts';

/** An open segment file. */
export type WriterId = number;

/** Where segment files are written; asynchronous, in the order of the calls. */
export interface SegmentDisk {
  /** Creates a file and writes its init segment. Rejects with STORAGE_FULL or STORAGE_FAILED. */
  open(writer: WriterId, path: string, init: Uint8Array): Promise<void>;
  /** Adds bytes, which are given away. A failure is told to {@link SegmentDisk.onWriterFailed}. */
  append(writer: WriterId, bytes: Uint8Array): void;
  /** fsync and close. Rejects with STORAGE_FULL or STORAGE_FAILED. */
  close(writer: WriterId): Promise<ClosedSegment>;
  /** Closes without a promise about the content. */
  abandon(writer: WriterId): void;
  /** Cuts a file behind its last whole fragment. Resolves with null when it held none; then the file is gone. */
  repair(path: string): Promise<RepairedSegment>;
  remove(paths: readonly string[]): Promise<void>;
  /** All segment files below a folder, which is created when missing. */
  list(folder: string): Promise<string[]>;
  onWriterFailed(handler: (writer: WriterId, error: SharpEyesError) => void): void;
  /** Bytes given away and not written yet. */
  readonly queuedBytes: number;
}

type Body<T> = T extends DiskRequest ? Omit<T, 'id'> : never;

interface Waiting {
  resolve(result: unknown): void;
  reject(error: SharpEyesError): void;
}

/** {@link SegmentDisk} in a thread of its own. */
export class ThreadSegmentDisk implements SegmentDisk {
  readonly #waiting = new Map<number, Waiting>();
  readonly #handlers: ((writer: WriterId, error: SharpEyesError) => void)[] = [];
  #worker: Worker | null = null;
  #nextId = 1;
  #queuedBytes = 0;

  start(): void {
    const worker = new Worker(new URL('./disk-worker.ts', import.meta.url));
    this.#worker = worker;
    worker.on('message', (message: DiskReply) => this.#onReply(message));
    worker.on('error', (error) => this.#fail(new SharpEyesError('STORAGE_FAILED', `the disk thread failed: ${error}`)));
    worker.on('exit', () => this.#fail(new SharpEyesError('STORAGE_FAILED', 'the disk thread has ended')));
  }

  /** Closes what is open and ends the thread. */
  async stop(): Promise<void> {
    const worker = this.#worker;
    if (worker === null) return;
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    await this.#ask({ type: 'stop' });
    await exited;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  async open(writer: WriterId, path: string, init: Uint8Array): Promise<void> {
    await this.#ask({ type: 'open', writer, path, init });
  }

  append(writer: WriterId, bytes: Uint8Array): void {
    this.#queuedBytes += bytes.length;
    const request: DiskRequest = { type: 'append', writer, bytes };
    this.#worker?.postMessage(request, [bytes.buffer as ArrayBuffer]);
  }

  async close(writer: WriterId): Promise<ClosedSegment> {
    return (await this.#ask({ type: 'close', writer })) as ClosedSegment;
  }

  abandon(writer: WriterId): void {
    const request: DiskRequest = { type: 'abandon', writer };
    this.#worker?.postMessage(request);
  }

  async repair(path: string): Promise<RepairedSegment> {
    return (await this.#ask({ type: 'repair', path })) as RepairedSegment;
  }

  async remove(paths: readonly string[]): Promise<void> {
    await this.#ask({ type: 'remove', paths });
  }

  async list(folder: string): Promise<string[]> {
    return (await this.#ask({ type: 'list', folder })) as string[];
  }

  onWriterFailed(handler: (writer: WriterId, error: SharpEyesError) => void): void {
    this.#handlers.push(handler);
  }

  #ask(body: Body<DiskRequest>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const worker = this.#worker;
      if (worker === null) {
        reject(new SharpEyesError('STORAGE_FAILED', 'the disk thread does not run'));
        return;
      }
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ ...body, id });
    });
  }

  #onReply(message: DiskReply): void {
    if (message.type === 'written') {
      this.#queuedBytes -= message.bytes;
    } else if (message.type === 'writer-failed') {
      for (const handler of this.#handlers) handler(message.writer, diskError(message.failure));
    } else {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.type === 'done') waiting?.resolve(message.result);
      else waiting?.reject(diskError(message.failure));
    }
  }

  #fail(error: SharpEyesError): void {
    this.#worker = null;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }
}

/** The registry's error for a refusal of the operating system. */
export function diskError({ code, message }: DiskFailure): SharpEyesError {
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new SharpEyesError(isFull ? 'STORAGE_FULL' : 'STORAGE_FAILED', message, { context: { code } });
}
