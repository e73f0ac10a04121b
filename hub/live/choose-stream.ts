import type { StreamInfo } from '../../contract/device.ts';
import type { ViewerCodec, WatchOrder } from '../../contract/live.ts';
import type { ChoiceReason } from '../../contract/media-frame.ts';

/** Which stream of a camera a tile gets, and why. */
export interface StreamChoice {
  stream: 'main' | 'sub';
  why: ChoiceReason;
  /** The edge has to encode it anew: the viewer decodes nothing that the camera sends. */
  transcode: boolean;
}

/** A tile that is at most so much wider than the small stream still gets it. */
const STRETCH = 1.25;
/** Where nothing is known of the small stream's size. */
const SMALL_WIDTH = 720;

/** Chooses by what was asked for, the tile's size, and what the viewer can decode. */
export function chooseStream(
  streams: readonly Pick<StreamInfo, 'name' | 'codec' | 'width'>[],
  order: Pick<WatchOrder, 'stream' | 'width'>,
  codecs: readonly ViewerCodec[],
): StreamChoice {
  const sub = streams.find(({ name }) => name === 'sub');
  const main = streams.find(({ name }) => name === 'main');
  const wanted = order.stream === 'auto' ? fitting(order.width, sub) : order.stream;
  const why = order.stream === 'auto' ? 'tile-size' : 'asked';
  const [first, second] = wanted === 'main' ? [main, sub] : [sub, main];
  const decodable = (stream: typeof first): boolean => stream !== undefined && canShow(stream.codec, codecs);
  // Nothing is known of the camera yet: the edge says what it has.
  if (first === undefined && second === undefined) return { stream: wanted, why, transcode: false };
  if (first !== undefined && decodable(first)) return { stream: first.name, why, transcode: false };
  if (second !== undefined && decodable(second)) {
    return { stream: second.name, why: first === undefined ? 'only-stream' : 'codec', transcode: false };
  }
  return { stream: first?.name ?? second?.name ?? wanted, why: 'transcoded', transcode: true };
}

function fitting(width: number, sub: Pick<StreamInfo, 'width'> | undefined): 'main' | 'sub' {
  const most = sub?.width == null ? SMALL_WIDTH : sub.width * STRETCH;
  return width <= most ? 'sub' : 'main';
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
