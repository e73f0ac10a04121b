import type { Canvas2D } from '../canvas.ts';
import { drawCyclist } from '../kit/cycles.ts';
import { drawHouse } from '../kit/houses.ts';
import { lerp, ramp } from '../kit/motion.ts';
import { drawPerson, type Look } from '../kit/people.ts';
import { drawHedge, drawPoplar, drawTree } from '../kit/plants.ts';
import { DAY_SKY, drawCloud, drawHills, drawSky } from '../kit/sky.ts';
import { DAYLIGHT, drawBox } from '../kit/solid.ts';
import { drawDashes, drawGround, drawLamp, drawLantern, drawPole, drawSign, drawWires } from '../kit/street.ts';
import { type Actor, drawActors, type Stop, strollers } from '../kit/stroll.ts';
import { drawVehicle } from '../kit/vehicles.ts';
import { fillGround, fillShape, viewOf } from '../kit/view.ts';
import type { Scene } from '../scene.ts';

const VIEW = viewOf(1000, 228, 4.6, 600);
const LIGHT = { ...DAYLIGHT, haze: { colour: '#d5e4e2', fullAtM: 170 } };
const GATE_Z = 24;

/** Out of the house on the right, through the gate's side passage and towards the camera. */
const WALK: { stops: readonly Stop[]; look: Look } = {
  stops: [
    [0, 16.9, 27.9],
    [3.6, 12, 26.2],
    [8.8, 5, 25.4],
    [22.6, 4.5, 6],
  ],
  look: { jacket: '#7b5aa6', carries: 'bag' },
};

function land(ctx: Canvas2D): void {
  drawSky(ctx, VIEW.horizonPx, DAY_SKY);
  drawCloud(ctx, 250, 92, 120, 0.85);
  drawCloud(ctx, 985, 66, 150, 0.8);
  drawCloud(ctx, 690, 130, 70, 0.6);
  drawHills(ctx, { footPx: VIEW.horizonPx, heightPx: 150, near: '#6f9a80', haze: '#cfe2e2', seed: 11 });
  drawGround(ctx, VIEW, '#8fae62', '#c6d3a2');
  for (const [x0, x1, z0, z1, colour] of [
    [-70, -9, 44, 60, '#d8cf7d'],
    [-80, -9, 64, 100, '#9fc06c'],
    [10, 80, 48, 66, '#a8c673'],
    [10, 90, 70, 110, '#dcd38a'],
  ] as const) {
    fillGround(ctx, VIEW, [x0, z0, x1, z1], colour);
  }
  fillGround(ctx, VIEW, [-5.4, 4, -3.4, 150], '#cfc8b4');
  fillGround(ctx, VIEW, [3.4, 4, 5.4, 150], '#cfc8b4');
  fillGround(ctx, VIEW, [-40, 12.9, 40, 15.6], '#d3ccb9');
  fillGround(ctx, VIEW, [-3.4, 4, 3.4, 200], '#8d9299');
  fillGround(ctx, VIEW, [-3.4, 4, -3.2, 200], '#dfdfd8');
  fillGround(ctx, VIEW, [3.2, 4, 3.4, 200], '#dfdfd8');
  drawDashes(ctx, VIEW, { x: 0, fromZ: 6, toZ: 110, widthM: 0.16, colour: '#eceadf' });
}

