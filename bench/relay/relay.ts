import type { Bench } from '../figure.ts';
import { cpuRatioEdge, rssPerStream } from './edge.ts';
import { costGrowth, streamsLossless } from './lossless.ts';
import { cpuRatioNodeRtspStream, cpuRatioPath } from './path.ts';
import { otherRelays } from './peers.ts';

/** What carrying a stream costs; see `docs/reference/benchmarks.md`. */
export const bench: Bench = {
  cpu_ratio_edge: cpuRatioEdge,
  rss_per_stream_mb: rssPerStream,
  cpu_ratio_path: cpuRatioPath,
  cpu_ratio_node_rtsp_stream: cpuRatioNodeRtspStream,
  streams_lossless: streamsLossless,
  cost_growth: costGrowth,
  peers: otherRelays,
};
