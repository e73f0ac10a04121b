import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Wall } from '../../../../contract/api/centre.ts';
import type { Device } from '../../../../contract/api/devices.ts';
import { HubEvents } from '../../../../hub/hub-events.ts';
import { Walls } from '../../../../hub/walls/walls.ts';
import { type TemporaryStorage, temporaryStorage } from '../../../support/hub-storage.ts';

describe('walls', () => {
  let db: TemporaryStorage;
  let events: HubEvents;
  let walls: Walls;
  let shown: Wall[];

  beforeEach(async () => {
    db = await temporaryStorage();
    events = new HubEvents();
    shown = [];
    events.on('wall', (wall) => shown.push(wall));
    walls = new Walls(db.storage, events);
    await walls.start();
  });
  afterEach(async () => {
    await walls.stop();
    await db.remove();
  });

  const add = (deviceId: string, type = 'camera') => events.emit('deviceAdded', { deviceId, type } as Device);
  async function main(): Promise<Wall> {
    await walls.stop();
    const [wall] = walls.list();
    if (wall === undefined) throw new Error('no wall');
    return wall;
  }
  const change = ({ wallId, ...wall }: Wall, changed: Partial<Wall> = {}) =>
    walls.change(wallId, { ...wall, ...changed });

  test('a new centre has one wall of nine tiles, which new cameras fill in their order', async () => {
    for (const id of ['a', 'b']) add(id);
    add('box', 'alarm-box');
    expect(await main()).toMatchObject({ layout: '9', tiles: ['a', 'b', ...Array(7).fill(null)], version: 3 });
    expect(shown.map((wall) => wall.version)).toEqual([2, 3]);
  });

  test('a full wall stays as it is', async () => {
    for (let i = 0; i < 12; i++) add(`camera-${i}`);
    expect((await main()).tiles).toEqual(Array.from({ length: 9 }, (_, i) => `camera-${i}`));
  });

  test('a wall that people filled by hand takes no new cameras', async () => {
    await change(await main(), { autoFill: false });
    await walls.start();
    add('a');
    expect((await main()).tiles).not.toContain('a');
  });

  test('a device that is taken out of service leaves its tile', async () => {
    add('a');
    events.emit('deviceRemoved', 'a', null);
    expect((await main()).tiles).toEqual(Array(9).fill(null));
  });

  test('of two changes decided on the same version the second is refused', async () => {
    const wall = await main();
    expect(await change(wall, { name: 'Night' })).toMatchObject({ name: 'Night', version: 2 });
    await expect(change(wall, { name: 'Day' })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(walls.change('other', wall)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('tiles fit the layout: too few are filled up, too many refused', async () => {
    const wall = await change(await main(), { layout: '4', tiles: ['a'] });
    expect(wall.tiles).toEqual(['a', null, null, null]);
    await expect(change(wall, { layout: '1', tiles: ['a', 'b'] })).rejects.toMatchObject({ code: 'INVALID_BODY' });
  });

  test('walls outlive a restart', async () => {
    await change(await main(), { name: 'Night', tiles: ['a'] });
    const again = new Walls(db.storage, new HubEvents());
    await again.start();
    expect(again.list()).toMatchObject([{ name: 'Night', tiles: ['a', ...Array(8).fill(null)], version: 2 }]);
    await again.stop();
  });
});
