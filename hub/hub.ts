import { resolve } from 'node:path';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { EmbeddedBroker } from './broker/embedded.ts';
import { ViolationReports } from './broker/violations.ts';
import type { HubContext } from './composition/context.ts';
import { startCore } from './composition/core.ts';
import { startEventPath } from './composition/event-path.ts';
import { startFootage } from './composition/footage.ts';
import { buildLink } from './composition/link.ts';
import { startLive } from './composition/live.ts';
import { Modules } from './composition/modules.ts';
import { buildWeb, startWeb } from './composition/web.ts';
import type { HubConfig } from './config/schema.ts';
import { hubAddresses, writeAddressFile } from './hub-addresses.ts';

/** What is printed when the hub works. */
export interface HubReady {
  /** Address of the dashboard. */
  url: string;
  mqttUrl: string;
  mediaUrl: string;
  livePort: number;
  /** The generated first account; only at the very first start, and never again. */
  firstLogin: { account: string; password: string } | null;
}

/** The centre: builds every module, starts them in order and stops them in reverse. */
export class Hub {
  readonly #context: HubContext;
  readonly #counters = new Map<string, () => Record<string, number>>();

  constructor(config: HubConfig, { clock, log }: { clock: Clock; log: Log }) {
    this.#context = {
      config,
      dataFolder: resolve(config.data),
      clock,
      log,
      modules: new Modules(log),
      ports: { web: 0, live: 0, mqtt: 0, media: 0, rtsp: 0 },
      count: (part, counters) => this.#counters.set(part, counters),
    };
  }

  /** Resolves when dashboards and edges can connect. Rejects with PORT_TAKEN, CONFLICT (data folder in use) … */
  async start(): Promise<HubReady> {
    try {
      return await this.#start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Ends every connection, stores what was accepted, and leaves no timer or listener behind. */
  stop(): Promise<void> {
    return this.#context.modules.stop();
  }

  async #start(): Promise<HubReady> {
    const { config, clock, log, modules, ports, dataFolder } = this.#context;
    const core = await startCore(this.#context);
    const { registry } = core;
    const addresses = () => hubAddresses(config, ports, core.caPem);
    const reports = new ViolationReports(core.audit, clock, log);
    const link = await buildLink(this.#context, core, reports);

    // The registry listens first: who hears of an edge's status afterwards may ask it.
    registry.connect(link, (edgeId, deviceId) => commands.send(edgeId, 'device.remove', { deviceId }));
    this.#context.count('registry', () => registry.counters());
    const { commands, incidents } = await startEventPath(this.#context, core, link);
    const footage = await startFootage(this.#context, core, commands);

    const { direct, ptz } = await startLive(this.#context, core, { commands, reports });

    const web = await buildWeb(this.#context, core, {
      orders: commands,
      direct,
      ptz,
      incidents,
      footage,
      addresses,
      counters: () => this.#allCounters(),
    });
    await startWeb(this.#context, core, web);
    // Edges connect only when everything that takes their messages is there.
    await modules.begin('broker', link);
    if (link instanceof EmbeddedBroker) ports.mqtt = link.port;

    await writeAddressFile(dataFolder, addresses());
    const { hubUrl: url, mqttUrl, mediaUrl } = addresses();
    return { url, mqttUrl, mediaUrl, livePort: ports.live, firstLogin: core.firstLogin };
  }

  #allCounters(): Record<string, number> {
    const all: Record<string, number> = {};
    for (const [part, counters] of this.#counters) {
      for (const [name, value] of Object.entries(counters())) all[`${part}.${name}`] = value;
    }
    return all;
  }
}
