import type { Canvas2D } from '../canvas.ts';
import { drawHouse } from '../kit/houses.ts';
import { drawHelpPillar, drawStall } from '../kit/market.ts';
import { drawPerson, type Look } from '../kit/people.ts';
import { drawTree } from '../kit/plants.ts';
import { DAY_SKY, drawCloud, drawHills, drawSky } from '../kit/sky.ts';
import { DAYLIGHT, drawBox } from '../kit/solid.ts';
import { drawGround, drawLamp, drawLantern, drawSign } from '../kit/street.ts';
import { type Actor, drawActors, type Stop, strollers } from '../kit/stroll.ts';
import { fillGround, strokeLine, viewOf } from '../kit/view.ts';
import type { Scene } from '../scene.ts';

const VIEW = viewOf(930, 190, 5.6, 640);
const LIGHT = { ...DAYLIGHT, haze: { colour: '#dbe5e0', fullAtM: 180 } };
const GREENS = ['#6ea244', '#8fbf52', '#4f8a48', '#e8e4d0'];
const FRUIT = ['#d2553f', '#e8a13a', '#b9c94c', '#7d3f6b'];

const STALLS = [
  { x: -11.6, z: 22.5, width: 4.4, colour: '#c8473c', produce: FRUIT },
  { x: -6.2, z: 23, width: 4.4, colour: '#3f7fb5', produce: GREENS },
  { x: 6.6, z: 23, width: 4.4, colour: '#4d9a68', produce: GREENS },
  { x: 12, z: 22.5, width: 4.4, colour: '#d98f33', produce: FRUIT },
  { x: -8.6, z: 14.6, width: 4.2, colour: '#4d9a68', produce: ['#e8a13a', '#d2553f', '#b9c94c'] },
] as const;

const WALKS: readonly { stops: readonly Stop[]; look: Look }[] = [
  {
    stops: [
      [0, -17, 19.4],
      [9, -5.4, 19.6],
      [14, -5.4, 20.6],
      [26, 15.6, 19.4],
    ],
    look: { jacket: '#b5523f', carries: 'bag' },
  },
  {
    stops: [
      [0, 1.4, 40],
      [13, 0.6, 21],
      [19.4, 1.8, 12],
      [23.6, 2.4, 6],
    ],
    look: { jacket: '#3f6b95', trousers: '#2d323d' },
  },
  {
    stops: [
      [0, 16, 17.6],
      [9.6, 3, 17.2],
      [11, 3, 17.2],
      [24, -15.6, 17.8],
    ],
    look: { jacket: '#d6a13c', skirt: true, trousers: '#5a4a55' },
  },
  {
    stops: [
      [0, -1.6, 6],
      [6.6, -1.8, 15],
      [13.6, 5.4, 20.8],
      [19, 5.4, 20.9],
      [30, -0.8, 38],
    ],
    look: { jacket: '#5d8a5a', carries: 'backpack' },
  },
  {
    stops: [
      [0.5, -0.7, 6.2],
      [7, -0.9, 15.3],
      [14, 6.6, 20.9],
      [19.4, 6.6, 21],
      [30.4, 0, 38],
    ],
    look: { jacket: '#e0694f', heightM: 1.2 },
  },
];

