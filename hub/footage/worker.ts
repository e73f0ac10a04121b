/** The thread that cuts, hashes and packs footage, so that pictures never wait for it. */
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { type ErrorCode, messageOf, SharpEyesError } from '../../contract/errors.ts';
import { nodeDigests } from '../../evidence/digest-node.ts';
import { writePackage } from '../../evidence/package/write.ts';
import { measureClip, writeLook } from './clip/cut-clip.ts';
import { partContent } from './clip/part-content.ts';
import type { FootageReply, FootageRequest, FootageTasks, PackContent, PackOrder } from './worker-protocol.ts';

const READ_BYTES = 1024 * 1024;

type OnBytes = (bytes: number) => void;

/** The file's bytes, piece by piece; a piece is valid until the next. */
function* readPieces(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r');
  const buffer = new Uint8Array(READ_BYTES);
  try {
    for (;;) {
      const got = readSync(file, buffer);
      if (got === 0) return;
      yield buffer.subarray(0, got);
    }
  } finally {
    closeSync(file);
  }
}

async function* contentOf(content: PackContent | undefined): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) yield content;
  else if (content !== undefined) for (const { bytes } of partContent(content.part, content.segments)) yield bytes;
}

async function pack(order: PackOrder, onBytes: OnBytes): Promise<FootageTasks['pack']['result']> {
  const { publicKeySpki, signature } = order;
  const signer = { publicKeySpki, sign: async () => signature };
  const file = openSync(order.outputPath, 'wx', 0o600);
  let bytes = 0;
  try {
    const contents = (name: string): AsyncGenerator<Uint8Array> => contentOf(order.files.get(name));
    for await (const piece of writePackage(nodeDigests, order.manifest, signer, contents)) {
      let written = 0;
      while (written < piece.length) written += writeSync(file, piece, written);
      bytes += piece.length;
      onBytes(piece.length);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return { bytes };
}

function hashFile(path: string, onBytes: OnBytes): string {
  const hash = createHash('sha256');
  for (const piece of readPieces(path)) {
    hash.update(piece);
    onBytes(piece.length);
  }
  return hash.digest('hex');
}

async function carryOut(request: FootageRequest, onBytes: OnBytes): Promise<unknown> {
  switch (request.task) {
    case 'measure':
      return measureClip(request.order, onBytes);
    case 'look':
      return writeLook(request.order, onBytes);
    case 'pack':
      return pack(request.order, onBytes);
    case 'hash':
      return hashFile(request.order.path, onBytes);
  }
}

function codeOf(error: unknown): ErrorCode {
  if (error instanceof SharpEyesError) return error.code;
  if (!(error instanceof Error) || !('code' in error)) return 'INTERNAL';
  return error.code === 'ENOSPC' || error.code === 'EDQUOT' ? 'STORAGE_FULL' : 'STORAGE_FAILED';
}

const port = parentPort;
port?.on('message', (request: FootageRequest) => {
  const { id } = request;
  const post = (reply: FootageReply): void => port.postMessage(reply);
  let waiting = 0;
  const onBytes = (bytes: number): void => {
    waiting += bytes;
    if (waiting < 4 * READ_BYTES) return;
    post({ id, kind: 'progress', bytes: waiting });
    waiting = 0;
  };
  carryOut(request, onBytes).then(
    (result) => {
      post({ id, kind: 'progress', bytes: waiting });
      post({ id, kind: 'done', result });
    },
    (error: unknown) => post({ id, kind: 'failed', code: codeOf(error), message: messageOf(error) }),
  );
});
