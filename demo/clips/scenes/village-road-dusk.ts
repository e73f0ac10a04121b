import type { Canvas2D } from '../canvas.ts';
import { drawScooter } from '../kit/cycles.ts';
import { drawHouse } from '../kit/houses.ts';
import { lerp, ramp } from '../kit/motion.ts';
import type { Look } from '../kit/people.ts';
import { drawPoplar, drawTree } from '../kit/plants.ts';
import { drawRidge, drawSky } from '../kit/sky.ts';
import type { Lighting } from '../kit/solid.ts';
import { drawDashes, drawGround, drawLamp, drawPole, drawWires } from '../kit/street.ts';
import { type Actor, drawActors, type Stop, strollers } from '../kit/stroll.ts';
import { drawVehicle } from '../kit/vehicles.ts';
import { fillGround, fillShape, project, type Vec3, viewOf } from '../kit/view.ts';
import type { Scene } from '../scene.ts';

const VIEW = viewOf(960, 248, 4.8, 690);
const DUSK: Lighting = { towards: [0.2, 0.4, 0.89], ambient: 0.42, haze: { colour: '#8a7796', fullAtM: 190 } };
const LAMPS: readonly (readonly [number, number, -1 | 1])[] = [
  [-4.6, 70, 1],
  [4.6, 56, -1],
  [-4.6, 43, 1],
  [4.6, 32, -1],
  [-4.6, 23, 1],
  [4.6, 15, -1],
];

const WALKS: readonly { stops: readonly Stop[]; look: Look }[] = [
  {
    stops: [
      [0, 16, 22.2],
      [8.4, 4.9, 21.4],
      [21, 4.2, 5],
    ],
    look: { jacket: '#6f5a78', trousers: '#2c3045' },
  },
  // Home: the lit door of the first house on the left.
  {
    stops: [
      [0, -4.3, 5],
      [15.4, -4.5, 25.6],
      [23.6, -13.7, 29.2],
    ],
    look: { jacket: '#4f6b86', trousers: '#262b3e', carries: 'bag' },
  },
];

function evening(ctx: Canvas2D): void {
  drawSky(ctx, VIEW.horizonPx, ['#2c3a68', '#55558c', '#a8708f', '#ee9c79', '#ffcf94']);
  const sun = ctx.createRadialGradient(820, 236, 8, 820, 236, 420);
  sun.addColorStop(0, 'rgba(255,226,160,0.75)');
  sun.addColorStop(0.3, 'rgba(255,190,120,0.3)');
  sun.addColorStop(1, 'rgba(255,170,110,0)');
  ctx.fillStyle = sun;
  ctx.fillRect(0, 0, 1280, 400);
  ctx.fillStyle = 'rgba(255,196,150,0.34)';
  for (const [x, y, w] of [
    [240, 122, 210],
    [420, 138, 150],
    [930, 96, 240],
    [1090, 112, 130],
    [640, 168, 180],
  ] as const) {
    ctx.beginPath();
    ctx.ellipse(x, y, w, 7, 0, 0, Math.PI * 2);
    ctx.ellipse(x + w * 0.3, y - 7, w * 0.5, 6, 0, 0, Math.PI * 2);
    ctx.fill();
  }
  (
    [
      [150, '#7d6690'],
      [104, '#5f557f'],
      [62, '#484a6e'],
    ] as const
  ).forEach(([heightPx, colour], index) => {
    drawRidge(ctx, { footPx: VIEW.horizonPx + 2, heightPx, colour, haze: '#b98698', seed: 90 + index });
  });
  drawGround(ctx, VIEW, '#3d4a4c', '#6b6474');
  for (const [x0, x1, z0, z1, colour] of [
    [-60, -7, 34, 60, '#57585a'],
    [8, 70, 40, 80, '#5d5a5e'],
    [-90, -7, 64, 110, '#666270'],
  ] as const)
    fillGround(ctx, VIEW, [x0, z0, x1, z1], colour);
  fillGround(ctx, VIEW, [-5.2, 4, 5.2, 240], '#5b5860');
  fillGround(ctx, VIEW, [-3.4, 4, 3.4, 240], '#484b60');
  for (const side of [-1, 1]) fillGround(ctx, VIEW, [side * 3.3 - 0.08, 4, side * 3.3 + 0.08, 200], '#a39fa6');
  drawDashes(ctx, VIEW, { x: 0, fromZ: 6, toZ: 120, widthM: 0.15, colour: '#b3adae' });
}

