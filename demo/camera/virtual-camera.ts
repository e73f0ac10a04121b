import { readFileSync } from 'node:fs';
import { type Clock, systemClock } from '../../platform/clock.ts';
import type { NotificationToBuild } from '../../protocols/onvif/build-events.ts';
import { buildAudioOutputs, buildMediaUri, buildProfiles } from '../../protocols/onvif/build-media.ts';
import type { MediaProfile } from '../../protocols/onvif/parse-media.ts';
import { parseProfileToken, type ReceivedRequest } from '../../protocols/onvif/parse-request.ts';
import { buildVideoSourceConfigurations, buildVideoSources } from '../../protocols/onvif/server-video-sources.ts';
import { SERVICE_NAMESPACES } from '../../protocols/onvif/services.ts';
import { deviceOperations, PRE_AUTH, scopesOf, servicePath, type VirtualIdentity } from '../onvif/device-operations.ts';
import { DiscoveryResponder } from '../onvif/discovery-responder.ts';
import { EventService } from '../onvif/event-service.ts';
import { OnvifServer, type Operation } from '../onvif/onvif-server.ts';
import { PTZ_CONFIGURATION, VirtualPtz } from '../onvif/virtual-ptz.ts';
import { type Clip, loadClip } from './clip.ts';
import { type DeviceLogin, DigestGate } from './digest-gate.ts';
import { RtspServer } from './rtsp-server.ts';
import { VirtualLoudspeaker } from './virtual-loudspeaker.ts';

/** Ports of every virtual device on its own address. */
export const ONVIF_PORT = 8000;
/** RTSP port of every virtual camera. */
export const RTSP_PORT = 8554;

/** Files of a clip and its size and rate. */
export interface ClipFile {
  file: string;
  width: number;
  height: number;
  fps: number;
}

/** A virtual camera: an ONVIF device, an RTSP server and a WS-Discovery endpoint on an address of its own. */
export interface VirtualCameraOptions {
  address: string;
  identity: VirtualIdentity;
  login: DeviceLogin;
  main: ClipFile;
  sub: ClipFile;
  snapshotFile: string;
  clockOffsetMs: number;
  /** It can be turned. */
  ptz?: boolean;
  /** It hears: its streams carry G.711 sound. */
  microphone?: boolean;
  /** It speaks: its streams have a back channel. */
  loudspeaker?: boolean;
  clock?: Clock;
}

function profileOf(
  token: 'main' | 'sub',
  media: 1 | 2,
  clip: ClipFile,
  { ptz, microphone }: Pick<VirtualCameraOptions, 'ptz' | 'microphone'>,
): MediaProfile {
  const { width, height, fps } = clip;
  // The first media service knows no H.265; cameras call it H.264 there.
  const encoding = media === 2 && clip.file.endsWith('.h265') ? 'H265' : 'H264';
  return {
    token,
    name: token === 'main' ? 'MainStream' : 'SubStream',
    media,
    videoSourceConfigToken: 'source_config',
    videoSourceToken: 'source',
    video: { token: `${token}_encoder`, encoding, width, height, fps, kbps: token === 'main' ? 512 : 128 },
    audioEncoding: microphone === true ? (media === 1 ? 'G711' : 'PCMU') : null,
    ptz: ptz === true ? PTZ_CONFIGURATION : null,
  };
}

/** One camera of the virtual township. */
export class VirtualCamera {
  readonly options: VirtualCameraOptions;
  readonly #clock: Clock;
  readonly #events: EventService;
  readonly #parts: { start(): Promise<void>; stop(): Promise<void> }[] = [];
  #motion = false;
  /** Where it looks; null for a fixed camera. */
  readonly ptz: VirtualPtz | null;
  /** What was said through it; null without a back channel. */
  readonly loudspeaker: VirtualLoudspeaker | null;

  constructor(options: VirtualCameraOptions) {
    this.options = options;
    this.#clock = options.clock ?? systemClock;
    this.ptz = options.ptz === true ? new VirtualPtz(this.#clock) : null;
    this.loudspeaker = options.loudspeaker === true ? new VirtualLoudspeaker() : null;
    this.#events = new EventService({
      clock: this.#clock,
      baseUrl: this.#baseUrl,
      properties: () => [this.#motionProperty()],
    });
  }

