import type { Canvas2D } from '../canvas.ts';
import { mix } from '../kit/colour.ts';
import { ease, hold, lerp, ramp } from '../kit/motion.ts';
import { drawPerson, type Look } from '../kit/people.ts';
import { drawHedge, drawTree } from '../kit/plants.ts';
import { DAY_SKY, drawCloud, drawHills, drawSky } from '../kit/sky.ts';
import { DAYLIGHT, drawBox } from '../kit/solid.ts';
import { drawGround, drawLantern, drawSign } from '../kit/street.ts';
import { fillGround, fillShape, project, trace, type Vec3, viewOf } from '../kit/view.ts';
import type { Scene } from '../scene.ts';

const VIEW = viewOf(1240, 172, 4.1, 640);
const LIGHT = DAYLIGHT;
const WALL_Z = 17;
const FLOOR = 0.48;
const DOOR_HALF = 1.35;
const DOOR_TOP = FLOOR + 2.75;

/** A rectangle on a wall that faces the camera. */
function panel(
  ctx: Canvas2D,
  box: readonly [number, number, number, number],
  colour: string | object,
  z = WALL_Z,
): void {
  const [x0, y0, x1, y1] = box;
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
}

function surroundings(ctx: Canvas2D): void {
  drawSky(ctx, VIEW.horizonPx, DAY_SKY);
  drawCloud(ctx, 1120, 84, 100, 0.8);
  drawHills(ctx, { footPx: VIEW.horizonPx, heightPx: 130, near: '#6f9a80', haze: '#cfe2e2', seed: 44 });
  drawGround(ctx, VIEW, '#bdb9ad', '#cfccc0');
  for (const x of [-17, -13.6, 13.4, 17])
    drawTree(ctx, VIEW, [x, 0, 26], { heightM: 8, colour: '#6f9850', seed: x + 33 });
  for (let z = 6; z < WALL_Z; z += 1.1) fillGround(ctx, VIEW, [-30, z, 30, z + 0.03], 'rgba(108,104,94,0.28)');
  for (let x = -20; x < 20; x += 1.1) fillGround(ctx, VIEW, [x, 5, x + 0.03, WALL_Z], 'rgba(108,104,94,0.22)');
  fillGround(ctx, VIEW, [-1.5, 5, 1.5, 13.4], '#cdc6b3');
  for (let z = 6; z < 13.2; z += 0.42) fillGround(ctx, VIEW, [-0.18, z, 0.18, z + 0.34], '#dcb44a');
}

function window(ctx: Canvas2D, x: number, y: number, width: number, height: number): void {
  panel(ctx, [x - width / 2 - 0.1, y - 0.1, x + width / 2 + 0.1, y + height + 0.1], '#c9cfd0');
  const [, top] = project(VIEW, [0, y + height, WALL_Z]);
  const [, foot] = project(VIEW, [0, y, WALL_Z]);
  const glass = ctx.createLinearGradient(0, top, 0, foot);
  glass.addColorStop(0, '#86aec4');
  glass.addColorStop(0.55, '#5f8399');
  glass.addColorStop(1, '#4b6b80');
  const half = width / 2;
  for (const side of [-1, 0, 1])
    panel(
      ctx,
      [x + side * (width / 3) - half / 3 + 0.04, y, x + side * (width / 3) + half / 3 - 0.04, y + height],
      glass,
    );
  fillShape(
    ctx,
    VIEW,
    [
      [x - half + 0.1, y, WALL_Z],
      [x - half + 0.5, y, WALL_Z],
      [x - half + 1.1, y + height, WALL_Z],
      [x - half + 0.7, y + height, WALL_Z],
    ],
    'rgba(255,255,255,0.16)',
  );
}

function building(ctx: Canvas2D): void {
  panel(ctx, [-10.6, 0, 10.6, 8.2], '#ece5d6');
  panel(ctx, [-10.6, 0, 10.6, 0.75], '#a49d92');
  panel(ctx, [-10.6, 4.15, 10.6, 4.5], '#d4cab6');
  panel(ctx, [-10.6, 7.6, 10.6, 8.2], '#b8493c');
  fillShape(
    ctx,
    VIEW,
    [
      [-11.1, 8.1, WALL_Z - 0.8],
      [11.1, 8.1, WALL_Z - 0.8],
      [10.2, 9.3, WALL_Z + 2],
      [-10.2, 9.3, WALL_Z + 2],
    ],
    '#56616d',
  );
  for (const x of [-8, -4.6, 4.6, 8]) {
    window(ctx, x, 1.4, 2.2, 1.9);
    window(ctx, x, 5.2, 2.2, 1.7);
  }
  window(ctx, 0, 5.2, 2.6, 1.7);
  panel(ctx, [-2.5, 0.4, 2.5, 4.15], '#ddd3c0');
}

