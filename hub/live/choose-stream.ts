import type { StreamInfo } from '../../contract/device.ts';
import type { ViewerCodec, WatchOrder } from '../../contract/live.ts';
import type { ChoiceReason } from '../../contract/media-frame.ts';

/** Which stream of a camera a tile gets, and why. */
export interface StreamChoice {
  stream: 'main' | 'sub';
  why: ChoiceReason;
  /** The edge has to encode it anew as H.264: the viewer decodes nothing that the camera sends. */
  transcode: boolean;
  /** The hub has to make MPEG-1 of it: the viewer decodes nothing else. */
  mpeg1: boolean;
}

type Known = Pick<StreamInfo, 'name' | 'codec' | 'width'> & Partial<Pick<StreamInfo, 'height'>>;

/** A tile that is at most so much wider than the small stream still gets it. */
const STRETCH = 1.25;
/** Where nothing is known of the small stream's size. */
const SMALL_WIDTH = 720;

/**
 * Chooses by what was asked for, the tile's size, and what the viewer can decode: the camera's own pictures before any
 * that would have to be encoded anew. Null when the viewer can show nothing at all.
 */
export function chooseStream(
  streams: readonly Known[],
  order: Pick<WatchOrder, 'stream' | 'width'> & Partial<Pick<WatchOrder, 'height'>>,
  codecs: readonly ViewerCodec[],
): StreamChoice | null {
  const sub = streams.find(({ name }) => name === 'sub');
  const main = streams.find(({ name }) => name === 'main');
  const wanted = order.stream === 'auto' ? fitting(order, sub) : order.stream;
  const why = order.stream === 'auto' ? 'tile-size' : 'asked';
  const [first, second] = wanted === 'main' ? [main, sub] : [sub, main];
  const best = first?.name ?? second?.name ?? wanted;
  const asIs = { transcode: false, mpeg1: false };
  const lastResort: StreamChoice | null = codecs.includes('mpeg1')
    ? { stream: best, why: 'transcoded', transcode: false, mpeg1: true }
    : null;
  if (!codecs.some((codec) => codec !== 'mpeg1')) return lastResort;
  // What is not known yet is tried, unless there is something that certainly works.
  if ((first ?? second)?.codec == null && lastResort !== null && !codecs.includes('h264')) return lastResort;
  if (first === undefined && second === undefined) return { stream: wanted, why, ...asIs };
  if (first !== undefined && canShow(first.codec, codecs)) return { stream: first.name, why, ...asIs };
  if (second !== undefined && canShow(second.codec, codecs)) {
    return { stream: second.name, why: first === undefined ? 'only-stream' : 'codec', ...asIs };
  }
  if (!codecs.includes('h264')) return lastResort;
  return { stream: best, why: 'transcoded', transcode: true, mpeg1: false };
}

/** A picture is shown whole, so in a flat tile it is narrower than the tile. */
function fitting({ width, height = 0 }: { width: number; height?: number }, sub: Known | undefined): 'main' | 'sub' {
  const aspect = sub?.width != null && sub.height ? sub.width / sub.height : 16 / 9;
  const shownWidth = height > 0 ? Math.min(width, height * aspect) : width;
  const most = sub?.width == null ? SMALL_WIDTH : sub.width * STRETCH;
  return shownWidth <= most ? 'sub' : 'main';
}

/** Whether a viewer can show a codec, given as RFC 6381 text or by its common name; an unknown one is tried. */
function canShow(codec: string | null, codecs: readonly ViewerCodec[]): boolean {
  const family = codec === null ? null : familyOf(codec);
  return family === null || codecs.includes(family);
}

/** The family of a codec name; null when it is none that we know. */
export function familyOf(codec: string): ViewerCodec | null {
  const name = codec.toLowerCase();
  if (/^(avc1|avc3|h\.?264)/.test(name)) return 'h264';
  if (/^(hvc1|hev1|h\.?265|hevc)/.test(name)) return 'h265';
  if (/^(mp4v\.6c|m?jpe?g)/.test(name)) return 'mjpeg';
  return null;
}
