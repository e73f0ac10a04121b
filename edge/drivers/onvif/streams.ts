import type { StreamName } from '../../../contract/device.ts';
import type { MediaProfile } from '../../../protocols/onvif/parse-media.ts';

/** Codecs that the media path carries: others would be registered and recorded as a stream that never comes. */
const CODECS: Readonly<Record<string, string>> = { h264: 'H264' };

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
 * Main and sub stream of a device's first picture source: the largest that can be carried, and the smallest of those that
 * are smaller.
 */
export function chooseProfiles(profiles: readonly MediaProfile[]): ChosenProfile[] {
  const usable = profiles.flatMap((profile) => {
    const codec = CODECS[(profile.video?.encoding ?? '').toLowerCase().replace('.', '')];
    return codec === undefined || profile.token === '' ? [] : [{ profile, codec }];
  });
  const source = usable[0]?.profile.videoSourceToken ?? null;
  const sorted = usable
    .filter(({ profile }) => profile.videoSourceToken === source)
    .sort((a, b) => area(b.profile) - area(a.profile));
  const [main] = sorted;
  if (main === undefined) return [];
  const smallest = area(sorted.at(-1)?.profile ?? main.profile);
  const sub = sorted.find(({ profile }) => area(profile) === smallest && smallest < area(main.profile));
  return [{ name: 'main', ...main }, ...(sub === undefined ? [] : [{ name: 'sub' as const, ...sub }])];
}
