import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { FastifyReply } from 'fastify';
import { SharpEyesError } from '../../contract/errors.ts';

/** First and last byte of a range. */
interface ByteRange {
  first: number;
  last: number;
}

/**
 * Reads a `Range` header (RFC 9110, 14.1.2). Only one range is given; more, or one in another unit, are answered with
 * the whole file, which the standard allows.
 * @returns null for the whole file, `'beyond'` when the range lies behind its end
 */
export function parseRange(header: string | undefined, size: number): ByteRange | 'beyond' | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  const [from, to] = [match?.[1] ?? '', match?.[2] ?? ''];
  if (match === null || (from === '' && to === '')) return null;
  if (from === '') return Number(to) === 0 ? 'beyond' : { first: Math.max(0, size - Number(to)), last: size - 1 };
  const first = Number(from);
  const last = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (first >= size) return 'beyond';
  return last < first ? null : { first, last };
}

/** Answers with a file, or the part of it that was asked for. `name` makes it a download. */
export async function answerFile(
  reply: FastifyReply,
  file: { path: string; type: string; name: string | null },
): Promise<FastifyReply> {
  const { size } = await stat(file.path).catch((cause: unknown) => {
    throw new SharpEyesError('NOT_FOUND', 'the file is no longer there', { cause });
  });
  const range = parseRange(reply.request.headers.range, size);
  reply.type(file.type).header('accept-ranges', 'bytes');
  if (file.name !== null) {
    const name = encodeURIComponent(file.name).replace(/['()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
    reply.header('content-disposition', `attachment; filename*=UTF-8''${name}`);
  }
  if (range === 'beyond') return reply.code(416).header('content-range', `bytes */${size}`).send();
  if (range === null) return reply.header('content-length', size).send(createReadStream(file.path));
  const { first, last } = range;
  return reply
    .code(206)
    .header('content-range', `bytes ${first}-${last}/${size}`)
    .header('content-length', last - first + 1)
    .send(createReadStream(file.path, { start: first, end: last }));
}