function square(ctx: Canvas2D): void {
  drawSky(ctx, VIEW.horizonPx, DAY_SKY);
  drawCloud(ctx, 330, 74, 100, 0.75);
  drawHills(ctx, { footPx: VIEW.horizonPx, heightPx: 130, near: '#6f9a80', haze: '#cfe2e2', seed: 23 });
  drawGround(ctx, VIEW, '#cbc4b5', '#dedacd');
  for (let z = 8; z < 44; z += 1.4) fillGround(ctx, VIEW, [-40, z, 40, z + 0.035], 'rgba(120,110,96,0.28)');
  for (let x = -28; x <= 28; x += 1.8) fillGround(ctx, VIEW, [x, 7, x + 0.035, 42], 'rgba(120,110,96,0.24)');
  fillGround(ctx, VIEW, [-1.9, 6, 3, 44], '#d9cfb6');
  for (const z of [12, 17, 22, 27, 32]) fillGround(ctx, VIEW, [-1.9, z, 3, z + 0.5], '#b58b70');
  for (const [x, roof, wall] of [
    [-28, '#5f6974', '#e9e3d5'],
    [25, '#5f6974', '#ece6d8'],
    [-15.5, '#84584c', '#efe8da'],
    [13.2, '#84584c', '#e9e0cf'],
  ] as const) {
    drawHouse(ctx, VIEW, {
      at: { x, z: 42 },
      length: 11.6,
      depth: 8,
      eavesM: 6.4,
      ridgeM: 8.8,
      storeys: 2,
      windows: 4,
      door: true,
      wall,
      roof,
      light: LIGHT,
    });
  }
  drawHouse(ctx, VIEW, {
    at: { x: -1.1, z: 50 },
    length: 13,
    depth: 9,
    eavesM: 7,
    ridgeM: 10,
    storeys: 2,
    windows: 5,
    wall: '#e4dccb',
    roof: '#4f5a66',
    light: LIGHT,
  });
  drawBox(ctx, VIEW, {
    at: { x: -1.1, y: 3.2, z: 45 },
    length: 8,
    width: 0.4,
    height: 1.2,
    colour: '#a33a31',
    light: LIGHT,
  });
  drawSign(ctx, VIEW, [-1.1, 3.8, 44.6], { text: '清河集市', sizeM: 0.95, colour: '#f6d98b', weight: 800 });
  for (const [x, z] of [
    [-19, 33],
    [17.6, 33],
    [-9.6, 35],
    [9, 35],
  ] as const)
    drawTree(ctx, VIEW, [x, 0, z], { heightM: 6, colour: '#719d52', seed: x + 60 });
  for (const side of [-1, 1]) drawLamp(ctx, VIEW, [side * 4 + 0.6, 0, 31], { heightM: 5, arm: side < 0 ? -1 : 1 });
  ctx.lineCap = 'round';
  strokeLine(
    ctx,
    VIEW,
    Array.from({ length: 35 }, (_, index) => [index - 17, 6.5 - (1 - ((index - 17) / 17) ** 2) * 0.7, 26] as const),
    { colour: '#5a4038', widthM: 0.05 },
  );
}

const SELLERS: readonly (readonly [number, number, Look])[] = [
  [-11.4, 23.6, { jacket: '#7a8c4e', hat: 'straw' }],
  [-6, 24.1, { jacket: '#8a4f6d' }],
  [6.8, 24.1, { jacket: '#4c6f8f', hat: 'cap' }],
  [12.2, 23.6, { jacket: '#b1623d' }],
  [-8.4, 15.9, { jacket: '#48667f', hat: 'straw' }],
];

/** The market square with its help pillar. */
export const marketSquare: Scene = {
  id: 'market-square',
  titleZh: '清河集市 求助点',
  titleEn: 'Market Square Help Point',
  snapshotAtSeconds: 5.2,
  backdrop: square,
  action(ctx, t) {
    for (let x = -14; x <= 14; x += 2.8) {
      drawLantern(
        ctx,
        VIEW,
        [x, 6.5 - (1 - (x / 17) ** 2) * 0.7, 26],
        0.55,
        Math.sin((t * Math.PI * 2) / 4 + x) * 0.06,
      );
    }
    const actors: Actor[] = [
      ...STALLS.map((stall) => ({
        z: stall.z,
        draw: () => drawStall(ctx, VIEW, { ...stall, seed: stall.x + 90, light: LIGHT }),
      })),
      ...SELLERS.map(([x, z, look]) => ({ z, draw: () => drawPerson(ctx, VIEW, [x, 0, z], { look, facing: 'near' }) })),
      ...WALKS.flatMap((walk) => strollers(ctx, VIEW, t, walk)),
      { z: 12.2, draw: () => drawHelpPillar(ctx, VIEW, [5.4, 0, 12.2], t % 2 < 1) },
    ];
    drawActors(actors);
  },
};
