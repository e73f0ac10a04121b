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
}

/** Which pipeline shows a stream; null when this browser can show it by none. */
export function choosePath({ description, failed, canDecode: can }: PipelineWish): PipelinePath | null {
  const candidates: PipelinePath[] = [];
  if (familyOf(description.codec) === 'mjpeg') candidates.push('canvas');
  else if (can(description.codec)) candidates.push('mse');
  return candidates.find((path) => !failed.has(path)) ?? null;
}

/** The family of a codec by its RFC 6381 name; null when it is none that is known. */
export function familyOf(codec: string): ViewerCodec | null {
  if (/^avc[13]\b/.test(codec)) return 'h264';
  if (/^h(vc|ev)1\b/.test(codec)) return 'h265';
  if (/^mp4v\.6c$/i.test(codec)) return 'mjpeg';
  if (/^(mpeg1|mp4v\.6a)$/i.test(codec)) return 'mpeg1';
  return null;
}
