import type { ViewerCodec } from '../../../contract/live.ts';
import type { InitDescription } from '../../../contract/media-frame.ts';
import type { PipelinePath } from './pipeline.ts';

/** What the choice of a pipeline depends on. */
export interface PipelineWish {
  description: InitDescription;
  /** Paths that failed on this tile for this stream: not again. */
  failed: ReadonlySet<PipelinePath>;
  /** Whether the browser's media source takes a codec (RFC 6381 text). */
  canDecode(codec: string): boolean;
  /** Whether the browser lets the page decode by itself. */
  hasVideoDecoder: boolean;
  /** A tile that somebody looks at closely. */
  enlarged: boolean;
  /** Asked for in the page's address, to try it out. */
  forced: string | null;
}

/** Which pipeline shows a stream; null when this browser can show it by none. */
export function choosePath(wish: PipelineWish): PipelinePath | null {
  return candidates(wish).find((path) => !wish.failed.has(path)) ?? null;
}

function candidates({ description: { codec }, canDecode, hasVideoDecoder, enlarged, forced }: PipelineWish) {
  const paths: PipelinePath[] = [];
  if (familyOf(codec) === 'mjpeg') return ['canvas' as const];
  if (familyOf(codec) === 'mpeg1') return ['mpeg1' as const];
  const isWanted = forced === null ? enlarged : forced === 'webcodecs';
  if (isWanted && hasVideoDecoder && canDecode(codec)) paths.push('webcodecs');
  if (canDecode(codec)) paths.push('mse');
  return paths;
}

/** The family of a codec by its RFC 6381 name; null when it is none that is known. */
export function familyOf(codec: string): ViewerCodec | null {
  if (/^avc[13]\b/.test(codec)) return 'h264';
  if (/^h(vc|ev)1\b/.test(codec)) return 'h265';
  if (/^mp4v\.6c$/i.test(codec)) return 'mjpeg';
  if (/^(mpeg1|mp4v\.6a)$/i.test(codec)) return 'mpeg1';
  return null;
}
