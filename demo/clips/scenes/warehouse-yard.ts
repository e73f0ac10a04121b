import type { Canvas2D } from '../canvas.ts';
import { ease, hold, lerp, ramp } from '../kit/motion.ts';
import { drawPerson } from '../kit/people.ts';
import { drawTree } from '../kit/plants.ts';
import { drawCloud, drawHills, drawSky } from '../kit/sky.ts';
import { DAYLIGHT, drawBox, drawSolid, type Placement, prismFaces } from '../kit/solid.ts';
import { drawGround, drawLamp, drawSign } from '../kit/street.ts';
import { type Actor, drawActors } from '../kit/stroll.ts';
import { drawVehicle } from '../kit/vehicles.ts';
import { fillGround, fillShape, viewOf } from '../kit/view.ts';
import { drawContainer, drawFence, drawForklift, drawPallet } from '../kit/yard.ts';
import type { Scene } from '../scene.ts';

const VIEW = viewOf(930, 196, 6, 640);
const LIGHT = { ...DAYLIGHT, haze: { colour: '#d9e2e0', fullAtM: 190 } };
const FRONT_Z = 32;

function hall(ctx: Canvas2D): void {
  const at: Placement = { x: -6, z: 40, yaw: Math.PI / 2 };
  drawSolid(ctx, VIEW, {
    faces: prismFaces(
      [
        [-8, 0],
        [8, 0],
        [8, 7],
        [-8, 7],
      ],
      26,
      '#c3ced3',
    ),
    at,
    light: LIGHT,
  });
  fillShape(
    ctx,
    VIEW,
    [
      [-19.4, 6.9, FRONT_Z],
      [7.4, 6.9, FRONT_Z],
      [-6, 9.2, FRONT_Z],
    ],
    '#aab9c0',
  );
  fillShape(
    ctx,
    VIEW,
    [
      [-19.6, 6.8, FRONT_Z - 0.2],
      [-6, 9.1, FRONT_Z - 0.2],
      [7.6, 6.8, FRONT_Z - 0.2],
      [7.6, 7.15, FRONT_Z - 0.2],
      [-6, 9.5, FRONT_Z - 0.2],
      [-19.6, 7.15, FRONT_Z - 0.2],
    ],
    '#3c6e9e',
  );
  for (let x = -18.8; x < 7; x += 0.55)
    fillShape(
      ctx,
      VIEW,
      [
        [x, 0, FRONT_Z],
        [x + 0.05, 0, FRONT_Z],
        [x + 0.05, 6.8, FRONT_Z],
        [x, 6.8, FRONT_Z],
      ],
      'rgba(70,90,104,0.22)',
    );
  fillShape(
    ctx,
    VIEW,
    [
      [-19, 0, FRONT_Z],
      [7, 0, FRONT_Z],
      [7, 0.9, FRONT_Z],
      [-19, 0.9, FRONT_Z],
    ],
    '#3c6e9e',
  );
  for (const [x, number] of [
    [-13.6, '2'],
    [-1.8, '3'],
  ] as const) {
    fillShape(
      ctx,
      VIEW,
      [
        [x - 2.4, 0, FRONT_Z - 0.03],
        [x + 2.4, 0, FRONT_Z - 0.03],
        [x + 2.4, 4.6, FRONT_Z - 0.03],
        [x - 2.4, 4.6, FRONT_Z - 0.03],
      ],
      '#e2b13c',
    );
    drawSign(ctx, VIEW, [x, 5.6, FRONT_Z - 0.1], {
      text: `${number}号库`,
      sizeM: 1.05,
      colour: '#27496d',
      weight: 800,
    });
  }
  shutter(ctx, -13.6, 0);
}

