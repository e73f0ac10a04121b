import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Role } from '../../contract/access.ts';
import { loadHubConfig } from '../../hub/config/load.ts';
import type { HubConfig } from '../../hub/config/schema.ts';
import { Hub, type HubReady } from '../../hub/hub.ts';
import { identityFiles } from '../../hub/identity/identity-files.ts';
import { systemClock } from '../../platform/clock.ts';
import { silentLog } from '../../platform/log.ts';

/** Answer of the hub to a {@link HubClient}. */
export interface HubAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** The body as JSON; undefined when it is none. */
  json: unknown;
  bytes: Buffer;
}

/** Code of an error answer. */
export function codeOf(answer: HubAnswer): string | undefined {
  return (answer.json as { error?: { code?: string } } | undefined)?.error?.code;
}

/** A browser as far as the API is concerned: keeps its cookie and names its origin. */
export class HubClient {
  readonly url: string;
  readonly #ca: string | undefined;
  cookie: string | null = null;

  constructor(url: string, ca?: string) {
    this.url = url;
    this.#ca = ca;
  }

  send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<HubAnswer> {
    const url = new URL(path, this.url);
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const all = {
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...(this.cookie === null ? {} : { cookie: this.cookie }),
      origin: this.url,
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const options = {
        method,
        headers: all,
        agent: false as const,
        ...(this.#ca === undefined ? {} : { ca: this.#ca }),
      };
      const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const [set] = response.headers['set-cookie'] ?? [];
          if (set !== undefined) this.cookie = set.split(';')[0] ?? null;
          const bytes = Buffer.concat(chunks);
          const text = bytes.toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: jsonOf(text), bytes });
        });
      });
      request.on('error', reject);
      request.end(payload);
    });
  }

  get(path: string, headers: Record<string, string> = {}): Promise<HubAnswer> {
    return this.send('GET', path, undefined, headers);
  }

  signIn(account: string, password: string): Promise<HubAnswer> {
    return this.send('POST', '/api/session', { account, password });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not every answer is JSON.
    return undefined;
  }
}

/** A hub in this process, on free loopback ports, with its data in a temporary folder. */
export interface RunningHub {
  ready: HubReady;
  config: HubConfig;
  /** Signed in as the first administrator, who has chosen a password. */
  admin: HubClient;
  /** A browser that is not signed in. */
  browser(): HubClient;
  /** Creates an account and signs it in. */
  person(account: string, role: Role, areas?: string[]): Promise<HubClient>;
  stop(): Promise<void>;
}

/** Password that the first administrator of {@link startHub} has chosen. */
export const ADMIN_PASSWORD = 'a password for tests';

/** Starts a hub in this process and signs its administrator in. */
export async function startHub(change: (config: HubConfig) => HubConfig = (config) => config): Promise<RunningHub> {
  const data = mkdtempSync(join(tmpdir(), 'hub-'));
  const ports = { port: 0, livePort: 0, mqttPort: 0, mediaPort: 0 };
  const config = change(loadHubConfig(null, { data, ...ports }));
  const hub = new Hub(config, { clock: systemClock, log: silentLog });
  const ready = await hub.start();
  const ca = ready.url.startsWith('https:') ? readFileSync(identityFiles(data).ca, 'utf8') : undefined;
  const browser = () => new HubClient(ready.url, ca);
  const admin = browser();
  const first = ready.firstLogin;
  if (first !== null) {
    await admin.signIn(first.account, first.password);
    await admin.send('PUT', '/api/session/password', { current: first.password, next: ADMIN_PASSWORD });
  }
  const person = async (account: string, role: Role, areas: string[] = []): Promise<HubClient> => {
    const created = await admin.send('POST', '/api/accounts', { account, displayName: account, role, areas });
    const { password } = created.json as { password: string };
    const client = browser();
    await client.signIn(account, password);
    await client.send('PUT', '/api/session/password', { current: password, next: ADMIN_PASSWORD });
    return client;
  };
  const stop = async (): Promise<void> => {
    await hub.stop();
    rmSync(data, { recursive: true });
  };
  return { ready, config, admin, browser, person, stop };
}