function village(ctx: Canvas2D): void {
  for (const [x, z, length, storeys, seed] of [
    [14, 92, 10, 1, 3],
    [-15, 80, 10, 2, 1],
    [17, 66, 10, 2, 2],
    [-15.5, 54, 10, 1, 4],
    [16, 44, 10, 1, 5],
    [-15, 33, 10, 2, 6],
    [15.6, 26.5, 9.4, 2, 7],
  ] as const) {
    drawTree(ctx, VIEW, [x + (x < 0 ? -7 : 7), 0, z + 6], { heightM: 7, colour: '#3f5153', seed: z, shadow: false });
    const lit = (index: number) => (index * 7 + seed * 5) % 3 !== 0;
    drawHouse(ctx, VIEW, {
      at: { x, z, yaw: x < 0 ? 0.1 : -0.1 },
      length,
      depth: 7,
      eavesM: storeys * 3.1,
      ridgeM: storeys * 3.1 + 2,
      storeys,
      windows: 4,
      door: true,
      lit,
      light: DUSK,
      wall: '#b9adb0',
      roof: '#5b5a70',
    });
    drawTree(ctx, VIEW, [x + (x < 0 ? 6.4 : -6.4), 0, z - 4], {
      heightM: 4.6,
      colour: '#46605a',
      seed: z + 2,
      shadow: false,
    });
    windowGlow(ctx, x, z);
  }
  for (const z of [88, 76, 62]) drawPoplar(ctx, VIEW, [-7.6, 0, z], 9, '#3f5454');
}

function windowGlow(ctx: Canvas2D, x: number, z: number): void {
  const [sx, sy] = project(VIEW, [x, 1.6, z - 3.6]);
  const r = (VIEW.focalPx / z) * 5.5;
  const glow = ctx.createRadialGradient(sx, sy, r * 0.1, sx, sy, r);
  glow.addColorStop(0, 'rgba(255,196,110,0.26)');
  glow.addColorStop(1, 'rgba(255,180,90,0)');
  ctx.save();
  ctx.globalCompositeOperation = 'lighter';
  ctx.fillStyle = glow;
  ctx.fillRect(sx - r, sy - r, r * 2, r * 2);
  ctx.restore();
}

/** Lamp light lying on the road. */
function pool(ctx: Canvas2D, at: Vec3, radiusM: number, colour: string, strength: number): void {
  const [x, y] = project(VIEW, at);
  const scale = VIEW.focalPx / at[2];
  const flat = Math.min(0.5, (VIEW.heightM / at[2]) * 1.1);
  ctx.save();
  ctx.globalCompositeOperation = 'lighter';
  ctx.translate(x, y);
  ctx.scale(1, flat);
  const glow = ctx.createRadialGradient(0, 0, 0, 0, 0, radiusM * scale);
  glow.addColorStop(0, `rgba(${colour},${strength})`);
  glow.addColorStop(0.5, `rgba(${colour},${strength * 0.42})`);
  glow.addColorStop(1, `rgba(${colour},0)`);
  ctx.fillStyle = glow;
  ctx.beginPath();
  ctx.arc(0, 0, radiusM * scale, 0, Math.PI * 2);
  ctx.fill();
  ctx.restore();
}

function spark(ctx: Canvas2D, at: Vec3, radiusM: number, colour: string): void {
  const [x, y] = project(VIEW, at);
  const r = (VIEW.focalPx / at[2]) * radiusM;
  const glow = ctx.createRadialGradient(x, y, 0, x, y, r);
  glow.addColorStop(0, `rgba(${colour},0.95)`);
  glow.addColorStop(0.25, `rgba(${colour},0.4)`);
  glow.addColorStop(1, `rgba(${colour},0)`);
  ctx.save();
  ctx.globalCompositeOperation = 'lighter';
  ctx.fillStyle = glow;
  ctx.fillRect(x - r, y - r, r * 2, r * 2);
  ctx.restore();
}