/** The dim hall behind a door. */
function hallInside(ctx: Canvas2D, x: number): void {
  const z = FRONT_Z - 0.05;
  fillShape(
    ctx,
    VIEW,
    [
      [x - 2.2, 0, z],
      [x + 2.2, 0, z],
      [x + 2.2, 4.4, z],
      [x - 2.2, 4.4, z],
    ],
    '#4a5660',
  );
  fillShape(
    ctx,
    VIEW,
    [
      [x - 2.2, 0, z],
      [x + 2.2, 0, z],
      [x + 1.7, 0.9, z],
      [x - 1.7, 0.9, z],
    ],
    '#77807f',
  );
  fillShape(
    ctx,
    VIEW,
    [
      [x - 1.6, 0.9, z],
      [x - 0.2, 0.9, z],
      [x - 0.2, 2.4, z],
      [x - 1.6, 2.4, z],
    ],
    '#6f5d45',
  );
}

/** A roller shutter lifted by `open` from 0 to 1. */
function shutter(ctx: Canvas2D, x: number, open: number): void {
  const z = FRONT_Z - 0.05;
  const foot = open * 3.9;
  fillShape(
    ctx,
    VIEW,
    [
      [x - 2.2, foot, z],
      [x + 2.2, foot, z],
      [x + 2.2, 4.4, z],
      [x - 2.2, 4.4, z],
    ],
    '#93a3ac',
  );
  for (let y = 4.4; y > foot + 0.1; y -= 0.28)
    fillShape(
      ctx,
      VIEW,
      [
        [x - 2.2, y, z],
        [x + 2.2, y, z],
        [x + 2.2, y - 0.08, z],
        [x - 2.2, y - 0.08, z],
      ],
      '#7f8f99',
    );
}

function yard(ctx: Canvas2D): void {
  drawSky(ctx, VIEW.horizonPx, ['#6ea4cb', '#a5cadf', '#dbe8e6']);
  drawCloud(ctx, 1000, 70, 120, 0.8);
  drawCloud(ctx, 470, 50, 70, 0.6);
  drawHills(ctx, { footPx: VIEW.horizonPx, heightPx: 120, near: '#6f9683', haze: '#d3e2e2', seed: 71 });
  drawGround(ctx, VIEW, '#a9adad', '#c6cbc6');
  fillGround(ctx, VIEW, [-900, 46, 900, 3000], '#9bb576');
  for (let z = 10; z < 32; z += 5) fillGround(ctx, VIEW, [-40, z, 40, z + 0.05], 'rgba(80,88,92,0.3)');
  for (let x = -30; x < 30; x += 5) fillGround(ctx, VIEW, [x, 6, x + 0.05, 32], 'rgba(80,88,92,0.26)');
  fillGround(ctx, VIEW, [-4.4, 9, -4.2, 31], '#e6c24a');
  fillGround(ctx, VIEW, [1, 9, 1.2, 31], '#e6c24a');
  for (let x = 0; x < 5; x += 1) fillGround(ctx, VIEW, [-4.2 + x * 1.05, 29.6, -3.7 + x * 1.05, 31], '#e6c24a');
  hall(ctx);
  for (let x = 10; x < 30; x += 5)
    drawTree(ctx, VIEW, [x + 4, 0, 50 - x * 0.2], { heightM: 7.4, colour: '#6f9850', seed: x });
  drawContainer(ctx, VIEW, { x: 17.8, z: 33 }, '#2f6d8c', LIGHT);
  drawContainer(ctx, VIEW, { x: 11.3, z: 33 }, '#b5523a', LIGHT);
  drawContainer(ctx, VIEW, { x: 17.4, z: 33, y: 2.5 }, '#c98b32', LIGHT);
  drawContainer(ctx, VIEW, { x: 15, z: 27.4 }, '#4f7d55', LIGHT);
  drawVehicle(ctx, VIEW, { x: -13.4, z: 25.6, yaw: 0.5 }, { colour: '#e6e8e6', kind: 'van', light: LIGHT });
  for (const [x, z, crates] of [
    [6.4, 24.4, 3],
    [8, 24.4, 2],
    [9.6, 24.4, 3],
    [6.4, 22.4, 2],
  ] as const)
    drawPallet(ctx, VIEW, { x, z }, crates, LIGHT);
  drawLamp(ctx, VIEW, [8.6, 0, 31], { heightM: 7.4, arm: -1 });
}

