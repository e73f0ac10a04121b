import type { Scene } from './scene.ts';
import { committeeEntrance } from './scenes/committee-entrance.ts';
import { marketSquare } from './scenes/market-square.ts';
import { officeCorridor } from './scenes/office-corridor.ts';
import { riverGauge } from './scenes/river-gauge.ts';
import { roadCrossing } from './scenes/road-crossing.ts';
import { schoolGate } from './scenes/school-gate.ts';
import { villageGate } from './scenes/village-gate.ts';
import { villageRoadDusk } from './scenes/village-road-dusk.ts';
import { warehouseYard } from './scenes/warehouse-yard.ts';

/** Every picture of the virtual township, in the order of the catalogue. */
export const SCENES: readonly Scene[] = [
  villageGate,
  roadCrossing,
  officeCorridor,
  riverGauge,
  marketSquare,
  warehouseYard,
  villageRoadDusk,
  committeeEntrance,
  schoolGate,
];
