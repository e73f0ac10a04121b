import type { Digests } from '../digest.ts';
import { type ByteSource, readThrough } from './byte-source.ts';
import type { Part } from './manifest.ts';
import type { Stretch } from './verdict.ts';

const MAX_STRETCHES = 20;

/**
 * Which seconds of a part were changed: compares the hash of every marked stretch. Neighbours are joined; at most 20 are
 * named.
 * @param dataOffset where the part's bytes begin in the package
 * @param bytes how many they are
 */
export async function changedStretches(
  digests: Digests,
  source: ByteSource,
  part: Part,
  dataOffset: number,
  bytes: number,
): Promise<Stretch[]> {
  const stretches: Stretch[] = [];
  for (const [index, mark] of part.marks.entries()) {
    const next = part.marks[index + 1];
    const hash = digests.sha256();
    const length = (next?.offset ?? bytes) - mark.offset;
    const complete = await readThrough(source, dataOffset + mark.offset, length, (piece) => hash.update(piece));
    if (complete && hash.digest() === mark.sha256) continue;
    const edgeToMs = next?.edgeAtMs ?? part.edgeEndAtMs;
    const last = stretches.at(-1);
    if (last?.edgeToMs === mark.edgeAtMs) {
      last.edgeToMs = edgeToMs;
      last.filmToMs = edgeToMs - part.edgeStartAtMs;
    } else if (stretches.length < MAX_STRETCHES) {
      stretches.push({
        edgeFromMs: mark.edgeAtMs,
        edgeToMs,
        filmFromMs: mark.edgeAtMs - part.edgeStartAtMs,
        filmToMs: edgeToMs - part.edgeStartAtMs,
      });
    }
  }
  return stretches;
}
