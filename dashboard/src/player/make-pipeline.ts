import { choosePath } from './choose-path.ts';
import { JpegPipeline } from './jpeg-pipeline.ts';
import { MsePipeline } from './mse-pipeline.ts';
import type { Pipeline, PipelineOptions, PipelinePath } from './pipeline.ts';
import { canDecode } from './source-feed.ts';

const FACTORIES: Readonly<Partial<Record<PipelinePath, (options: PipelineOptions) => Pipeline>>> = {
  mse: (options) => new MsePipeline(options),
  canvas: (options) => new JpegPipeline(options),
};

/** Makes the pipeline for a stream; null when this browser can show it by none. */
export function makePipeline(options: PipelineOptions, failed: ReadonlySet<PipelinePath>): Pipeline | null {
  const path = choosePath({ description: options.init.description, failed, canDecode });
  return path === null ? null : (FACTORIES[path]?.(options) ?? null);
}
