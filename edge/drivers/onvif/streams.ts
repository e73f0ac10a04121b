import type { StreamName } from '../../../contract/device.ts';
import type { MediaProfile } from '../../../protocols/onvif/parse-media.ts';

/** Codecs that the media path carries: others would be registered and recorded as a stream that never comes. */
const CODECS: Readonly<Record<string, string>> = {
  h264: 'H264',
  h265: 'H265',
  hevc: 'H265',
  jpeg: 'JPEG',
  mjpeg: 'JPEG',
};

/** A profile that serves as a stream. */
export interface ChosenProfile {
  readonly name: StreamName;
  readonly profile: MediaProfile;
  readonly codec: string;
}

function area(profile: MediaProfile): number {
  return (profile.video?.width ?? 0) * (profile.video?.height ?? 0);
}

/**
 * Main and sub stream of a device's first picture source: the largest, and of those that are smaller the smallest in
 * H.264, which every browser shows. JPEG is taken only where there is nothing else.
 */
export function chooseProfiles(profiles: readonly MediaProfile[]): ChosenProfile[] {
  const carried = profiles.flatMap((profile) => {
    const codec = CODECS[(profile.video?.encoding ?? '').toLowerCase().replace('.', '')];
    return codec === undefined || profile.token === '' ? [] : [{ profile, codec }];
  });
  const source = carried[0]?.profile.videoSourceToken ?? null;
  const ofSource = carried.filter(({ profile }) => profile.videoSourceToken === source);
  const moving = ofSource.filter(({ codec }) => codec !== 'JPEG');
  const [main, ...others] = (moving.length > 0 ? moving : ofSource).sort((a, b) => area(b.profile) - area(a.profile));
  if (main === undefined) return [];
  const smaller = others.filter(({ profile }) => area(profile) < area(main.profile));
  const shownByAll = smaller.filter(({ codec }) => codec === 'H264');
  const sub = (shownByAll.length > 0 ? shownByAll : smaller).at(-1);
  return [{ name: 'main', ...main }, ...(sub === undefined ? [] : [{ name: 'sub' as const, ...sub }])];
}
