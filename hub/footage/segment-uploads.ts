import { mkdir, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { FileStore } from '@tus/file-store';
import { Server, type ServerOptions, type Upload } from '@tus/server';
import { messageOf } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import { freeBytes } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import { ExpectedSegments } from './expected-segments.ts';
import { readSegmentMetadata, type SegmentMetadata, UploadRefusal } from './upload-metadata.ts';

/** Path under which edges upload, as `footage.fetch` names it to them. */
export const UPLOAD_PATH = '/edge-api/uploads';

/** Settings and ports of {@link SegmentUploads}. */
export interface SegmentUploadsOptions {
  /** Emptied at the start: what an earlier run left behind belongs to no request any more. */
  folder: string;
  /** SHA-256 of a file, computed where it blocks nothing. */
  hashFile(path: string): Promise<string>;
  clock: Clock;
  log: Log;
  limits?: Partial<typeof DEFAULT_LIMITS>;
}

const DEFAULT_LIMITS = {
  segmentBytes: 256 * 1024 * 1024,
  /** All segments of one request together. */
  requestBytes: 512 * 1024 ** 3,
  /** Uploads begun for one request; an edge may begin one anew. */
  requestUploads: 20_000,
  /** Kept free on the disk. */
  reserveBytes: 1024 ** 3,
};

interface OpenUpload {
  expected: ExpectedSegments;
  metadata: SegmentMetadata;
  receivedBytes: number;
}

/** A request as `@tus/server` hands it to its hooks. */
type TusRequest = Parameters<NonNullable<ServerOptions['onIncomingRequest']>>[0];

/**
 * Takes recorded segments from edges by resumable upload (tus 1.0). Only what the hub asked that very edge for is accepted, and
 * only when its SHA-256 is the announced one.
 */
export class SegmentUploads {
  readonly #options: SegmentUploadsOptions;
  readonly #limits: typeof DEFAULT_LIMITS;
  readonly #requests = new Map<string, ExpectedSegments>();
  readonly #uploads = new Map<string, OpenUpload>();
  readonly #callers = new WeakMap<object, string>();
  /** Uploads that requests under way have begun. */
  readonly #begun = new WeakMap<object, string>();
  #server: Server | null = null;

  constructor(options: SegmentUploadsOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  /** Empties the folder and begins to accept. */
  async start(): Promise<void> {
    const { folder } = this.#options;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const server = new Server({
      path: UPLOAD_PATH,
      datastore: new FileStore({ directory: folder }),
      relativeLocation: true,
      allowedOrigins: [],
      maxSize: this.#limits.segmentBytes,
      disableTerminationForFinishedUploads: true,
      postReceiveInterval: 500,
      onIncomingRequest: async (request, uploadId) => this.#checkOwner(request, uploadId),
      onUploadCreate: (request, upload) => this.#create(request, upload),
      onUploadFinish: (_, upload) => this.#finish(upload),
    });
    server.on('POST_RECEIVE', (_, upload) => this.#receive(upload));
    this.#server = server;
  }

  /** Accepts no more; requests that wait are told. */
  async stop(): Promise<void> {
    this.#server = null;
    await Promise.all([...this.#requests.values()].map((expected) => expected.release()));
  }

  /**
   * Accepts uploads for a request from one edge until it is released.
   * @param requestId as it goes to the edge with `footage.fetch`
   */
  expect(requestId: string, edgeId: string): ExpectedSegments {
    const expected = new ExpectedSegments(edgeId, this.#options.clock, async () => {
      this.#requests.delete(requestId);
      const own = [...this.#uploads].filter(([, upload]) => upload.expected === expected);
      await Promise.all(own.map(([uploadId]) => this.#remove(uploadId)));
    });
    this.#requests.set(requestId, expected);
    return expected;
  }

  /**
   * Answers one HTTP request below {@link UPLOAD_PATH}.
   * @param edgeId the edge whose credential the request carried
   */
  async handle(edgeId: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#server === null || !['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'].includes(request.method ?? '')) {
      response.writeHead(this.#server === null ? 503 : 405, { connection: 'close' }).end();
      return;
    }
    this.#callers.set(request, edgeId);
    try {
      await this.#server.handle(request, response);
    } catch (error) {
      this.#options.log.warn({ edge: edgeId }, `an upload request failed: ${messageOf(error)}`);
      response.destroy();
    }
    // Released while its first request was being answered: tus has made the file after all was removed.
    const uploadId = this.#begun.get(request);
    if (uploadId !== undefined && !this.#uploads.has(uploadId)) await this.#remove(uploadId);
  }

  #edgeOf(request: TusRequest): string {
    const raw = request.runtime?.node?.req;
    const edgeId = raw === undefined ? undefined : this.#callers.get(raw);
    if (edgeId === undefined) throw new UploadRefusal(401, 'the edge is not known');
    return edgeId;
  }

  #checkOwner(request: TusRequest, uploadId: string): void {
    const edgeId = this.#edgeOf(request);
    if (request.method === 'POST') return;
    if (this.#uploads.get(uploadId)?.expected.edgeId !== edgeId)
      throw new UploadRefusal(404, 'there is no such upload');
  }

  async #create(request: TusRequest, upload: Upload): Promise<Record<string, never>> {
    const edgeId = this.#edgeOf(request);
    const metadata = readSegmentMetadata(upload.metadata);
    const expected = this.#requests.get(metadata.requestId);
    if (expected?.edgeId !== edgeId) throw new UploadRefusal(404, 'nobody asked for this');
    const bytes = upload.size;
    if (bytes === undefined) throw new UploadRefusal(400, 'say how long the segment is');
    const own = [...this.#uploads.values()].filter((other) => other.expected === expected).length;
    const { requestUploads, requestBytes, reserveBytes } = this.#limits;
    if (own >= requestUploads || expected.announcedBytes + bytes > requestBytes) {
      throw new UploadRefusal(413, 'this is more than one request may bring');
    }
    if ((await freeBytes(this.#options.folder)) - bytes < reserveBytes) {
      throw new UploadRefusal(507, 'the disk of the hub is full');
    }
    if (expected.isReleased) throw new UploadRefusal(404, 'nobody asks for this any more');
    const raw = request.runtime?.node?.req;
    if (raw !== undefined) this.#begun.set(raw, upload.id);
    expected.announcedBytes += bytes;
    this.#uploads.set(upload.id, { expected, metadata, receivedBytes: 0 });
    return {};
  }

  #receive({ id, offset }: Pick<Upload, 'id' | 'offset'>): void {
    const open = this.#uploads.get(id);
    if (open === undefined || offset <= open.receivedBytes) return;
    open.expected.received(offset - open.receivedBytes);
    open.receivedBytes = offset;
  }

  async #finish(upload: Upload): Promise<Record<string, never>> {
    const open = this.#uploads.get(upload.id);
    if (open === undefined) throw new UploadRefusal(404, 'nobody asks for this any more');
    const { expected, metadata } = open;
    this.#receive(upload);
    const path = join(this.#options.folder, upload.id);
    const sha256 = await this.#options.hashFile(path);
    if (sha256 !== metadata.sha256) {
      const { deviceId, stream, sequence } = metadata;
      this.#options.log.warn(
        { edge: expected.edgeId, deviceId, stream, sequence },
        'a segment is not what was recorded',
      );
      await this.#remove(upload.id);
      expected.arrived(metadata, null);
      throw new UploadRefusal(422, 'the segment is not what was recorded');
    }
    expected.arrived(metadata, path);
    return {};
  }

  async #remove(uploadId: string): Promise<void> {
    const path = join(this.#options.folder, uploadId);
    this.#uploads.delete(uploadId);
    try {
      await Promise.all([path, `${path}.json`].map((file) => rm(file, { force: true })));
    } catch (error) {
      this.#options.log.warn({ uploadId }, `an upload cannot be removed: ${messageOf(error)}`);
    }
  }
}