function village(ctx: Canvas2D): void {
  for (const [x, z, length, storeys, roof] of [
    [-13, 78, 9, 1, '#68717c'],
    [12, 84, 10, 2, '#8a5f52'],
    [-24, 66, 10, 2, '#68717c'],
    [23, 68, 10, 1, '#68717c'],
    [-12.5, 50, 10, 2, '#8a5f52'],
    [13.5, 52, 11, 2, '#5f6974'],
  ] as const) {
    drawHouse(ctx, VIEW, {
      at: { x, z, yaw: x < 0 ? 0.12 : -0.1 },
      length,
      depth: 7,
      eavesM: 3.1 * storeys,
      ridgeM: 3.1 * storeys + 2,
      roof,
      storeys,
      windows: 4,
      door: true,
      light: LIGHT,
    });
    drawTree(ctx, VIEW, [x + (x < 0 ? 6.6 : -6.6), 0, z - 5], { heightM: 5.2, colour: '#6f9850', seed: z });
  }
  for (const z of [62, 52, 43, 35]) {
    drawPoplar(ctx, VIEW, [-7.2, 0, z], 8.5, '#6c944f');
    drawPoplar(ctx, VIEW, [7.2, 0, z], 8.5, '#6c944f');
  }
  drawHouse(ctx, VIEW, {
    at: { x: -14.6, z: 33, yaw: 0.06 },
    length: 10,
    depth: 6,
    eavesM: 3.4,
    ridgeM: 5.3,
    windows: 3,
    door: true,
    light: LIGHT,
  });
  drawHouse(ctx, VIEW, {
    at: { x: 15.8, z: 31, yaw: -0.05 },
    length: 9,
    depth: 6,
    eavesM: 5.8,
    ridgeM: 7.6,
    storeys: 2,
    windows: 4,
    door: true,
    light: LIGHT,
    wall: '#f0e6d2',
    roof: '#84584c',
  });
  drawTree(ctx, VIEW, [-9.2, 0, 28], { heightM: 6.2, colour: '#6b954c', seed: 5 });
  drawTree(ctx, VIEW, [10.2, 0, 27], { heightM: 5.6, colour: '#79a053', seed: 9 });
}

function roofOf(ctx: Canvas2D, x: number, half: number, y: number): void {
  const eave = (up: number, out: number, ahead: number) => [x + out, y + up, GATE_Z + ahead] as const;
  fillShape(
    ctx,
    VIEW,
    [
      eave(0.22, -half - 0.75, -0.9),
      eave(0, -half, -0.9),
      eave(0, half, -0.9),
      eave(0.22, half + 0.75, -0.9),
      eave(0.72, half - 0.2, 0),
      eave(0.72, -half + 0.2, 0),
    ],
    '#4d5a68',
  );
  for (let s = -half + 0.1; s <= half; s += 0.28) {
    fillShape(
      ctx,
      VIEW,
      [
        eave(0.02, s - 0.035, -0.9),
        eave(0.02, s + 0.035, -0.9),
        eave(0.7, s * 0.95 + 0.03, 0),
        eave(0.7, s * 0.95 - 0.03, 0),
      ],
      '#64717f',
    );
  }
  fillShape(
    ctx,
    VIEW,
    [
      eave(0.7, -half + 0.1, 0),
      eave(0.7, half - 0.1, 0),
      eave(0.95, half + 0.05, 0),
      eave(0.84, 0, 0),
      eave(0.95, -half - 0.05, 0),
    ],
    '#3d4855',
  );
  fillShape(
    ctx,
    VIEW,
    [
      eave(0.2, -half - 0.75, -0.9),
      eave(-0.02, -half, -0.9),
      eave(-0.02, half, -0.9),
      eave(0.2, half + 0.75, -0.9),
      eave(0.06, half, -0.9),
      eave(0.08, -half, -0.9),
    ],
    '#b5483a',
  );
}

