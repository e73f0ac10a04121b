import type { Canvas2D } from '../canvas.ts';
import { hold, lerp, ramp } from '../kit/motion.ts';
import { drawPerson, type Look } from '../kit/people.ts';
import { drawHedge, drawTree } from '../kit/plants.ts';
import { DAY_SKY, drawCloud, drawHills, drawSky } from '../kit/sky.ts';
import { DAYLIGHT, drawBox } from '../kit/solid.ts';
import { drawGround, drawSign } from '../kit/street.ts';
import { type Actor, drawActors, type Stop, strollers } from '../kit/stroll.ts';
import { drawVehicle } from '../kit/vehicles.ts';
import { fillGround, fillShape, strokeLine, type Vec3, viewOf } from '../kit/view.ts';
import type { Scene } from '../scene.ts';

const VIEW = viewOf(930, 182, 5.8, 640);
const LIGHT = { ...DAYLIGHT, haze: { colour: '#dbe5e0', fullAtM: 200 } };
const GATE_Z = 25;

function schoolBlock(ctx: Canvas2D): void {
  drawBox(ctx, VIEW, { at: { x: -4, z: 51 }, length: 44, width: 10, height: 11, colour: '#ead9b8', light: LIGHT });
  const z = 45.9;
  const panel = (x0: number, y0: number, x1: number, y1: number, colour: string) =>
    fillShape(
      ctx,
      VIEW,
      [
        [x0, y0, z],
        [x1, y0, z],
        [x1, y1, z],
        [x0, y1, z],
      ],
      colour,
    );
  for (let floor = 0; floor < 3; floor += 1) {
    const y = floor * 3.6;
    panel(-26, y + 3.2, 18, y + 3.6, '#c4634c');
    panel(-26, y + 0.05, 18, y + 1, '#dcc49b');
    for (let x = -24.6; x < 17; x += 3.1) {
      panel(x, y + 1.05, x + 2.3, y + 2.9, '#7f9fb0');
      panel(x + 1.1, y + 1.05, x + 1.2, y + 2.9, '#dfe5e6');
    }
  }
  drawBox(ctx, VIEW, { at: { x: -4, z: 45.4 }, length: 5, width: 1.4, height: 12.2, colour: '#c4634c', light: LIGHT });
  drawSign(ctx, VIEW, [-4, 9.4, 44.6], {
    text: '清河小学',
    sizeM: 1.15,
    colour: '#fbeecb',
    weight: 800,
    vertical: true,
  });
}

function grounds(ctx: Canvas2D): void {
  drawSky(ctx, VIEW.horizonPx, DAY_SKY);
  drawCloud(ctx, 1080, 74, 110, 0.75);
  drawHills(ctx, { footPx: VIEW.horizonPx, heightPx: 120, near: '#6f9a80', haze: '#cfe2e2', seed: 61 });
  drawGround(ctx, VIEW, '#c7c2b4', '#cfd0bf');
  fillGround(ctx, VIEW, [-900, 46, 900, 3000], '#b4c695');
  fillGround(ctx, VIEW, [-80, GATE_Z + 0.5, 80, 46], '#b8695a');
  fillGround(ctx, VIEW, [-80, 30, -6, 42], '#86ad62');
  fillGround(ctx, VIEW, [3, 30, 80, 42], '#86ad62');
  for (const at of [31, 33]) fillGround(ctx, VIEW, [-6, at, 3, at + 0.1], '#e9d9cf');
  schoolBlock(ctx);
  for (const x of [-20, -14, 10.5, 17, 24])
    drawTree(ctx, VIEW, [x, 0, 29.5], { heightM: 5.6, colour: '#6f9c52', seed: x + 41 });
  fillGround(ctx, VIEW, [-60, 12.2, 60, 20.4], '#868b93');
  for (const z of [12.2, 20.2]) fillGround(ctx, VIEW, [-60, z, 60, z + 0.22], '#dad7cc');
  for (let x = -40; x < 40; x += 6) fillGround(ctx, VIEW, [x, 16.2, x + 3.2, 16.38], '#e9c75a');
  fillGround(ctx, VIEW, [-6.2, 12.42, -1.6, 20.2], '#868b93');
  for (let z = 12.7; z < 20; z += 1) fillGround(ctx, VIEW, [-5.9, z, -1.9, z + 0.52], '#eeeee8');
  for (let x = -30; x < 30; x += 1.2) fillGround(ctx, VIEW, [x, 20.6, x + 0.03, GATE_Z], 'rgba(108,104,94,0.24)');
  fillGround(ctx, VIEW, [5.2, 17.9, 15.6, 20], 'rgba(233,199,90,0.32)');
}

