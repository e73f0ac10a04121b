import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { stringify } from 'yaml';
import type { Device, Edge } from '../../../contract/api/devices.ts';
import type { DeviceConnection, DeviceType, DriverName } from '../../../contract/device.ts';
import { seal, sealingContext } from '../../../contract/sealed.ts';
import { freePorts } from '../free-port.ts';
import { HubProcess } from '../hub-process.ts';
import { type Program, startProgram } from '../program.ts';
import { waitFor } from '../wait.ts';

const EDGE = 'north';

/** What a test registers. */
export interface NewDevice {
  name: string;
  driver: DriverName;
  type: DeviceType;
  profileId: string | null;
  connection: Omit<DeviceConnection, 'password'>;
  /** In plain; is sealed to the edge. */
  password?: string;
  record?: boolean;
}

/** A real hub process and a real edge process joined to it, both with ports that stay the same over restarts. */
export class WholePath {
  readonly hub = new HubProcess();
  readonly #more: Record<string, unknown>;
  #edge: Program | null = null;
  #sealingKey = '';
  /** Of the edge's own broker and its receiver of alarm boxes. */
  ports = { mqtt: 0, dc09: 0 };

  /** @param more sections of the edge's configuration */
  constructor(more: Record<string, unknown> = {}) {
    this.#more = more;
  }

  get edgeData(): string {
    return join(this.hub.folder, 'edge');
  }

  /** What the edge wrote to standard error since it was started last. */
  get edgeErrors(): string {
    return this.#edge?.errors ?? '';
  }

  get edgePid(): number {
    return this.#edge?.pid ?? 0;
  }

  async start(): Promise<void> {
    await this.hub.start();
    const mqtt = await freePorts(2);
    this.ports = { mqtt, dc09: mqtt + 1 };
    const listen = { enabled: true, host: '127.0.0.1' };
    const config = {
      data: this.edgeData,
      network: { allowed: [], loopback: true },
      discovery: { enabled: false },
      localBroker: { ...listen, port: this.ports.mqtt },
      dc09: { ...listen, port: this.ports.dc09 },
      ...this.#more,
    };
    mkdirSync(this.hub.folder, { recursive: true });
    writeFileSync(this.#file('edge.yaml'), stringify(config));
    const answer = await this.hub.admin.send('POST', '/api/edges', { edgeId: EDGE, name: 'North', regionId: null });
    writeFileSync(this.#file('join.json'), (answer.json as { joinFile: string }).joinFile);
    await this.startEdge(true);
    const north = await waitFor('the edge to be online', async () => {
      const { online, sealingKey } = await this.edge();
      return online && sealingKey !== null ? { sealingKey } : null;
    });
    this.#sealingKey = north.sealingKey;
  }

  /** Starts the edge (again). */
  async startEdge(isFirst = false): Promise<void> {
    const join = isFirst ? ['--join', this.#file('join.json')] : [];
    this.#edge = startProgram(['edge/main.ts', '--config', this.#file('edge.yaml'), ...join]);
    await this.#edge.message('ready', 'edge');
  }

  /** Ends the edge without a warning. */
  async killEdge(): Promise<void> {
    await this.#edge?.stop('SIGKILL');
  }

  /** The edge as the hub's API shows it. */
  async edge(): Promise<Edge> {
    const edges = (await this.hub.admin.get('/api/edges')).json as Edge[];
    const found = edges.find(({ edgeId }) => edgeId === EDGE);
    if (found === undefined) throw new Error('the hub does not list the edge');
    return found;
  }

  /** The device as the hub's API shows it. */
  async device(deviceId: string): Promise<Device> {
    return (await this.hub.admin.get(`/api/devices/${deviceId}`)).json as Device;
  }

  /** Registers a device through the hub's API; fails with its error. */
  async register(device: NewDevice): Promise<{ device: Device; mqtt: { username: string; topic: string } | null }> {
    const { name, driver, type, profileId, connection, password, record = false } = device;
    const sealed =
      password === undefined
        ? {}
        : { password: await seal(globalThis.crypto, this.#sealingKey, sealingContext(EDGE), password) };
    const nowhere = { latitude: null, longitude: null, bearingDeg: null, viewDistanceM: null, viewAngleDeg: null };
    const placement = { name, regionId: null, ...nowhere, links: [] };
    const order = { edgeId: EDGE, candidateId: null, driver, type, profileId, record, placement };
    const body = { ...order, connection: { ...connection, ...sealed } };
    const answer = await this.hub.admin.send('POST', '/api/devices', body);
    if (answer.status !== 200) throw new Error(`not registered: ${answer.status} ${answer.text}`);
    return answer.json as never;
  }

  /** Rows of the hub's database. */
  hubRows<T>(sql: string): T[] {
    return rowsOf<T>(this.hub.database, sql);
  }

  /** Rows of the edge's outbox. */
  outboxRows<T>(sql: string): T[] {
    return rowsOf<T>(join(this.edgeData, 'outbox.sqlite'), sql);
  }

  async remove(): Promise<void> {
    await this.killEdge();
    await this.hub.remove();
  }

  #file(name: string): string {
    return join(this.hub.folder, name);
  }
}

function rowsOf<T>(file: string, sql: string): T[] {
  if (!existsSync(file)) return [];
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  try {
    return database.prepare(sql).all() as T[];
  } finally {
    database.close();
  }
}
