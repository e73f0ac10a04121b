import type { ViewerCodec } from '../../../contract/live.ts';

/** What is asked of the browser to know what it can show. */
export interface BrowserMedia {
  hasMediaSource: boolean;
  canDecode(codec: string): boolean;
  /** What the page's address asks for, to try it out. */
  forced: string | null;
}

const H264 = 'avc1.64001f';
const H265 = ['hvc1.1.6.L120.90', 'hev1.1.6.L120.90'];

/**
 * Codecs that this browser really shows. MPEG-1 is the last resort of a screen without a media source; `?player=mpeg1`
 * asks for it alone, `?player=h264` hides everything newer (`?player=mse` and `?player=webcodecs` choose what decodes).
 */
export function viewerCodecs(media: BrowserMedia): ViewerCodec[] {
  const { forced } = media;
  if (forced === 'mpeg1' || !media.hasMediaSource) return ['mjpeg', 'mpeg1'];
  const codecs: ViewerCodec[] = [];
  if (media.canDecode(H264)) codecs.push('h264');
  if (forced !== 'h264' && H265.some((codec) => media.canDecode(codec))) codecs.push('h265');
  return [...codecs, 'mjpeg'];
}
