import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventService } from '../../demo/onvif/event-service.ts';
import { systemClock } from '../../platform/clock.ts';
import { buildChallenge, verifyAuthorization } from '../../protocols/http-digest/server.ts';
import {
  buildDeviceInformation,
  buildNetworkInterfaces,
  buildServices,
  buildSystemDateAndTime,
} from '../../protocols/onvif/build-device.ts';
import type { NotificationToBuild } from '../../protocols/onvif/build-events.ts';
import { buildMediaUri, buildProfiles } from '../../protocols/onvif/build-media.ts';
import type { MediaProfile } from '../../protocols/onvif/parse-media.ts';
import { parseProfileToken, parseRequest, type ReceivedRequest } from '../../protocols/onvif/parse-request.ts';
import { SERVICE_NAMESPACES } from '../../protocols/onvif/services.ts';
import { buildFault } from '../../protocols/soap/fault.ts';
import { verifyUsernameToken } from '../../protocols/soap/username-token.ts';

/** An answer of the fake: a body with status 200 (400 for faults), or all of it. */
type Answer = string | { status: number; body: string };
type Operation = (request: ReceivedRequest, path: string) => Answer | Promise<Answer>;

const REALM = 'fake';
/** How far a token's time may be from the device's clock. */
const TOKEN_WINDOW_MS = 5_000;

export function mediaProfile(token: string, width: number, height: number, encoding = 'H264'): MediaProfile {
  return {
    token,
    name: token,
    media: 1,
    videoSourceConfigToken: 'vsc',
    videoSourceToken: 'vs',
    video: { token: `${token}-encoder`, encoding, width, height, fps: 25, kbps: 1000 },
    audioEncoding: null,
    ptz: null,
  };
}

