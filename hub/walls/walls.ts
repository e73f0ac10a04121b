import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import type { Wall } from '../../contract/api/centre.ts';
import type { Device } from '../../contract/api/devices.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { HubEvents } from '../hub-events.ts';
import type { HubStorage } from '../storage/hub-storage.ts';
import type { WallRow } from '../storage/tables/centre.ts';

const Tiles = Type.Array(Type.Union([Type.String(), Type.Null()]));

/** What a change of a wall brings; `version` is the one it was decided on. */
export type WallChange = Omit<Wall, 'wallId'>;

const FIRST_WALL: Wall = {
  wallId: 'main',
  name: '3 × 3',
  layout: '9',
  tiles: Array<null>(9).fill(null),
  autoFill: true,
  version: 1,
};

/** The walls. Their state lives here, so that every screen shows the same and a new one starts where others are. */
export class Walls {
  readonly #storage: HubStorage;
  readonly #events: HubEvents;
  readonly #walls = new Map<string, Wall>();
  #unlisten: (() => void)[] = [];
  /** Changes run one after the other: filling a tile must not race with a person's change. */
  #changes: Promise<unknown> = Promise.resolve();

  constructor(storage: HubStorage, events: HubEvents) {
    this.#storage = storage;
    this.#events = events;
  }

  /** Reads the walls; a new centre begins with one of nine tiles that new cameras fill. */
  async start(): Promise<void> {
    const rows = await this.#storage.db.selectFrom('walls').selectAll().orderBy('wall_id').execute();
    for (const row of rows) this.#walls.set(row.wall_id, toWall(row));
    if (rows.length === 0) {
      await this.#storage.db.insertInto('walls').values(toRow(FIRST_WALL)).execute();
      this.#walls.set(FIRST_WALL.wallId, FIRST_WALL);
    }
    this.#unlisten = [
      this.#events.on('deviceAdded', (device) => void this.#serial(() => this.#fill(device))),
      this.#events.on('deviceRemoved', (deviceId) => void this.#serial(() => this.#clear(deviceId))),
    ];
  }

  /** Stops listening and waits for changes that were begun. */
  async stop(): Promise<void> {
    for (const unlisten of this.#unlisten) unlisten();
    await this.#changes;
  }

  /** Every wall by id. */
  list(): Wall[] {
    return [...this.#walls.values()];
  }

  /** Changes a wall. Rejects with NOT_FOUND, CONFLICT when `version` is not the newest, INVALID_BODY for its tiles. */
  change(wallId: string, change: WallChange): Promise<Wall> {
    return this.#serial(async () => {
      const wall = this.#walls.get(wallId);
      if (wall === undefined) throw new SharpEyesError('NOT_FOUND', `there is no wall ${wallId}`);
      if (wall.version !== change.version) {
        const context = { wallId, version: wall.version };
        throw new SharpEyesError('CONFLICT', 'somebody changed the wall meanwhile; load it again', { context });
      }
      if (change.tiles.length > Number(change.layout)) {
        throw new SharpEyesError('INVALID_BODY', `a wall of ${change.layout} tiles cannot show ${change.tiles.length}`);
      }
      return this.#store({ ...change, wallId, tiles: fitted(change) });
    });
  }

  async #fill(device: Device): Promise<void> {
    if (device.type !== 'camera') return;
    for (const wall of this.list()) {
      const empty = wall.tiles.indexOf(null);
      if (!wall.autoFill || empty < 0 || wall.tiles.includes(device.deviceId)) continue;
      await this.#store({ ...wall, tiles: wall.tiles.with(empty, device.deviceId) });
    }
  }

  async #clear(deviceId: string): Promise<void> {
    for (const wall of this.list()) {
      if (!wall.tiles.includes(deviceId)) continue;
      await this.#store({ ...wall, tiles: wall.tiles.map((tile) => (tile === deviceId ? null : tile)) });
    }
  }

  async #store(changed: Wall): Promise<Wall> {
    const wall = { ...changed, version: changed.version + 1 };
    const { wall_id, ...columns } = toRow(wall);
    await this.#storage.db.updateTable('walls').set(columns).where('wall_id', '=', wall_id).execute();
    this.#walls.set(wall.wallId, wall);
    this.#events.emit('wall', wall);
    return wall;
  }

  #serial<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#changes.then(change);
    this.#changes = result.catch(() => undefined);
    return result;
  }
}

function fitted({ layout, tiles }: { layout: Wall['layout']; tiles: Wall['tiles'] }): Wall['tiles'] {
  return Array.from({ length: Number(layout) }, (_, index) => tiles[index] ?? null);
}

function toWall(row: WallRow): Wall {
  const tiles: unknown = JSON.parse(row.tiles);
  const layout = row.layout as Wall['layout'];
  return {
    wallId: row.wall_id,
    name: row.name,
    layout,
    tiles: fitted({ layout, tiles: Check(Tiles, tiles) ? (tiles as Static<typeof Tiles>) : [] }),
    autoFill: row.auto_fill !== 0,
    version: row.version,
  };
}

function toRow(wall: Wall): WallRow {
  const { wallId, name, layout, tiles, autoFill, version } = wall;
  return { wall_id: wallId, name, layout, tiles: JSON.stringify(tiles), auto_fill: autoFill ? 1 : 0, version };
}
