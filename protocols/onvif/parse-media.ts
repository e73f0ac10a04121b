import { NAMESPACES } from '../soap/namespaces.ts';
import { at, childrenOf, numberAt, textAt } from '../soap/query.ts';
import type { XmlElement } from '../soap/xml.ts';

/** A video encoder's settings. */
export interface VideoEncoder {
  readonly token: string;
  /** As written: `H264`, `H265`, `JPEG` … */
  readonly encoding: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly fps: number | null;
  /** Kilobits per second; some devices write 2147483647 for "no limit". */
  readonly kbps: number | null;
}

/** A media profile: what one stream carries. */
export interface MediaProfile {
  readonly token: string;
  readonly name: string;
  /** Which media service answered. */
  readonly media: 1 | 2;
  readonly videoSourceConfigToken: string | null;
  readonly videoSourceToken: string | null;
  readonly video: VideoEncoder | null;
  readonly audioEncoding: string | null;
  readonly ptz: { readonly token: string; readonly nodeToken: string | null } | null;
}

/** Reads GetProfilesResponse and GetProfileResponse of either media service. */
export function parseProfiles(body: XmlElement): MediaProfile[] {
  return [...childrenOf(body, 'Profiles'), ...childrenOf(body, 'Profile')].slice(0, 128).map((profile) => {
    const media2 = isMedia2(body, profile);
    return media2
      ? readProfile(profile, at(profile, 'Configurations'), 2, '')
      : readProfile(profile, profile, 1, 'Configuration');
  });
}

function isMedia2(body: XmlElement, profile: XmlElement): boolean {
  if (body.namespace !== null) return body.namespace === NAMESPACES.tr2;
  return at(profile, 'Configurations') !== undefined || body.prefix === 'tr2';
}

function readProfile(
  profile: XmlElement,
  configurations: XmlElement | undefined,
  media: 1 | 2,
  suffix: string,
): MediaProfile {
  const videoSource = at(configurations, `VideoSource${suffix}`);
  const ptz = at(configurations, `PTZ${suffix}`);
  return {
    token: profile.attributes.get('token') ?? '',
    name: textAt(profile, 'Name') ?? '',
    media,
    videoSourceConfigToken: videoSource?.attributes.get('token') ?? null,
    videoSourceToken: textAt(videoSource, 'SourceToken'),
    video: readVideo(at(configurations, `VideoEncoder${suffix}`)),
    audioEncoding: textAt(configurations, `AudioEncoder${suffix}`, 'Encoding'),
    ptz: ptz === undefined ? null : { token: ptz.attributes.get('token') ?? '', nodeToken: textAt(ptz, 'NodeToken') },
  };
}

function readVideo(encoder: XmlElement | undefined): VideoEncoder | null {
  if (encoder === undefined) return null;
  return {
    token: encoder.attributes.get('token') ?? '',
    encoding: textAt(encoder, 'Encoding') ?? '',
    width: numberAt(encoder, 'Resolution', 'Width'),
    height: numberAt(encoder, 'Resolution', 'Height'),
    fps: numberAt(encoder, 'RateControl', 'FrameRateLimit'),
    kbps: numberAt(encoder, 'RateControl', 'BitrateLimit'),
  };
}

/** Address in a GetStreamUri or GetSnapshotUri response of either media service; null when it is empty. */
export function parseMediaUri(body: XmlElement): string | null {
  return textAt(body, 'MediaUri', 'Uri') ?? textAt(body, 'Uri');
}
