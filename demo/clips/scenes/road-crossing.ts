import type { Canvas2D } from '../canvas.ts';
import { drawScooter } from '../kit/cycles.ts';
import { drawHouse } from '../kit/houses.ts';
import { lerp, ramp } from '../kit/motion.ts';
import type { Look } from '../kit/people.ts';
import { drawHedge, drawTree } from '../kit/plants.ts';
import { DAY_SKY, drawCloud, drawHills, drawSky } from '../kit/sky.ts';
import { DAYLIGHT, drawBox } from '../kit/solid.ts';
import { drawGround, drawSign } from '../kit/street.ts';
import { type Actor, drawActors, type Stop, strollers } from '../kit/stroll.ts';
import { drawVehicle } from '../kit/vehicles.ts';
import { fillGround, groundShadow, standing, viewOf } from '../kit/view.ts';
import type { Scene } from '../scene.ts';

const VIEW = viewOf(960, 176, 6.2, 640);
const LIGHT = { ...DAYLIGHT, haze: { colour: '#d5e4e2', fullAtM: 190 } };
const SHOPS = [
  [-25, '#d9cdb6', '#3c7a66', '清河超市'],
  [-12.4, '#e6dfd2', '#b8493c', '老街面馆'],
  [0.2, '#dcd3c0', '#2f6699', '农商银行'],
  [12.8, '#e9e1d0', '#c98a2b', '惠民药店'],
  [25.4, '#d8d4c8', '#6a5a9a', '五金建材'],
] as const;

function street(ctx: Canvas2D): void {
  drawSky(ctx, VIEW.horizonPx, DAY_SKY);
  drawCloud(ctx, 930, 78, 105, 0.7);
  drawHills(ctx, { footPx: VIEW.horizonPx, heightPx: 110, near: '#769c86', haze: '#cfe2e2', seed: 31 });
  drawGround(ctx, VIEW, '#c9c3b4', '#d8d4c6');
  for (const [x, wall, fascia, name] of [...SHOPS].sort((a, b) => Math.abs(b[0]) - Math.abs(a[0]))) {
    drawHouse(ctx, VIEW, {
      at: { x, z: 35 },
      length: 12,
      depth: 8,
      eavesM: 6.6,
      ridgeM: 8.8,
      storeys: 2,
      windows: 4,
      wall,
      roof: '#5f6974',
      light: LIGHT,
    });
    drawBox(ctx, VIEW, {
      at: { x, y: 0, z: 30.8 },
      length: 11.4,
      width: 0.3,
      height: 2.6,
      colour: '#4b5f6c',
      light: LIGHT,
    });
    for (let pane = 0; pane < 4; pane += 1) {
      drawBox(ctx, VIEW, {
        at: { x: x - 4.2 + pane * 2.8, y: 0.2, z: 30.6 },
        length: 2.4,
        width: 0.1,
        height: 2.1,
        colour: pane === 1 ? '#8aa7b3' : '#7391a0',
        light: LIGHT,
      });
    }
    drawBox(ctx, VIEW, {
      at: { x, y: 2.6, z: 30.4 },
      length: 11.6,
      width: 0.9,
      height: 0.95,
      colour: fascia,
      light: LIGHT,
    });
    drawSign(ctx, VIEW, [x, 3.07, 29.9], { text: name, sizeM: 0.7, colour: '#fdf6df' });
  }
}

function road(ctx: Canvas2D): void {
  fillGround(ctx, VIEW, [-60, 13.2, 60, 24.4], '#bdb8ab');
  fillGround(ctx, VIEW, [-60, 13.6, 60, 24], '#868b93');
  for (const z of [13.9, 23.6]) fillGround(ctx, VIEW, [-60, z, 60, z + 0.13], '#e4e2d8');
  for (let x = -50; x < 50; x += 6) fillGround(ctx, VIEW, [x, 18.7, x + 3.4, 18.9], '#e9c75a');
  fillGround(ctx, VIEW, [-3.6, 13.9, 3.6, 23.8], '#868b93');
  for (let z = 14.1; z < 23.6; z += 1.05) fillGround(ctx, VIEW, [-2.6, z, 2.6, z + 0.54], '#eeeee8');
  fillGround(ctx, VIEW, [-4.3, 14, -3.98, 18.6], '#eeeee8');
  fillGround(ctx, VIEW, [4, 19, 4.32, 23.6], '#eeeee8');
  for (let x = -16; x <= 16; x += 1) {
    fillGround(ctx, VIEW, [x, 11.6, x + 0.92, 12.4], Math.abs(x) < 3 ? '#d9b64f' : '#cfc8b6');
    if (Math.abs(x) < 3) fillGround(ctx, VIEW, [x, 24.8, x + 0.92, 25.4], '#d9b64f');
  }
  for (const x of [-16.6, -5.6, 5.8, 17]) {
    drawTree(ctx, VIEW, [x, 0, 27.4], { heightM: 5, colour: '#6f9c52', seed: 40 + x });
  }
}

