import type { DeviceIdentity, DeviceType, StreamName } from '../../../contract/device.ts';
import {
  parseCapabilities,
  parseDeviceInformation,
  parseHardwareAddresses,
  parseServices,
} from '../../../protocols/onvif/parse-device.ts';
import { parseEventProperties } from '../../../protocols/onvif/parse-events.ts';
import { type MediaProfile, parseMediaUri, parseProfiles } from '../../../protocols/onvif/parse-media.ts';
import { parseHasAudioOutput } from '../../../protocols/onvif/parse-ptz.ts';
import {
  getCapabilities,
  getDeviceInformation,
  getNetworkInterfaces,
  getServices,
} from '../../../protocols/onvif/request-device.ts';
import { getEventProperties } from '../../../protocols/onvif/request-events.ts';
import {
  getAudioOutputs,
  getProfiles,
  getProfiles2,
  getSnapshotUri,
  getSnapshotUri2,
  getStreamUri,
  getStreamUri2,
} from '../../../protocols/onvif/request-media.ts';
import { SERVICE_NAMESPACES, type ServiceName } from '../../../protocols/onvif/services.ts';
import { normaliseMac } from '../../../protocols/ws-discovery/identity.ts';
import { atDevice, streamAtDevice } from './device-url.ts';
import { type FoundPtz, findPtz } from './find-ptz.ts';
import type { OnvifClient } from './onvif-client.ts';
import { optional } from './optional.ts';
import { type ChosenProfile, chooseProfiles } from './streams.ts';

/** A stream of a device and where it is. */
export interface OnvifStream {
  readonly name: StreamName;
  /** RTSP address at the host that answers, without user information. */
  readonly url: string;
  readonly codec: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly fps: number | null;
}

/** Everything that a device says about itself. */
export interface Inspection {
  readonly identity: DeviceIdentity;
  readonly type: DeviceType;
  readonly clockOffsetMs: number | null;
  readonly streams: readonly OnvifStream[];
  /** HTTP address of a still picture; null when the device has none. */
  readonly snapshotUrl: string | null;
  /** Addresses of the services it has. */
  readonly services: Readonly<Partial<Record<ServiceName, string>>>;
  /** Topics it can report; empty when it does not say. */
  readonly topics: readonly string[];
  /** How it is turned; null when it cannot be. */
  readonly ptz: FoundPtz | null;
  /** Its main stream carries sound. */
  readonly hasMicrophone: boolean;
  readonly hasLoudspeaker: boolean;
}

/**
 * Asks a device what it is and has. What is optional may fail without failing the whole; a refused sign-in ends it at
 * once, as every further attempt would count against the account.
 */
export async function inspect(client: OnvifClient, signal?: AbortSignal): Promise<Inspection> {
  const abort = signal === undefined ? {} : { signal };
  await client.measureClock(signal);
  const information = parseDeviceInformation(await client.call(getDeviceInformation(), abort));
  const services = await findServices(client, abort);
  const mac = await optional(async () =>
    parseHardwareAddresses(await client.call(getNetworkInterfaces(), abort)).map(normaliseMac),
  );
  const profiles = await findProfiles(client, services, abort);
  const chosen = chooseProfiles(profiles);
  const streams: OnvifStream[] = [];
  for (const choice of chosen) streams.push(...(await findStream(client, services, choice, abort)));
  return {
    identity: {
      manufacturer: short(information.manufacturer),
      model: short(information.model),
      firmware: short(information.firmwareVersion),
      serial: short(information.serialNumber),
      mac: mac?.find((address) => address !== null) ?? null,
    },
    type: services.door !== undefined && chosen.length === 0 ? 'door' : 'camera',
    clockOffsetMs: client.clockOffsetMs,
    streams,
    snapshotUrl: await findSnapshot(client, services, chosen[0] ?? null, abort),
    services,
    topics: await findTopics(client, services, abort),
    ptz: await findPtz(client, services.ptz, profiles, chosen[0]?.profile ?? null, abort),
    hasMicrophone: chosen.some(({ profile }) => profile.audioEncoding !== null),
    hasLoudspeaker: await findLoudspeaker(client, services, abort),
  };
}

