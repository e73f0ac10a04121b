import type { EdgeDevice } from '../../contract/device.ts';
import type { EdgeInventory, EdgeStatus } from '../../contract/topics.ts';

const OFFSET_SAMPLES = 8;
const FORMER_INSTANCES = 16;

/** What an edge last said about itself; kept in memory only, because it says so again whenever it connects. */
export class EdgeState {
  online = false;
  /** Hub time since when `online` holds. */
  sinceMs: number;
  status: EdgeStatus | null = null;
  inventory: EdgeInventory | null = null;
  readonly devices = new Map<string, EdgeDevice>();
  #offsets: number[] = [];
  #formerInstances: string[] = [];

  /** @param nowMs hub time: the edge counts as offline since then */
  constructor(nowMs: number) {
    this.sinceMs = nowMs;
  }

  /** Edge clock minus hub clock; null when unknown. Delays only make a sample smaller, so the largest is the best. */
  get clockOffsetMs(): number | null {
    return this.#offsets.length === 0 ? null : Math.max(...this.#offsets);
  }

  /**
   * Takes a status. `isOld` says that the broker had stored it, so that it tells nothing about the clock.
   * @returns whether the edge came or went, and whether a second process with this edge's identity showed up
   */
  take(status: EdgeStatus, nowMs: number, isOld: boolean): { turned: boolean; isCloned: boolean } {
    const isCloned = status.online && this.#noteInstance(status.instance);
    const turned = this.online !== status.online;
    if (turned) {
      this.online = status.online;
      this.sinceMs = nowMs;
      if (!status.online) this.#offsets = [];
    }
    if (status.edgeAtMs !== null && status.online && !isOld) {
      this.#offsets = [...this.#offsets, status.edgeAtMs - nowMs].slice(-OFFSET_SAMPLES);
    }
    this.status = status;
    return { turned, isCloned };
  }

  /** Takes an inventory; gives the ids of devices whose report changed, appeared or went. */
  takeInventory(inventory: EdgeInventory): string[] {
    const changed = new Set<string>();
    const present = new Set(inventory.devices.map((device) => device.deviceId));
    for (const deviceId of [...this.devices.keys()]) {
      if (present.has(deviceId)) continue;
      this.devices.delete(deviceId);
      changed.add(deviceId);
    }
    for (const device of inventory.devices) {
      const before = this.devices.get(device.deviceId);
      if (before === undefined || JSON.stringify(before) !== JSON.stringify(device)) changed.add(device.deviceId);
      this.devices.set(device.deviceId, device);
    }
    this.inventory = inventory;
    return [...changed];
  }

  /** A process that comes back after another took its place was not restarted: there are two. */
  #noteInstance(instance: string): boolean {
    const current = this.status?.instance;
    if (current === undefined || current === instance) return false;
    const isBack = this.#formerInstances.includes(instance);
    this.#formerInstances = [...this.#formerInstances.filter((former) => former !== instance), current];
    this.#formerInstances = this.#formerInstances.slice(-FORMER_INSTANCES);
    return isBack;
  }
}
