import { open } from 'node:fs/promises';
import { type ByteSource, CHUNK_BYTES } from './byte-source.ts';

/** A file on disk as {@link ByteSource}; `close` when done. */
export async function openFileSource(path: string): Promise<ByteSource & { close(): Promise<void> }> {
  const file = await open(path, 'r');
  const buffer = new Uint8Array(CHUNK_BYTES);
  try {
    const { size } = await file.stat();
    return {
      size,
      async read(offset, length) {
        const { bytesRead } = await file.read(buffer, 0, Math.min(length, buffer.length), offset);
        return buffer.subarray(0, bytesRead);
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