  get #baseUrl(): string {
    return `http://${this.options.address}:${ONVIF_PORT}`;
  }

  /** Reads the clips and begins to listen; rejects with PORT_TAKEN when the address is in use. */
  async start(): Promise<void> {
    const { address, identity, login, main, sub } = this.options;
    const [mainClip, subClip] = await Promise.all([loadClip(main.file, main.fps), loadClip(sub.file, sub.fps)]);
    const gate = new DigestGate(identity.serial, login, this.#clock);
    const snapshot = readFileSync(this.options.snapshotFile);
    const onvif = new OnvifServer({
      address,
      port: ONVIF_PORT,
      gate,
      operations: this.#operations(),
      preAuth: PRE_AUTH,
      pictures: { '/snapshot.jpg': () => snapshot },
    });
    const discovery = new DiscoveryResponder(
      address,
      {
        endpoint: `urn:uuid:${identity.uuid}`,
        types: ['dn:NetworkVideoTransmitter', 'tds:Device'],
        scopes: scopesOf(identity),
        xaddrs: [`${this.#baseUrl}${servicePath('device')}`],
      },
      Math.floor(this.#clock.nowMs() / 1000),
    );
    for (const part of [this.#rtsp(mainClip, subClip, gate), onvif, discovery]) {
      await part.start();
      this.#parts.unshift(part);
    }
  }

  async stop(): Promise<void> {
    this.#events.stop();
    for (const part of this.#parts.splice(0)) await part.stop();
  }

  /** Something begins or ends to move in the picture. */
  setMotion(moving: boolean): void {
    this.#motion = moving;
    this.#events.notify(this.#motionProperty());
  }

  #motionProperty(): NotificationToBuild {
    return {
      topic: 'tns1:VideoSource/MotionAlarm',
      utcTimeMs: this.#clock.nowMs() + this.options.clockOffsetMs,
      propertyOperation: 'Changed',
      source: { Source: 'source' },
      data: { State: String(this.#motion) },
    };
  }

  #rtsp(main: Clip, sub: Clip, gate: DigestGate): RtspServer {
    const { address, identity, microphone: sound = false } = this.options;
    const streams = [
      { path: '/main', clip: main, sound },
      { path: '/sub', clip: sub, sound },
    ];
    const { loudspeaker } = this;
    const { name } = identity;
    return new RtspServer({ name, address, port: RTSP_PORT, streams, gate, loudspeaker, clock: this.#clock });
  }

  #operations(): Record<string, Operation> {
    const { address, identity, clockOffsetMs, main, sub } = this.options;
    const mediaOf = (request: ReceivedRequest): 1 | 2 => (request.namespace === SERVICE_NAMESPACES.media2 ? 2 : 1);
    const { fps, width, height } = main;
    const sources = [{ token: 'source', configurationToken: 'source_config', fps, width, height }];
    return {
      ...deviceOperations({
        identity,
        baseUrl: this.#baseUrl,
        clock: this.#clock,
        clockOffsetMs,
        services: ['device', 'media', 'media2', 'events', ...(this.ptz === null ? [] : (['ptz'] as const))],
        events: this.#events,
      }),
      GetProfiles: (request) => {
        const media = mediaOf(request);
        const { options } = this;
        return buildProfiles(media, [profileOf('main', media, main, options), profileOf('sub', media, sub, options)]);
      },
      GetAudioOutputs: () => buildAudioOutputs(this.loudspeaker === null ? [] : ['loudspeaker']),
      ...this.ptz?.operations(),
      GetVideoSources: () => buildVideoSources(sources),
      GetVideoSourceConfigurations: (request) => buildVideoSourceConfigurations(mediaOf(request), sources),
      GetStreamUri: (request) => {
        const token = parseProfileToken(request.body) === 'sub' ? 'sub' : 'main';
        return buildMediaUri(mediaOf(request), 'GetStreamUri', `rtsp://${address}:${RTSP_PORT}/${token}`);
      },
      GetSnapshotUri: (request) => buildMediaUri(mediaOf(request), 'GetSnapshotUri', `${this.#baseUrl}/snapshot.jpg`),
    };
  }
}