/** A signal mast with three lamps for cars or two for people. */
function signal(
  ctx: Canvas2D,
  at: readonly [number, number, number],
  lamps: readonly (readonly [string, boolean])[],
  scale = 1,
): void {
  groundShadow(ctx, VIEW, at, 0.25, 0.3);
  standing(ctx, VIEW, at, () => {
    const tall = 4.1 * scale;
    ctx.fillStyle = '#5d666f';
    ctx.fillRect(-0.08, -tall, 0.16, tall);
    ctx.fillStyle = '#474f58';
    ctx.fillRect(0.01, -tall, 0.07, tall);
    ctx.fillStyle = '#20262e';
    ctx.beginPath();
    ctx.roundRect(-0.3, -tall - 0.1, 0.6, lamps.length * 0.52 + 0.14, 0.1);
    ctx.fill();
    lamps.forEach(([colour, on], index) => {
      const y = -tall + 0.23 + index * 0.52;
      if (on) {
        const glow = ctx.createRadialGradient(0, y, 0.05, 0, y, 0.75);
        glow.addColorStop(0, `${colour}aa`);
        glow.addColorStop(1, `${colour}00`);
        ctx.fillStyle = glow;
        ctx.fillRect(-0.8, y - 0.8, 1.6, 1.6);
      }
      ctx.fillStyle = on ? colour : '#3a424b';
      ctx.beginPath();
      ctx.arc(0, y, 0.2, 0, Math.PI * 2);
      ctx.fill();
    });
  });
}

const WALKS: readonly { stops: readonly Stop[]; look: Look }[] = [
  {
    stops: [
      [0, 19, 25.6],
      [13, -1.2, 25],
      [16.4, -1.2, 24.8],
      [23.6, -1.4, 13],
      [27, -1.4, 7],
    ],
    look: { jacket: '#c9503f', carries: 'bag', hair: '#3a2c28' },
  },
  {
    stops: [
      [0.7, 19, 26.2],
      [13.4, 0, 25.2],
      [16.7, 0, 25],
      [23.9, -0.3, 13],
      [27.6, -0.3, 7],
    ],
    look: { jacket: '#f0c24d', heightM: 1.28, carries: 'backpack' },
  },
  {
    stops: [
      [0.4, 1.6, 7],
      [3.6, 1.5, 12.7],
      [4.5, 1.5, 12.8],
      [11.8, 1.5, 24.7],
      [24.5, -18.5, 25.2],
    ],
    look: { jacket: '#3f6f9f', trousers: '#30343f' },
  },
  {
    stops: [
      [0, -19, 26.6],
      [25, 19, 26.6],
    ],
    look: { jacket: '#6b8f5a', hat: 'straw' },
  },
];

/** The township's crossing: cars stop at red, people cross. */
export const roadCrossing: Scene = {
  id: 'road-crossing',
  titleZh: '老街路口',
  titleEn: 'Laojie Crossing',
  snapshotAtSeconds: 8.4,
  backdrop(ctx) {
    street(ctx);
    road(ctx);
  },
  action(ctx, t) {
    const green = t < 3.2;
    const amber = t >= 3.2 && t < 4.1;
    const red = t >= 4.1;
    // The cars that wait at the end of the clip drive off at its start.
    const redCarX =
      t < 5 ? lerp(-6.9, 20, ramp(t, 0.3, 4.4) ** 1.7) : lerp(-20, -6.9, 1 - (1 - ramp(t, 5.2, 8.4)) ** 2);
    const blueCarX = t < 5 ? lerp(6.9, -22, ramp(t, 0.4, 4.6) ** 1.7) : lerp(23, 6.9, 1 - (1 - ramp(t, 6.2, 9.8)) ** 2);
    const vanX = t < 6 ? lerp(13, -24, ramp(t, 0.9, 5) ** 1.5) : lerp(28, 13, 1 - (1 - ramp(t, 7.4, 11)) ** 2);
    const scooterX = lerp(-17, 17, ramp(t, 0, 3.9));
    const lamps = [
      ['#ff5a4a', red],
      ['#ffc447', amber],
      ['#4be08a', green],
    ] as const;
    const light = LIGHT;
    const actors: Actor[] = [
      {
        z: 21.6,
        draw: () =>
          drawVehicle(ctx, VIEW, { x: blueCarX, z: 21.3, yaw: Math.PI }, { colour: '#3d6a9c', light, braking: red }),
      },
      {
        z: 21.5,
        draw: () =>
          drawVehicle(
            ctx,
            VIEW,
            { x: vanX, z: 21.3, yaw: Math.PI },
            { colour: '#e3e5e4', kind: 'van', light, braking: red },
          ),
      },
      {
        z: 16.9,
        draw: () => drawVehicle(ctx, VIEW, { x: redCarX, z: 16.8 }, { colour: '#c5463b', light, braking: red }),
      },
      {
        z: 14.6,
        draw: () =>
          t < 4 &&
          drawScooter(ctx, VIEW, [scooterX, 0, 14.6], {
            heading: 'right',
            travelledM: scooterX,
            colour: '#4aa38f',
            jacket: '#5b4b8a',
          }),
      },
      { z: 24.5, draw: () => signal(ctx, [-4.9, 0, 24.5], lamps) },
      { z: 12.9, draw: () => signal(ctx, [4.9, 0, 12.9], lamps, 0.92) },
      {
        z: 12.8,
        draw: () =>
          signal(
            ctx,
            [-4.2, 0, 12.8],
            [
              ['#ff5a4a', !red],
              ['#4be08a', red],
            ],
            0.7,
          ),
      },
      ...WALKS.flatMap((walk) => strollers(ctx, VIEW, t, walk)),
    ];
    drawActors(actors);
  },
  foreground(ctx) {
    drawHedge(ctx, VIEW, {
      from: [-12, 0, 10.4],
      to: [-5.6, 0, 10.4],
      count: 8,
      radiusM: 0.55,
      colour: '#5f8d4a',
      seed: 8,
      flowers: '#e7a1b0',
    });
    drawHedge(ctx, VIEW, {
      from: [6, 0, 10.4],
      to: [12, 0, 10.4],
      count: 8,
      radiusM: 0.55,
      colour: '#5f8d4a',
      seed: 9,
      flowers: '#f4e3e0',
    });
  },
};