function oncoming(ctx: Canvas2D, z: number): void {
  fillShape(
    ctx,
    VIEW,
    [
      [-2.4, 0.02, z - 2.4],
      [-0.9, 0.02, z - 2.4],
      [0.6, 0.02, Math.max(3, z - 13)],
      [-3.6, 0.02, Math.max(3, z - 13)],
    ],
    'rgba(255,240,200,0.13)',
  );
  drawVehicle(ctx, VIEW, { x: -1.65, z, yaw: -Math.PI / 2 }, { colour: '#7f8aa5', light: DUSK, lampsOn: true });
  for (const side of [-0.62, 0.62]) spark(ctx, [-1.65 + side, 0.62, z - 2.2], 1.5, '255,240,200');
}

function leaving(ctx: Canvas2D, z: number): void {
  fillShape(
    ctx,
    VIEW,
    [
      [0.9, 0.02, z + 2.4],
      [2.5, 0.02, z + 2.4],
      [3.4, 0.02, z + 12],
      [0.2, 0.02, z + 12],
    ],
    'rgba(255,240,200,0.16)',
  );
  drawVehicle(
    ctx,
    VIEW,
    { x: 1.7, z, yaw: Math.PI / 2 },
    { colour: '#8d5a5f', kind: 'van', light: DUSK, braking: true },
  );
  for (const side of [-0.6, 0.6]) spark(ctx, [1.7 + side, 0.9, z - 2.3], 0.8, '255,70,56');
}

/** The village road after sunset, lit by its solar lamps. */
export const villageRoadDusk: Scene = {
  id: 'village-road-dusk',
  titleZh: '清河村 村道',
  titleEn: 'Qinghe Village Road',
  snapshotAtSeconds: 5,
  vignette: 0.5,
  backdrop(ctx) {
    evening(ctx);
    village(ctx);
    for (const z of [60, 38, 17.5]) drawPole(ctx, VIEW, [-6.6, 0, z], 8, '#6b6a7c');
    for (const [a, b] of [
      [60, 38],
      [38, 17.5],
      [17.5, 4],
    ] as const)
      drawWires(ctx, VIEW, [-6.6, 7.6, a], [-6.6, 7.6, b]);
    for (const [x, z, arm] of LAMPS) pool(ctx, [x + arm * 1.45, 0, z], 5.6, '255,190,110', 0.5);
  },
  action(ctx, t) {
    const inZ = lerp(120, 2, ramp(t, 0, 7.4) ** 0.85);
    const outZ = lerp(3.4, 150, ramp(t, 5.4, 12) ** 1.25);
    const scooterX = lerp(-16, 16, ramp(t, 7.6, 11.8));
    const actors: Actor[] = [
      ...LAMPS.map(([x, z, arm]) => ({
        z,
        draw: () => drawLamp(ctx, VIEW, [x, 0, z], { heightM: 5.8, arm, lit: true, colour: '#565c74' }),
      })),
      { z: inZ, draw: () => inZ > 3.3 && oncoming(ctx, inZ) },
      { z: outZ, draw: () => t > 5.4 && t < 11.98 && leaving(ctx, outZ) },
      {
        z: 12.6,
        draw: () => {
          if (t < 7.6 || t > 11.8) return;
          drawScooter(ctx, VIEW, [scooterX, 0, 12.6], {
            heading: 'right',
            travelledM: scooterX,
            colour: '#6d8a94',
            jacket: '#5a4a70',
            lampOn: true,
          });
          spark(ctx, [scooterX + 0.6, 0.86, 12.6], 0.9, '255,240,200');
        },
      },
      ...WALKS.flatMap((walk) => strollers(ctx, VIEW, t, walk)),
    ];
    drawActors(actors);
  },
};
