import type { Region } from '../../contract/api/devices.ts';
import type { AreaTree } from '../access/area.ts';

/** Deepest tree that is walked; the levels of `REGION_LEVELS` need five. */
const DEPTH_MAX = 16;

/** The region tree in memory. */
export class RegionTree implements AreaTree {
  readonly #regions = new Map<string, Region>();

  /** Adds or replaces a node. */
  set(region: Region): void {
    this.#regions.set(region.regionId, region);
  }

  get(regionId: string): Region | null {
    return this.#regions.get(regionId) ?? null;
  }

  /** Every node, in the order in which they were added. */
  all(): Region[] {
    return [...this.#regions.values()];
  }

  isWithin(regionId: string, areas: readonly string[]): boolean {
    return this.#upwards(regionId).some((region) => areas.includes(region.regionId));
  }

  below(areas: readonly string[]): string[] {
    return this.all()
      .map((region) => region.regionId)
      .filter((regionId) => this.isWithin(regionId, areas));
  }

  /** Names from the top of the tree to the region; empty for null or an unknown one. */
  path(regionId: string | null): string[] {
    if (regionId === null) return [];
    return this.#upwards(regionId)
      .map((region) => region.name)
      .reverse();
  }

  #upwards(regionId: string): Region[] {
    const found: Region[] = [];
    let at: string | null = regionId;
    while (at !== null && found.length < DEPTH_MAX) {
      const region: Region | undefined = this.#regions.get(at);
      if (region === undefined) break;
      found.push(region);
      at = region.parentId;
    }
    return found;
  }
}
