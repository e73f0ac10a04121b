import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { VirtualCamera } from '../../demo/camera/virtual-camera.ts';
import { HubClient } from '../../demo/township/hub-client.ts';
import { freePorts } from '../../tests/support/free-port.ts';
import { Mosquitto } from '../../tests/support/mosquitto.ts';
import { ownCamera, registerOwnCamera } from '../../tests/support/own-camera.ts';
import { type Program, startProgram } from '../../tests/support/program.ts';
import { waitFor } from '../../tests/support/wait.ts';

/** Frames per second of every camera. */
export const CAMERA_FPS = 15;
const EDGE = 'north';

/** A hub, its brokers and an edge, each a process of its own, and cameras in this one; all may be restarted. */
export class WallCentre {
  readonly #folder = mkdtempSync(join(tmpdir(), 'soak-wall-'));
  readonly #isExternal: boolean;
  #hub: Program | null = null;
  #edge: Program | null = null;
  #brokers: Mosquitto[] = [];
  #cameras: VirtualCamera[] = [];
  url = '';
  login = { account: '', password: '' };

  constructor(broker: 'mosquitto' | 'embedded') {
    this.#isExternal = broker === 'mosquitto';
  }

  async start(cameras: number): Promise<void> {
    const port = await freePorts(4);
    writeFileSync(this.#file('hub.yaml'), stringify(this.#hubConfig(port)));
    const ready = await this.#startHub();
    this.url = String(ready['url']);
    this.login = ready['firstLogin'] as typeof this.login;
    await this.#startBrokers();
    const admin = new HubClient(this.url);
    await admin.signIn(this.login.account, this.login.password);
    const order = { edgeId: EDGE, name: EDGE, regionId: null };
    writeFileSync(this.#file('join.json'), (await admin.call('enrolEdge', { body: order })).joinFile);
    writeFileSync(this.#file('edge.yaml'), stringify(this.#edgeConfig()));
    await this.#startEdge('--join', this.#file('join.json'));
    await waitFor('the edge to be online', async () =>
      (await admin.call('listEdges')).some(({ edgeId, online }) => edgeId === EDGE && online),
    );
    for (let at = 1; at <= cameras; at++) {
      const camera = ownCamera(`127.0.3.${at}`, this.#folder, { fps: CAMERA_FPS });
      await camera.start();
      this.#cameras.push(camera);
      await registerOwnCamera(admin, EDGE, camera, { name: `Camera ${at}`, regionId: null });
    }
  }

  async stop(): Promise<void> {
    await this.#edge?.stop();
    await this.#hub?.stop();
    for (const broker of this.#brokers) await broker.stop();
    for (const camera of this.#cameras) await camera.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Kills one of them without a warning and starts it again at once; resolves when it was killed. */
  async restart(what: 'hub' | 'edge' | 'broker' | 'camera'): Promise<{ restarted: Promise<unknown> }> {
    if (what === 'hub') {
      await this.#hub?.stop('SIGKILL');
      return { restarted: this.#startHub() };
    }
    if (what === 'edge') {
      await this.#edge?.stop('SIGKILL');
      return { restarted: this.#startEdge() };
    }
    if (what === 'broker') {
      for (const broker of this.#brokers) await broker.stop();
      return { restarted: Promise.all(this.#brokers.map((broker) => broker.start())) };
    }
    const camera = this.#cameras[0];
    await camera?.stop();
    return { restarted: camera?.start() ?? Promise.resolve() };
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }

  #hubConfig(port: number): Record<string, unknown> {
    const external = {
      kind: 'external',
      url: `mqtt://127.0.0.1:${port + 2}`,
      mediaUrl: `mqtt://127.0.0.1:${port + 3}`,
      passwordFile: this.#file('password'),
      files: this.#file('mosquitto'),
      pidFile: this.#file('events.pid'),
      mediaPidFile: this.#file('media.pid'),
    };
    return {
      data: this.#file('hub'),
      listen: { host: '127.0.0.1', port, livePort: port + 1 },
      demo: true,
      broker: this.#isExternal ? external : { port: port + 2, mediaPort: port + 3 },
    };
  }

  #edgeConfig(): Record<string, unknown> {
    return {
      data: this.#file('edge'),
      network: { allowed: [], loopback: true },
      discovery: { enabled: false },
      recording: { reserveBytes: 0 },
    };
  }

  async #startHub(): Promise<Record<string, unknown>> {
    this.#hub = startProgram(['hub/main.ts', '--config', this.#file('hub.yaml')]);
    return this.#hub.message('ready', 'hub');
  }

  async #startEdge(...more: string[]): Promise<unknown> {
    this.#edge = startProgram(['edge/main.ts', '--config', this.#file('edge.yaml'), ...more]);
    return this.#edge.message('ready', 'edge');
  }

  async #startBrokers(): Promise<void> {
    if (!this.#isExternal) return;
    const files = join(this.#folder, 'mosquitto');
    this.#brokers = [
      new Mosquitto(join(files, 'mosquitto.conf'), this.#file('events.pid')),
      new Mosquitto(join(files, 'mosquitto-media.conf'), this.#file('media.pid')),
    ];
    await Promise.all(this.#brokers.map((broker) => broker.start()));
  }
}
