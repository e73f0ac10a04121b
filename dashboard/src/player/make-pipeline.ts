import { forcedPlayer } from './browser-media.ts';
import { choosePath, type PipelineWish } from './choose-path.ts';
import { JpegPipeline } from './jpeg-pipeline.ts';
import { MsePipeline } from './mse-pipeline.ts';
import type { Pipeline, PipelineOptions, PipelinePath } from './pipeline.ts';
import { canDecode } from './source-feed.ts';
import { hasVideoDecoder, WebCodecsPipeline } from './webcodecs-pipeline.ts';

const FACTORIES: Readonly<Partial<Record<PipelinePath, (options: PipelineOptions) => Pipeline>>> = {
  mse: (options) => new MsePipeline(options),
  webcodecs: (options) => new WebCodecsPipeline(options),
  canvas: (options) => new JpegPipeline(options),
};

/** Makes the pipeline for a stream; null when this browser can show it by none. */
export function makePipeline(
  options: PipelineOptions,
  { failed, enlarged }: Pick<PipelineWish, 'failed' | 'enlarged'>,
): Pipeline | null {
  const { description } = options.init;
  const browser = { canDecode, hasVideoDecoder: hasVideoDecoder(), forced: forcedPlayer() };
  const path = choosePath({ description, failed, enlarged, ...browser });
  return path === null ? null : (FACTORIES[path]?.(options) ?? null);
}