function gate(ctx: Canvas2D): void {
  for (const [x, tall] of [
    [-6.3, 5],
    [6.3, 5],
    [-3.9, 6.7],
    [3.9, 6.7],
  ] as const) {
    drawBox(ctx, VIEW, {
      at: { x, z: GATE_Z },
      length: 0.62,
      width: 0.62,
      height: tall,
      colour: '#d9d2c3',
      light: LIGHT,
    });
    drawBox(ctx, VIEW, { at: { x, z: GATE_Z }, length: 1, width: 1, height: 0.8, colour: '#b9b1a3', light: LIGHT });
  }
  for (const side of [-1, 1]) {
    drawBox(ctx, VIEW, {
      at: { x: side * 5.1, y: 4, z: GATE_Z },
      length: 2,
      width: 0.4,
      height: 0.7,
      colour: '#a7423a',
      light: LIGHT,
    });
    roofOf(ctx, side * 5.35, 1.35, 5);
  }
  drawBox(ctx, VIEW, {
    at: { x: 0, y: 5, z: GATE_Z },
    length: 7.4,
    width: 0.45,
    height: 1.25,
    colour: '#2e5573',
    light: LIGHT,
  });
  drawBox(ctx, VIEW, {
    at: { x: 0, y: 4.75, z: GATE_Z },
    length: 7.4,
    width: 0.5,
    height: 0.25,
    colour: '#b5483a',
    light: LIGHT,
  });
  drawSign(ctx, VIEW, [0, 5.63, GATE_Z - 0.3], { text: '清 河 村', sizeM: 0.95, colour: '#f2cf74', weight: 900 });
  roofOf(ctx, 0, 4.5, 6.6);
}

function verges(ctx: Canvas2D): void {
  for (const [x, seed, flowers] of [
    [-6.5, 3, '#e7a1b0'],
    [6.6, 4, '#f2d06b'],
  ] as const) {
    drawHedge(ctx, VIEW, {
      from: [x, 0, 16.6],
      to: [x, 0, 22],
      count: 5,
      radiusM: 0.7,
      colour: '#5f8d4a',
      seed,
      flowers,
    });
    drawHedge(ctx, VIEW, {
      from: [x, 0, 9.4],
      to: [x, 0, 12],
      count: 3,
      radiusM: 0.7,
      colour: '#5f8d4a',
      seed: seed + 20,
      flowers,
    });
  }
  drawPole(ctx, VIEW, [-8.1, 0, 21], 8);
  drawPole(ctx, VIEW, [-8.3, 0, 44], 8);
  drawWires(ctx, VIEW, [-8.1, 7.6, 21], [-8.3, 7.6, 44]);
  drawWires(ctx, VIEW, [-8.1, 7.6, 21], [-8, 7.8, 4]);
}

/** The village's memorial gate with the road through it. */
export const villageGate: Scene = {
  id: 'village-gate',
  titleZh: '清河村 村口',
  titleEn: 'Qinghe Village Gate',
  snapshotAtSeconds: 4.4,
  backdrop(ctx) {
    land(ctx);
    village(ctx);
  },
  action(ctx, t) {
    const carZ = lerp(95, 2, ramp(t, 0.2, 8.6) ** 0.92);
    const car = () =>
      drawVehicle(ctx, VIEW, { x: -1.7, z: carZ, yaw: -Math.PI / 2 }, { colour: '#e9ebee', light: LIGHT });
    const cyclistX = lerp(-14, 14, ramp(t, 3.2, 11.4));
    const cycle = () =>
      drawCyclist(ctx, VIEW, [cyclistX, 0, 14.2], { heading: 'right', travelledM: cyclistX, jacket: '#2f7f8f' });
    const guard = { look: { jacket: '#e3a13a', vest: true, hat: 'cap' }, facing: 'near' } as const;
    const actors: Actor[] = [
      ...strollers(ctx, VIEW, t, WALK),
      { z: carZ, draw: () => t > 0.2 && carZ > 3.2 && car() },
      { z: 19, draw: () => drawPerson(ctx, VIEW, [-4.3, 0, 19], guard) },
      { z: 14.2, draw: () => t > 3.2 && t < 11.4 && cycle() },
      { z: 12.6, draw: () => drawLamp(ctx, VIEW, [5.9, 0, 12.6], { heightM: 6.4, arm: -1 }) },
    ];
    drawActors(actors.filter(({ z }) => z > GATE_Z));
    gate(ctx);
    for (const x of [-2.9, 2.9])
      drawLantern(ctx, VIEW, [x, 4.75, GATE_Z - 0.3], 0.62, Math.sin(t * Math.PI + x) * 0.05);
    verges(ctx);
    drawActors(actors.filter(({ z }) => z <= GATE_Z));
  },
};