function porch(ctx: Canvas2D): void {
  fillGround(ctx, VIEW, [-3.6, 13.2, 4.4, WALL_Z], 'rgba(16,22,44,0.16)');
  drawBox(ctx, VIEW, { at: { x: 0, z: 15.1 }, length: 7, width: 3.8, height: 0.16, colour: '#c9c5ba', light: LIGHT });
  drawBox(ctx, VIEW, {
    at: { x: 0, y: 0.16, z: 15.3 },
    length: 6.4,
    width: 3.4,
    height: 0.16,
    colour: '#d3cfc4',
    light: LIGHT,
  });
  drawBox(ctx, VIEW, {
    at: { x: 0, y: 0.32, z: 15.5 },
    length: 5.8,
    width: 3,
    height: 0.16,
    colour: '#dcd8cd',
    light: LIGHT,
  });
}

function boards(ctx: Canvas2D): void {
  for (const [x, text, colour] of [
    [-2.02, '清河村村民委员会', '#23262c'],
    [2.02, '清河村便民服务站', '#b3261e'],
  ] as const) {
    panel(ctx, [x - 0.25, FLOOR + 0.5, x + 0.25, FLOOR + 3], '#b9a27c', WALL_Z - 0.06);
    panel(ctx, [x - 0.21, FLOOR + 0.54, x + 0.21, FLOOR + 2.96], '#fbfaf4', WALL_Z - 0.08);
    drawSign(ctx, VIEW, [x, FLOOR + 1.75, WALL_Z - 0.1], { text, sizeM: 0.255, colour, vertical: true, weight: 800 });
  }
}

function canopy(ctx: Canvas2D): void {
  for (const x of [-2.85, 2.85]) {
    drawBox(ctx, VIEW, {
      at: { x, y: FLOOR, z: 14.3 },
      length: 0.42,
      width: 0.42,
      height: 3.2,
      colour: '#e3dac8',
      light: LIGHT,
    });
    drawBox(ctx, VIEW, {
      at: { x, y: FLOOR, z: 14.3 },
      length: 0.56,
      width: 0.56,
      height: 0.4,
      colour: '#a9a297',
      light: LIGHT,
    });
  }
  drawBox(ctx, VIEW, {
    at: { x: 0, y: 3.68, z: 15.4 },
    length: 7.2,
    width: 3,
    height: 0.85,
    colour: '#b04338',
    light: LIGHT,
  });
  drawSign(ctx, VIEW, [0, 4.1, 13.8], { text: '为人民服务', sizeM: 0.58, colour: '#f7dc94', weight: 800 });
}

/** The lobby seen through the doors, its lamps on. */
function lobby(ctx: Canvas2D): void {
  panel(ctx, [-DOOR_HALF, FLOOR, DOOR_HALF, DOOR_TOP], '#6f6a62');
  fillShape(
    ctx,
    VIEW,
    [
      [-DOOR_HALF, FLOOR, WALL_Z],
      [DOOR_HALF, FLOOR, WALL_Z],
      [2, FLOOR, WALL_Z + 6],
      [-2, FLOOR, WALL_Z + 6],
    ],
    '#b8ab93',
  );
  panel(ctx, [-2.6, FLOOR, 2.6, 4.2], '#e7dabb', WALL_Z + 6);
  panel(ctx, [-1.1, FLOOR, 1.1, FLOOR + 1], '#8a6747', WALL_Z + 5);
  panel(ctx, [-1.1, FLOOR + 0.95, 1.1, FLOOR + 1.05], '#b58b5f', WALL_Z + 5);
  panel(ctx, [-1, FLOOR + 1.6, 1, FLOOR + 2.2], '#3c6e9e', WALL_Z + 5.9);
  drawSign(ctx, VIEW, [0, FLOOR + 1.9, WALL_Z + 5.8], { text: '服务台', sizeM: 0.42, colour: '#f5f8fb' });
}

/** One glass leaf, hinged at its outer edge and swinging into the lobby. */
function leaf(ctx: Canvas2D, side: -1 | 1, open: number): void {
  const angle = open * 1.35;
  const at = (out: number, y: number): Vec3 => [
    side * (DOOR_HALF - Math.cos(angle) * out),
    FLOOR + y,
    WALL_Z - 0.05 + Math.sin(angle) * out,
  ];
  const quad = (x0: number, y0: number, x1: number, y1: number, colour: string) =>
    fillShape(ctx, VIEW, [at(x0, y0), at(x1, y0), at(x1, y1), at(x0, y1)], colour);
  const wide = DOOR_HALF - 0.02;
  quad(0.06, 0.06, wide - 0.06, 2.69, `rgba(122,168,190,${0.62 - open * 0.25})`);
  fillShape(ctx, VIEW, [at(0.2, 0.1), at(0.5, 0.1), at(1.05, 2.6), at(0.75, 2.6)], 'rgba(255,255,255,0.2)');
  const frame = mix('#4a5560', '#2f3a44', open);
  quad(0, 0, 0.08, 2.75, frame);
  quad(wide - 0.08, 0, wide, 2.75, frame);
  quad(0, 0, wide, 0.12, frame);
  quad(0, 2.65, wide, 2.75, frame);
  quad(wide - 0.24, 0.85, wide - 0.17, 1.65, '#d9dde0');
}

