import type { InitDescription } from '../../../contract/media-frame.ts';
import { forcedPlayer } from './browser-media.ts';
import { choosePath } from './choose-path.ts';
import { JpegPipeline } from './jpeg-pipeline.ts';
import { Mpeg1Pipeline } from './mpeg1-pipeline.ts';
import { MsePipeline } from './mse-pipeline.ts';
import type { Pipeline, PipelineOptions, PipelinePath } from './pipeline.ts';
import { canDecode } from './source-feed.ts';
import { hasVideoDecoder, WebCodecsPipeline } from './webcodecs-pipeline.ts';

/** The pipelines that this page has. */
const FACTORIES: Readonly<Partial<Record<PipelinePath, (options: PipelineOptions) => Pipeline>>> = {
  mse: (options) => new MsePipeline(options),
  webcodecs: (options) => new WebCodecsPipeline(options),
  canvas: (options) => new JpegPipeline(options),
  mpeg1: (options) => new Mpeg1Pipeline(options),
};

/** Which pipeline shows a stream in this browser; null when none does. */
export function pathFor(
  description: InitDescription,
  failed: ReadonlySet<PipelinePath>,
  enlarged: boolean,
): PipelinePath | null {
  const browser = { canDecode, hasVideoDecoder: hasVideoDecoder(), forced: forcedPlayer() };
  return choosePath({ description, failed, enlarged, ...browser });
}

/** Makes a pipeline; it is not started. Null when this page has none of the kind. */
export function makePipeline(path: PipelinePath, options: PipelineOptions): Pipeline | null {
  return FACTORIES[path]?.(options) ?? null;
}