function wall(ctx: Canvas2D): void {
  for (const [x0, x1] of [
    [-34, -9.6],
    [3.6, 34],
  ] as const) {
    const middle = (x0 + x1) / 2;
    drawBox(ctx, VIEW, {
      at: { x: middle, z: GATE_Z },
      length: x1 - x0,
      width: 0.3,
      height: 0.9,
      colour: '#d9c9ab',
      light: LIGHT,
    });
    for (let x = x0 + 0.3; x < x1; x += 0.36)
      fillShape(
        ctx,
        VIEW,
        [
          [x, 0.9, GATE_Z],
          [x + 0.07, 0.9, GATE_Z],
          [x + 0.07, 2.1, GATE_Z],
          [x, 2.1, GATE_Z],
        ],
        '#5a6772',
      );
    fillShape(
      ctx,
      VIEW,
      [
        [x0, 1.95, GATE_Z],
        [x1, 1.95, GATE_Z],
        [x1, 2.03, GATE_Z],
        [x0, 2.03, GATE_Z],
      ],
      '#5a6772',
    );
  }
  drawBox(ctx, VIEW, {
    at: { x: -9.2, z: GATE_Z },
    length: 1.2,
    width: 1,
    height: 3.5,
    colour: '#b8563f',
    light: LIGHT,
  });
  drawBox(ctx, VIEW, {
    at: { x: 5.2, z: GATE_Z },
    length: 4.6,
    width: 1,
    height: 3.5,
    colour: '#b8563f',
    light: LIGHT,
  });
  drawSign(ctx, VIEW, [5.2, 2.35, GATE_Z - 0.6], { text: '清河小学', sizeM: 0.92, colour: '#f6dc94', weight: 800 });
  drawSign(ctx, VIEW, [5.2, 1.25, GATE_Z - 0.6], { text: 'QINGHE SCHOOL', sizeM: 0.38, colour: '#f3e4c4' });
  drawSign(ctx, VIEW, [-9.2, 1.9, GATE_Z - 0.6], { text: '平安校园', sizeM: 0.5, colour: '#f6dc94', vertical: true });
}

/** The folding gate: lattices on wheels between the pillars, pushed together towards the left by `open`. */
function foldingGate(ctx: Canvas2D, open: number): void {
  const from = -8.5;
  const width = lerp(11.3, 4.2, open);
  const cells = 18;
  const at = (cell: number, y: number): Vec3 => [from + (width * cell) / cells, y, GATE_Z];
  for (let cell = 0; cell < cells; cell += 1) {
    strokeLine(ctx, VIEW, [at(cell, 0.2), at(cell + 1, 1.35)], { colour: '#aab6bd', widthM: 0.05 });
    strokeLine(ctx, VIEW, [at(cell, 1.35), at(cell + 1, 0.2)], { colour: '#8f9ca4', widthM: 0.05 });
  }
  for (let cell = 0; cell <= cells; cell += 1)
    strokeLine(ctx, VIEW, [at(cell, 0.05), at(cell, 1.5)], { colour: '#d6dde0', widthM: 0.08 });
  drawBox(ctx, VIEW, {
    at: { x: from + width + 0.25, z: GATE_Z },
    length: 0.6,
    width: 0.6,
    height: 1.6,
    colour: '#c8473c',
    light: LIGHT,
  });
}

function shelter(ctx: Canvas2D): void {
  const z = 21.8;
  for (const x of [7.4, 12.6])
    drawBox(ctx, VIEW, { at: { x, z }, length: 0.14, width: 0.14, height: 2.7, colour: '#5b6874', light: LIGHT });
  fillShape(
    ctx,
    VIEW,
    [
      [7.5, 0.5, z],
      [10.6, 0.5, z],
      [10.6, 2.3, z],
      [7.5, 2.3, z],
    ],
    'rgba(150,190,206,0.55)',
  );
  fillShape(
    ctx,
    VIEW,
    [
      [10.8, 0.5, z],
      [12.5, 0.5, z],
      [12.5, 2.3, z],
      [10.8, 2.3, z],
    ],
    '#f2b94c',
  );
  drawSign(ctx, VIEW, [11.65, 1.75, z - 0.05], { text: '乘车', sizeM: 0.5, colour: '#5a3a1c', weight: 800 });
  drawSign(ctx, VIEW, [11.65, 1.15, z - 0.05], { text: '有序', sizeM: 0.5, colour: '#5a3a1c', weight: 800 });
  drawBox(ctx, VIEW, {
    at: { x: 9, y: 0.4, z: z - 0.4 },
    length: 2.6,
    width: 0.4,
    height: 0.08,
    colour: '#9a7650',
    light: LIGHT,
  });
  drawBox(ctx, VIEW, {
    at: { x: 10, y: 2.6, z: z - 0.5 },
    length: 6,
    width: 1.7,
    height: 0.36,
    colour: '#2d6ca3',
    light: LIGHT,
  });
  drawSign(ctx, VIEW, [10, 2.79, z - 1.4], { text: '清河小学站  BUS', sizeM: 0.3, colour: '#ffffff' });
}

