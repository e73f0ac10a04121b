import { randomBytes } from 'node:crypto';
import { REGION_LEVELS, type Region } from '../../contract/api/devices.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import { timeOrderedId } from '../../contract/ids.ts';
import type { Clock } from '../../platform/clock.ts';
import type { HubStorage } from '../storage/hub-storage.ts';
import type { RegionRow } from '../storage/tables/registry.ts';
import { RegionTree } from './region-tree.ts';

const REGIONS_MAX = 50_000;

/** The stored region tree. */
export class Regions {
  readonly tree = new RegionTree();
  readonly #storage: HubStorage;
  readonly #clock: Clock;

  constructor(storage: HubStorage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
  }

  /** Reads the tree; a new centre begins with one county. */
  async start(): Promise<void> {
    const rows = await this.#storage.db.selectFrom('regions').selectAll().orderBy('region_id').execute();
    for (const row of rows) this.tree.set(toRegion(row));
    if (rows.length === 0) await this.create({ parentId: null, level: 'county', name: '县', code: null }, 'county');
  }

  /** Adds a node. Rejects with NOT_FOUND for an unknown parent and INVALID_BODY when the level is not below it. */
  async create(wanted: Omit<Region, 'regionId'>, id?: string): Promise<Region> {
    if (this.tree.all().length >= REGIONS_MAX) {
      throw new SharpEyesError('LIMIT_REACHED', `there are ${REGIONS_MAX} regions already`);
    }
    this.#checkPlace(wanted);
    const region = { regionId: id ?? `region-${timeOrderedId(this.#clock.nowMs(), randomBytes(16))}`, ...wanted };
    await this.#storage.db.insertInto('regions').values(toRow(region)).execute();
    this.tree.set(region);
    return region;
  }

  /** Renames a node. Rejects with NOT_FOUND. */
  async rename(regionId: string, name: string): Promise<Region> {
    const region = this.tree.get(regionId);
    if (region === null) throw new SharpEyesError('NOT_FOUND', `there is no region ${regionId}`);
    await this.#storage.db.updateTable('regions').set({ name }).where('region_id', '=', regionId).execute();
    const renamed = { ...region, name };
    this.tree.set(renamed);
    return renamed;
  }

  #checkPlace({ parentId, level }: Omit<Region, 'regionId'>): void {
    if (parentId === null) return;
    const parent = this.tree.get(parentId);
    if (parent === null) throw new SharpEyesError('NOT_FOUND', `there is no region ${parentId}`);
    if (REGION_LEVELS.indexOf(level) > REGION_LEVELS.indexOf(parent.level)) return;
    throw new SharpEyesError('INVALID_BODY', `a ${level} cannot stand below a ${parent.level}`);
  }
}

function toRegion(row: RegionRow): Region {
  const level = REGION_LEVELS.find((name) => name === row.level) ?? 'county';
  return { regionId: row.region_id, parentId: row.parent_id, level, name: row.name, code: row.code };
}

function toRow(region: Region): RegionRow {
  const { regionId, parentId, level, name, code } = region;
  return { region_id: regionId, parent_id: parentId, level, name, code };
}
