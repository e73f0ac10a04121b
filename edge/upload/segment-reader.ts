import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { FileReader, FileSource } from 'tus-js-client';

/** Resolves when the line has room for so many more bytes. */
export type Pace = (bytes: number) => Promise<void>;

/** How `tus-js-client` reads a segment. */
export type SegmentReader = FileReader;

/** Small enough that a paced upload does not fill a thin line in bursts. */
const READ_BYTES = 16 * 1024;

/** Reads segments in pieces of 16 kB, each after `pace` has let it pass. One that cannot be read counts as empty. */
export function segmentReader(pace: Pace = async () => undefined): SegmentReader {
  return {
    async openFile(segment: { path: string }): Promise<FileSource> {
      const size = await sizeOf(segment.path);
      return {
        size,
        async slice(start, end) {
          const until = Math.min(end, size);
          if (until <= start) return { value: new Uint8Array(), done: true };
          const value = Object.assign(Readable.from(paced(segment.path, start, until, pace)), { size: until - start });
          return { value, done: until >= size };
        },
        close: () => undefined,
      };
    },
  };
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

async function* paced(path: string, start: number, end: number, pace: Pace): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { start, end: end - 1, highWaterMark: READ_BYTES });
  for await (const piece of file as AsyncIterable<Uint8Array>) {
    await pace(piece.length);
    yield piece;
  }
}