const PUPIL = (jacket: string, heightM = 1.28): Look => ({ jacket, heightM, carries: 'backpack', trousers: '#2f4468' });
const WALKS: readonly { stops: readonly Stop[]; look: Look }[] = [
  {
    stops: [
      [0, -3.2, 5],
      [4, -3.4, 11.4],
      [5.6, -3.4, 11.6],
      [10.8, -3.2, 20.8],
      [13.4, 0.4, 24.4],
      [24, -1, 43],
    ],
    look: PUPIL('#3f76b5'),
  },
  {
    stops: [
      [0.3, -4.4, 5],
      [4.3, -4.5, 11.2],
      [5.9, -4.5, 11.4],
      [11.2, -4.2, 20.8],
      [14.4, -0.2, 24.4],
      [24.6, -2.2, 43],
    ],
    look: { jacket: '#8a5a7d', carries: 'bag' },
  },
  {
    stops: [
      [0, -19, 22.4],
      [12.4, -1.2, 22.6],
      [13.8, 0.6, 24.8],
      [24.8, 0.4, 43],
    ],
    look: PUPIL('#e0694f'),
  },
  {
    stops: [
      [1, -19, 23],
      [13.8, -0.6, 23.2],
      [14.8, 0.2, 24.8],
      [25.8, -0.6, 43],
    ],
    look: PUPIL('#4f9a6a', 1.22),
  },
  {
    stops: [
      [0, 18, 22.9],
      [10.8, 1.6, 23.2],
      [12, 0.9, 24.8],
      [23.4, 1.6, 43],
    ],
    look: PUPIL('#f0b93e'),
  },
];

/** The primary school's gate with the bus stop before it. */
export const schoolGate: Scene = {
  id: 'school-gate',
  titleZh: '清河小学 校门',
  titleEn: 'Primary School Gate',
  snapshotAtSeconds: 8.6,
  backdrop: grounds,
  action(ctx, t) {
    const busX = t < 7 ? lerp(-26, 9.6, 1 - (1 - ramp(t, 0.4, 5.6)) ** 2) : lerp(9.6, 30, ramp(t, 8.8, 11.9) ** 1.9);
    const carX = lerp(24, -24, ramp(t, 0, 4.6));
    const beckon = hold(t, 5, 5.4, 10.6, 11);
    const actors: Actor[] = [
      { z: GATE_Z + 0.1, draw: () => wall(ctx) },
      { z: GATE_Z, draw: () => foldingGate(ctx, 1) },
      { z: 21.8, draw: () => shelter(ctx) },
      {
        z: 21.4,
        draw: () =>
          drawPerson(ctx, VIEW, [8.4, 0, 21.2], { look: { jacket: '#6d7f9a', trousers: '#3a3f4b' }, facing: 'near' }),
      },
      {
        z: 20.6,
        draw: () =>
          drawPerson(ctx, VIEW, [-6.9, 0, 20.8], {
            look: { jacket: '#c7d93a', vest: true, hat: 'cap' },
            facing: beckon > 0.5 ? 'right' : 'near',
          }),
      },
      {
        z: 24,
        draw: () => drawPerson(ctx, VIEW, [2.4, 0, 24.1], { look: { jacket: '#34496b', hat: 'cap' }, facing: 'near' }),
      },
      {
        z: 18.7,
        draw: () =>
          drawVehicle(
            ctx,
            VIEW,
            { x: busX, z: 18.7 },
            { colour: '#4c9a72', kind: 'bus', light: LIGHT, braking: t > 4 && t < 8.8 },
          ),
      },
      {
        z: 14.2,
        draw: () =>
          t < 4.6 && drawVehicle(ctx, VIEW, { x: carX, z: 14.2, yaw: Math.PI }, { colour: '#e4e6e8', light: LIGHT }),
      },
      ...WALKS.flatMap((walk) => strollers(ctx, VIEW, t, walk)),
    ];
    drawActors(actors);
  },
  foreground(ctx) {
    drawHedge(ctx, VIEW, {
      from: [1.6, 0, 10.6],
      to: [9, 0, 10.6],
      count: 10,
      radiusM: 0.5,
      colour: '#5f8d4a',
      seed: 5,
      flowers: '#e7a1b0',
    });
  },
};
