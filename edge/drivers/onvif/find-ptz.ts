import { parseCapabilities } from '../../../protocols/onvif/parse-device.ts';
import type { MediaProfile } from '../../../protocols/onvif/parse-media.ts';
import { type PtzNode, parseNodes } from '../../../protocols/onvif/parse-ptz.ts';
import { getCapabilities } from '../../../protocols/onvif/request-device.ts';
import { getNodes } from '../../../protocols/onvif/request-ptz.ts';
import { atDevice } from './device-url.ts';
import type { OnvifClient } from './onvif-client.ts';
import { optional } from './optional.ts';

/** How a camera is turned. */
export interface FoundPtz {
  /** Address of the PTZ service. */
  readonly url: string;
  readonly profileToken: string;
  /** What moves; null when the camera does not say, then everything is tried. */
  readonly node: PtzNode | null;
}

/**
 * The PTZ service and the profile to turn by: the main stream's, else any of the same picture source that has a PTZ
 * configuration. Null when nothing can be turned.
 */
export async function findPtz(
  client: OnvifClient,
  service: string | undefined,
  profiles: readonly MediaProfile[],
  main: MediaProfile | null,
  abort: { signal?: AbortSignal },
): Promise<FoundPtz | null> {
  const sameSource = profiles.filter(({ videoSourceToken }) => videoSourceToken === (main?.videoSourceToken ?? null));
  const profile = [...(main === null ? [] : [main]), ...sameSource].find(({ ptz }) => ptz !== null);
  if (profile === undefined || profile.ptz === null) return null;
  const url = service ?? (await serviceByCapabilities(client, abort));
  if (url === null) return null;
  const nodes = await optional(async () => parseNodes(await client.call(getNodes(), { url, ...abort })));
  const { nodeToken } = profile.ptz;
  const node = nodes?.find(({ token }) => token === nodeToken) ?? (nodes?.length === 1 ? nodes[0] : undefined) ?? null;
  const isFixed = node !== null && node.pan === null && node.zoom === null;
  return isFixed ? null : { url, profileToken: profile.token, node };
}

/** Some firmware leaves services out of GetServices that stand in GetCapabilities. */
async function serviceByCapabilities(client: OnvifClient, abort: { signal?: AbortSignal }): Promise<string | null> {
  const xaddr = await optional(
    async () => parseCapabilities(await client.call(getCapabilities(), abort)).xaddrs['ptz'],
  );
  return xaddr === undefined || xaddr === null ? null : atDevice(xaddr, client.url);
}