/** An ONVIF camera with knobs: how it signs, how wrong its clock and addresses are, and any operation replaced. */
export class FakeOnvif {
  auth: 'none' | 'digest' | 'token' = 'digest';
  password = 'secret';
  clockOffsetMs = 0;
  /** Host that it writes into its addresses; real ones are often wrong. */
  announcedHost: string | null = null;
  profiles: MediaProfile[] = [mediaProfile('main', 1920, 1080), mediaProfile('sub', 640, 360)];
  picture = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);
  /** Current properties, told at synchronisation points. */
  properties: NotificationToBuild[] = [];
  /** Replaces operations by name. */
  readonly overrides: Record<string, Operation> = {};
  /** Names of the operations that were asked for, in order. */
  readonly asked: string[] = [];
  /** Signed requests that were refused. */
  wrongSignIns = 0;
  nonce = 'n1';
  #server: Server | null = null;
  #events: EventService | null = null;
  #port = 0;

  async start(): Promise<this> {
    const server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    const baseUrl = `http://127.0.0.1:${this.#port}`;
    this.#events = new EventService({ clock: systemClock, baseUrl, properties: () => this.properties });
    return this;
  }

  async stop(): Promise<void> {
    this.#events?.stop();
    this.#server?.closeAllConnections();
    await new Promise<void>((resolve) => (this.#server === null ? resolve() : this.#server.close(() => resolve())));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/onvif/device_service`;
  }

  notify(notification: NotificationToBuild): void {
    this.#events?.notify(notification);
  }

  /** Forgets all subscriptions, as a restart does. */
  forgetSubscriptions(): void {
    this.#events?.stop();
  }

  #xaddr(path: string): string {
    return `http://${this.announcedHost ?? `127.0.0.1:${this.#port}`}${path}`;
  }

  #operations(): Record<string, Operation> {
    const events = this.#events;
    if (events === null) return {};
    const namespaces = SERVICE_NAMESPACES;
    const service = (namespace: string, path: string): Parameters<typeof buildServices>[0][number] => ({
      namespace,
      xaddr: this.#xaddr(path),
      version: '2.60',
    });
    return {
      GetSystemDateAndTime: () =>
        buildSystemDateAndTime({
          utcMs: Date.now() + this.clockOffsetMs,
          localAsUtcMs: null,
          source: 'NTP',
          timeZone: null,
        }),
      GetDeviceInformation: () =>
        buildDeviceInformation({
          manufacturer: 'Fake',
          model: 'F1',
          firmwareVersion: '1.2',
          serialNumber: 'S1',
          hardwareId: null,
        }),
      GetServices: () =>
        buildServices([
          service(namespaces.device, '/onvif/device_service'),
          service(namespaces.media, '/onvif/media'),
          service(namespaces.events, '/onvif/events'),
        ]),
      GetNetworkInterfaces: () => buildNetworkInterfaces('02-00-00-00-00-AA'),
      GetProfiles: () => buildProfiles(1, this.profiles),
      GetStreamUri: ({ body }) =>
        buildMediaUri(1, 'GetStreamUri', `rtsp://u:p@192.0.2.9:554/live?p=${parseProfileToken(body)}&x=1`),
      GetSnapshotUri: () => buildMediaUri(1, 'GetSnapshotUri', this.#xaddr('/snapshot.jpg?q=1')),
      CreatePullPointSubscription: (request) => events.create(request),
      PullMessages: (request, path) => events.pull(path, request),
      Renew: (request, path) => events.renew(path, request),
      Unsubscribe: (request, path) => events.unsubscribe(path, request),
      SetSynchronizationPoint: (request, path) => events.synchronize(path, request),
    };
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    if (request.method === 'GET') return this.#snapshot(request, response);
    const received = parseRequest(Buffer.concat(chunks));
    const { operation } = received;
    this.asked.push(operation);
    if (operation !== 'GetSystemDateAndTime' && this.#refuses(request, response, received)) return;
    const act = this.overrides[operation] ?? this.#operations()[operation];
    const answer =
      act === undefined
        ? buildFault(['s:Receiver', 'ter:ActionNotSupported'], 'no')
        : await act(received, request.url ?? '');
    const whole =
      typeof answer === 'string' ? { status: answer.includes('<s:Fault>') ? 400 : 200, body: answer } : answer;
    response.writeHead(whole.status, { 'content-type': 'application/soap+xml' }).end(whole.body);
  }

  #snapshot(request: IncomingMessage, response: ServerResponse): void {
    if (this.auth === 'digest' && this.#refusesDigest(request, response)) return;
    response.writeHead(200, { 'content-type': 'image/jpeg' }).end(this.picture);
  }

  #refuses(request: IncomingMessage, response: ServerResponse, { token }: ReceivedRequest): boolean {
    if (this.auth === 'digest') return this.#refusesDigest(request, response);
    if (this.auth === 'none') return false;
    const skewMs = token === null ? 0 : Date.parse(token.created) - (Date.now() + this.clockOffsetMs);
    const right = token !== null && verifyUsernameToken(token, 'admin', this.password);
    if (right && Math.abs(skewMs) < TOKEN_WINDOW_MS) return false;
    if (token !== null) this.wrongSignIns += 1;
    const fault = buildFault(['s:Sender', 'ter:NotAuthorized'], 'Sender not authorized');
    response.writeHead(400, { 'content-type': 'application/soap+xml' }).end(fault);
    return true;
  }

  #refusesDigest(request: IncomingMessage, response: ServerResponse): boolean {
    const { authorization } = request.headers;
    const verdict =
      authorization === undefined
        ? null
        : verifyAuthorization(authorization, {
            realm: REALM,
            method: request.method ?? '',
            uri: request.url ?? '',
            passwordOf: () => this.password,
            isNonceFresh: (nonce) => nonce === this.nonce,
          });
    if (verdict?.ok === true) return false;
    const stale = verdict?.ok === false && verdict.reason === 'stale-nonce';
    if (verdict !== null && !stale) this.wrongSignIns += 1;
    const challenge = { realm: REALM, nonce: this.nonce, algorithm: 'MD5', qop: true, stale } as const;
    response.writeHead(401, { 'www-authenticate': buildChallenge(challenge) }).end();
    return true;
  }
}