/** From the pallets to the hall's door and back, always turning on the spot like a forklift does. */
function forkliftAt(t: number): { at: Placement; forkM: number; loaded: boolean } {
  const out = ease(t, 1.2, 4.6);
  const inward = ease(t, 5.2, 7);
  const back = ease(t, 8, 11.6);
  const yawOut = lerp(0, Math.PI, ease(t, 0.6, 2.2)) - (Math.PI / 2) * ease(t, 4.4, 5.4);
  const yaw = t < 8 ? yawOut : lerp(Math.PI / 2, 0, ease(t, 8.4, 10.6));
  const x = lerp(3.6, -1.8, out) + lerp(0, 5.4, back);
  const z = lerp(20.6, 21.4, out) + lerp(0, 9.2, inward) - lerp(0, 10, back);
  return { at: { x, z, yaw }, forkM: 0.12 + 0.5 * hold(t, 0, 0.8, 7.2, 8), loaded: t < 7.8 };
}

/** The yard of the township's store. */
export const warehouseYard: Scene = {
  id: 'warehouse-yard',
  titleZh: '物资仓库 院内',
  titleEn: 'Warehouse Yard',
  snapshotAtSeconds: 4,
  backdrop: yard,
  action(ctx, t) {
    hallInside(ctx, -1.8);
    if (t > 7.8) drawPallet(ctx, VIEW, { x: -1.8, z: 32.7 }, 2, LIGHT);
    shutter(ctx, -1.8, hold(t, 2.4, 4.6, 9.2, 11.4));
    const { at, forkM, loaded } = forkliftAt(t);
    // A helper brings the next pallet to where the forks pick it up when the clip repeats.
    const helperX = lerp(18, 6.9, ease(t, 5, 8.6)) + lerp(0, 11, ramp(t, 9, 12));
    const actors: Actor[] = [
      {
        z: 20.6,
        draw: () =>
          t > 4.6 && drawPallet(ctx, VIEW, { x: Math.min(helperX, t < 9 ? 99 : 6.9) - 1.25, z: 20.6 }, 2, LIGHT),
      },
      {
        z: 20.5,
        draw: () =>
          drawPerson(ctx, VIEW, [helperX, 0, 20.5], {
            look: { jacket: '#4a7a8f', hat: 'helmet' },
            facing: t < 9 ? 'left' : 'right',
            ...((t < 8.6 || t > 9) && { steps: helperX / 0.72 }),
          }),
      },
      {
        z: at.z,
        draw: () =>
          drawForklift(ctx, VIEW, at, { forkM, loaded, light: LIGHT, beacon: 0.5 + 0.5 * Math.sin(t * Math.PI * 3) }),
      },
      {
        z: 28,
        draw: () =>
          drawPerson(ctx, VIEW, [2.6, 0, 28], {
            look: { jacket: '#e2662d', vest: true, hat: 'helmet' },
            facing: 'left',
          }),
      },
      {
        z: 17,
        draw: () =>
          drawPerson(ctx, VIEW, [lerp(-14, 14, ramp(t, 0, 12)), 0, 15.2], {
            look: { jacket: '#39577d', hat: 'cap' },
            facing: 'right',
            steps: (t * 28) / 12 / 0.72,
          }),
      },
    ];
    drawActors(actors);
  },
  foreground(ctx) {
    drawFence(ctx, VIEW, { from: [-11, 0, 11.4], to: [11, 0, 11.4], posts: 8, heightM: 2.3 });
    drawBox(ctx, VIEW, { at: { x: 4.1, y: 1.2, z: 11.3 }, length: 1.3, width: 0.05, height: 0.62, colour: '#f2c53d' });
    drawSign(ctx, VIEW, [4.1, 1.51, 11.2], { text: '闲人免进', sizeM: 0.28, colour: '#2a2a2e', weight: 800 });
  },
};