type Abort = { signal?: AbortSignal };
type Services = Partial<Record<ServiceName, string>>;

function short(text: string | null): string | null {
  return text?.slice(0, 128) ?? null;
}

/** Addresses of the services, at the host that answers. */
export async function findServices(client: OnvifClient, abort: Abort = {}): Promise<Services> {
  const found: [ServiceName, string | null][] = [];
  const entries = await optional(async () => parseServices(await client.call(getServices(), abort)));
  for (const name of Object.keys(SERVICE_NAMESPACES) as ServiceName[]) {
    const entry = entries?.find(({ namespace }) => namespace === SERVICE_NAMESPACES[name]);
    if (entry !== undefined) found.push([name, atDevice(entry.xaddr, client.url)]);
  }
  if (found.length === 0) {
    const { xaddrs } = parseCapabilities(await client.call(getCapabilities(), abort));
    for (const name of ['media', 'events', 'ptz'] as const) {
      const xaddr = xaddrs[name];
      if (xaddr !== undefined) found.push([name, atDevice(xaddr, client.url)]);
    }
  }
  return Object.fromEntries([['device', client.url.href], ...found.filter(([, url]) => url !== null)]);
}

/** The second media service knows H.265; the first one is the fallback. */
async function findProfiles(client: OnvifClient, services: Services, abort: Abort): Promise<MediaProfile[]> {
  const { media, media2 } = services;
  const second =
    media2 === undefined
      ? null
      : await optional(async () => parseProfiles(await client.call(getProfiles2(), { url: media2, ...abort })));
  if (second?.some(({ video }) => video !== null) || media === undefined) return second ?? [];
  return parseProfiles(await client.call(getProfiles(), { url: media, ...abort }));
}

async function findStream(
  client: OnvifClient,
  services: Services,
  { name, profile, codec }: ChosenProfile,
  abort: Abort,
): Promise<OnvifStream[]> {
  const url = await mediaUri(client, services, profile, { first: getStreamUri, second: getStreamUri2 }, abort);
  const rtsp = url === null ? null : streamAtDevice(url, client.url);
  if (rtsp === null) return [];
  const { width = null, height = null, fps = null } = profile.video ?? {};
  return [{ name, url: rtsp, codec, width, height, fps }];
}

async function findSnapshot(
  client: OnvifClient,
  services: Services,
  main: ChosenProfile | null,
  abort: Abort,
): Promise<string | null> {
  if (main === null) return null;
  const uris = { first: getSnapshotUri, second: getSnapshotUri2 };
  const url = await mediaUri(client, services, main.profile, uris, abort);
  return url === null ? null : atDevice(url, client.url);
}

function mediaUri(
  client: OnvifClient,
  services: Services,
  profile: MediaProfile,
  requests: { first: typeof getStreamUri; second: typeof getStreamUri },
  abort: Abort,
): Promise<string | null> {
  const second = profile.media === 2;
  const service = second ? services.media2 : services.media;
  if (service === undefined) return Promise.resolve(null);
  const request = second ? requests.second(profile.token) : requests.first(profile.token);
  return optional(async () => parseMediaUri(await client.call(request, { url: service, ...abort })));
}

async function findLoudspeaker(client: OnvifClient, { media }: Services, abort: Abort): Promise<boolean> {
  if (media === undefined) return false;
  const ask = async (): Promise<boolean> =>
    parseHasAudioOutput(await client.call(getAudioOutputs(), { url: media, ...abort }));
  return (await optional(ask)) ?? false;
}

async function findTopics(client: OnvifClient, services: Services, abort: Abort): Promise<string[]> {
  const url = services.events;
  if (url === undefined) return [];
  const topics = await optional(async () =>
    parseEventProperties(await client.call(getEventProperties(), { url, ...abort })),
  );
  return (topics ?? []).filter(({ isProperty }) => isProperty !== null).map(({ topic }) => topic);
}