function doors(ctx: Canvas2D, open: number, inside: () => void): void {
  ctx.save();
  trace(
    ctx,
    (
      [
        [-DOOR_HALF, FLOOR, WALL_Z],
        [DOOR_HALF, FLOOR, WALL_Z],
        [DOOR_HALF, DOOR_TOP, WALL_Z],
        [-DOOR_HALF, DOOR_TOP, WALL_Z],
      ] as Vec3[]
    ).map((point) => project(VIEW, point)),
  );
  ctx.clip();
  lobby(ctx);
  inside();
  leaf(ctx, -1, open * 0.12);
  leaf(ctx, 1, open);
  ctx.restore();
  for (const x of [-DOOR_HALF - 0.1, DOOR_HALF])
    panel(ctx, [x, FLOOR, x + 0.1, DOOR_TOP + 0.12], '#3b4650', WALL_Z - 0.03);
  panel(ctx, [-DOOR_HALF - 0.1, DOOR_TOP, DOOR_HALF + 0.1, DOOR_TOP + 0.14], '#3b4650', WALL_Z - 0.03);
}

/** The door's reader: blue while it waits, green while the door is released. */
function reader(ctx: Canvas2D, released: boolean): void {
  const x = DOOR_HALF + 0.3;
  panel(ctx, [x - 0.13, FLOOR + 1.1, x + 0.13, FLOOR + 1.62], '#1d242c', WALL_Z - 0.07);
  const colour = released ? '#3fdc86' : '#55a9ff';
  panel(ctx, [x - 0.09, FLOOR + 1.22, x + 0.09, FLOOR + 1.56], mix(colour, '#101820', 0.35), WALL_Z - 0.08);
  const [sx, sy] = project(VIEW, [x, FLOOR + 1.4, WALL_Z]);
  const glow = ctx.createRadialGradient(sx, sy, 2, sx, sy, 42);
  glow.addColorStop(0, `${colour}b0`);
  glow.addColorStop(1, `${colour}00`);
  ctx.fillStyle = glow;
  ctx.fillRect(sx - 42, sy - 42, 84, 84);
}

const VISITOR: Look = { jacket: '#3f7f8c', trousers: '#343a48', carries: 'bag' };

/** The village committee's entrance with its smart door. */
export const committeeEntrance: Scene = {
  id: 'committee-entrance',
  titleZh: '村委会 智能门',
  titleEn: 'Village Committee Entrance',
  snapshotAtSeconds: 8,
  backdrop(ctx) {
    surroundings(ctx);
    building(ctx);
    porch(ctx);
    drawHedge(ctx, VIEW, {
      from: [-9, 0, 15.4],
      to: [-4.2, 0, 15.4],
      count: 8,
      radiusM: 0.5,
      colour: '#5f8d4a',
      seed: 12,
      flowers: '#e7a1b0',
    });
    drawHedge(ctx, VIEW, {
      from: [4.2, 0, 15.4],
      to: [9, 0, 15.4],
      count: 8,
      radiusM: 0.5,
      colour: '#5f8d4a',
      seed: 15,
      flowers: '#f2d06b',
    });
  },
  action(ctx, t) {
    const open = hold(t, 6.6, 7.7, 9.8, 11.2);
    const z = lerp(5, 16.4, ramp(t, 0, 6.4)) + lerp(0, 5.4, ramp(t, 7.4, 10.4));
    const y = Math.max(0, FLOOR * ease(z, 13.1, 14.2));
    const x = 0.55;
    const turn = 1.4 * ease(t, 8.8, 10.4);
    const moving = t < 6.4 || t > 7.4;
    const visitor = () =>
      drawPerson(ctx, VIEW, [x + turn, y, z], { look: VISITOR, facing: 'far', ...(moving && { steps: z / 0.7 }) });
    boards(ctx);
    reader(ctx, t > 6.3 && t < 10);
    doors(ctx, open, () => {
      if (z > WALL_Z && t < 10.6) visitor();
    });
    if (z <= WALL_Z) visitor();
    canopy(ctx);
    for (const side of [-2.3, 2.3])
      drawLantern(ctx, VIEW, [side, 3.68, 14], 0.5, Math.sin((t * Math.PI * 2) / 4 + side) * 0.05);
    const passer = lerp(-6.6, 6.6, ramp(t, 6, 11.9));
    if (t > 6)
      drawPerson(ctx, VIEW, [passer, 0, 10.6], {
        look: { jacket: '#c98a3a', hat: 'straw' },
        facing: 'right',
        steps: passer / 0.7 + 30,
      });
  },
};
