import type { Canvas2D } from '../canvas.ts';
import { shade } from '../kit/colour.ts';
import { ease, hold, lerp, ramp } from '../kit/motion.ts';
import { drawPerson, type Look } from '../kit/people.ts';
import { drawSign } from '../kit/street.ts';
import { fillGround, fillShape, project, standing, trace, type Vec3, viewOf } from '../kit/view.ts';
import type { Scene } from '../scene.ts';

const VIEW = viewOf(800, 258, 2.4, 430);
const LEFT = -0.85;
const RIGHT = 2.55;
const wallX = (side: number) => (side < 0 ? LEFT : RIGHT);
const CEILING = 2.95;
const END = 21;
const DOOR_Z = [4.7, 8.9, 13.1, 17.3] as const;
const DOOR_WIDTH = 1.15;
const DOOR_HEIGHT = 2.15;
const LABELS = ['档案室', '便民服务', '会议室', '值班室'];

/** A rectangle on the left (-1) or right (1) wall between two distances and heights. */
function onWall(
  ctx: Canvas2D,
  side: number,
  box: readonly [number, number, number, number],
  colour: string,
  inset = 0,
): void {
  const x = wallX(side) - side * inset;
  const [z0, y0, z1, y1] = box;
  const corners: Vec3[] = [
    [x, y0, z0],
    [x, y0, z1],
    [x, y1, z1],
    [x, y1, z0],
  ];
  fillShape(ctx, VIEW, corners, colour);
}

function shell(ctx: Canvas2D): void {
  ctx.fillStyle = '#c9d0d2';
  ctx.fillRect(0, 0, 1280, 720);
  const floor = ctx.createLinearGradient(0, project(VIEW, [0, 0, END])[1], 0, 720);
  floor.addColorStop(0, '#dfe3e0');
  floor.addColorStop(0.35, '#b9c2c3');
  floor.addColorStop(1, '#8e9a9f');
  fillGround(ctx, VIEW, [LEFT, 1.2, RIGHT, END], floor);
  for (let z = 2; z < END; z += 0.8) fillGround(ctx, VIEW, [LEFT, z, RIGHT, z + 0.018], 'rgba(70,84,92,0.28)');
  for (const x of [-0.1, 0.6, 1.3, 2]) fillGround(ctx, VIEW, [x, 1.2, x + 0.012, END], 'rgba(70,84,92,0.24)');
  fillGround(ctx, VIEW, [LEFT, 1, RIGHT, END], '#eef0ec', CEILING);
  for (let z = 1.6; z < END; z += 0.6)
    fillGround(ctx, VIEW, [LEFT, z, RIGHT, z + 0.02], 'rgba(120,130,136,0.3)', CEILING);
  for (const side of [-1, 1]) {
    onWall(ctx, side, [0.6, 0, END, CEILING], side < 0 ? '#dcdcd0' : '#e9e7da');
    onWall(ctx, side, [0.6, 0, END, 1.05], side < 0 ? '#8fae9f' : '#9dbcab');
    onWall(ctx, side, [0.6, 1.05, END, 1.1], '#6f8f80');
    onWall(ctx, side, [0.6, 0, END, 0.13], '#58686b');
  }
}

function farEnd(ctx: Canvas2D): void {
  const back = (x0: number, y0: number, x1: number, y1: number, colour: string | object) => {
    const a = project(VIEW, [x0, y1, END]);
    const b = project(VIEW, [x1, y0, END]);
    ctx.fillStyle = colour;
    ctx.fillRect(a[0], a[1], b[0] - a[0], b[1] - a[1]);
  };
  back(LEFT, 0, RIGHT, CEILING, '#e3e3d8');
  back(LEFT, 0, RIGHT, 1.05, '#98b6a6');
  back(-0.28, 0.82, 1.98, 2.42, '#8d9894');
  const [, top] = project(VIEW, [0, 2.4, END]);
  const [, foot] = project(VIEW, [0, 0.85, END]);
  const day = ctx.createLinearGradient(0, top, 0, foot);
  day.addColorStop(0, '#cfe8f4');
  day.addColorStop(0.62, '#f3f6e6');
  day.addColorStop(0.66, '#a9c48a');
  day.addColorStop(1, '#86ab68');
  back(-0.2, 0.9, 0.82, 2.36, day);
  back(0.88, 0.9, 1.9, 2.36, day);
  const glare = ctx.createRadialGradient(462, 262, 4, 462, 300, 190);
  glare.addColorStop(0, 'rgba(255,255,240,0.55)');
  glare.addColorStop(1, 'rgba(255,255,240,0)');
  ctx.fillStyle = glare;
  ctx.fillRect(262, 100, 400, 400);
}

function panels(ctx: Canvas2D): void {
  for (let z = 3; z < END; z += 3) {
    fillGround(ctx, VIEW, [0.23, z, 1.47, z + 1.1], '#ffffff', CEILING - 0.01);
    fillGround(ctx, VIEW, [0.3, z + 0.06, 1.4, z + 1.04], '#fffdf2', CEILING - 0.012);
    // The lamp's reflection in the polished floor.
    fillGround(ctx, VIEW, [0.45, z, 1.25, z + 1], 'rgba(255,255,255,0.16)');
    fillGround(ctx, VIEW, [0.6, z + 0.1, 1.1, z + 0.9], 'rgba(255,255,255,0.2)');
  }
}

function doorway(ctx: Canvas2D, side: number, z: number, label: string): void {
  onWall(ctx, side, [z - 0.1, 0, z + DOOR_WIDTH + 0.1, DOOR_HEIGHT + 0.1], '#7d6a55', 0.005);
  onWall(ctx, side, [z, 0, z + DOOR_WIDTH, DOOR_HEIGHT], '#a57c55', 0.01);
  onWall(ctx, side, [z + 0.16, 1.2, z + DOOR_WIDTH - 0.16, DOOR_HEIGHT - 0.18], '#94b1ba', 0.014);
  onWall(ctx, side, [z + 0.16, 0.2, z + DOOR_WIDTH - 0.16, 1], '#96704c', 0.014);
  onWall(ctx, side, [z + 0.05, 0.98, z + 0.12, 1.1], '#e4e1d8', 0.02);
  // A plate sticks out from the wall so that it can be read along the corridor.
  if (label === '') return;
  const at: Vec3 = [wallX(side) - side * 0.24, 2.47, z - 0.05];
  standing(ctx, VIEW, at, () => {
    ctx.fillStyle = '#2d5f8f';
    ctx.fillRect(-0.23, -0.1, 0.46, 0.2);
  });
  drawSign(ctx, VIEW, at, { text: label, sizeM: label.length > 3 ? 0.1 : 0.135, colour: '#f5f8fb' });
}

const OPEN_Z = DOOR_Z[0];

/** The room behind the open door, and the leaf that swings into it. */
function openDoor(ctx: Canvas2D, open: number, inRoom: () => void): void {
  const a = OPEN_Z;
  const b = OPEN_Z + DOOR_WIDTH;
  const hole: Vec3[] = [
    [RIGHT, 0, a],
    [RIGHT, 0, b],
    [RIGHT, DOOR_HEIGHT, b],
    [RIGHT, DOOR_HEIGHT, a],
  ];
  ctx.save();
  trace(
    ctx,
    hole.map((point) => project(VIEW, point)),
  );
  ctx.clip();
  ctx.fillStyle = '#f1e4c4';
  ctx.fillRect(430, 0, 850, 720);
  fillShape(
    ctx,
    VIEW,
    [
      [RIGHT, 0, a - 0.2],
      [RIGHT + 4, 0, a - 0.2],
      [RIGHT + 4, 0, b + 1.9],
      [RIGHT, 0, b + 1.9],
    ],
    '#b9ab92',
  );
  const wall = b + 1.9;
  fillShape(
    ctx,
    VIEW,
    [
      [RIGHT, 0, wall],
      [RIGHT + 5, 0, wall],
      [RIGHT + 5, 3, wall],
      [RIGHT, 3, wall],
    ],
    '#e9dcbb',
  );
  for (let shelf = 0; shelf < 4; shelf += 1) {
    for (let file = 0; file < 12; file += 1) {
      const x = RIGHT + 0.2 + file * 0.22;
      const y = 0.15 + shelf * 0.52;
      const colour = ['#6f86a0', '#a8614e', '#7f9a72', '#c9a45c'][(file * 5 + shelf * 3) % 4] ?? '#6f86a0';
      fillShape(
        ctx,
        VIEW,
        [
          [x, y, wall],
          [x + 0.17, y, wall],
          [x + 0.17, y + 0.4, wall],
          [x, y + 0.4, wall],
        ],
        colour,
      );
    }
  }
  inRoom();
  const angle = open * 1.5;
  const leaf = (up: number, out: number): Vec3 => [RIGHT + Math.sin(angle) * out, up, a + Math.cos(angle) * out];
  fillShape(
    ctx,
    VIEW,
    [leaf(0, 0), leaf(0, DOOR_WIDTH), leaf(DOOR_HEIGHT, DOOR_WIDTH), leaf(DOOR_HEIGHT, 0)],
    shade('#a57c55', 1 - open * 0.12),
  );
  fillShape(ctx, VIEW, [leaf(1.2, 0.16), leaf(1.2, 1), leaf(1.95, 1), leaf(1.95, 0.16)], '#9cbac2');
  ctx.restore();
}

/** The stretch of a floor that light from the open door reaches. */
function spill(ctx: Canvas2D, open: number): void {
  if (open <= 0) return;
  const a = OPEN_Z;
  fillShape(
    ctx,
    VIEW,
    [
      [RIGHT, 0, a],
      [RIGHT, 0, a + DOOR_WIDTH],
      [0.8, 0, a + DOOR_WIDTH + 0.5],
      [0.8, 0, a - 0.5],
    ],
    `rgba(255,238,190,${0.4 * open})`,
  );
}

const CLERK: Look = { jacket: '#4a6f9c', trousers: '#2f3440', carries: 'box' };
const GUEST: Look = { jacket: '#a8523f', trousers: '#3a3f4b' };

/** A corridor of the township hall; one door opens and somebody carries a box in. */
export const officeCorridor: Scene = {
  id: 'office-corridor',
  titleZh: '镇政府 二楼走廊',
  titleEn: 'Town Hall Corridor 2F',
  snapshotAtSeconds: 5.2,
  vignette: 0.5,
  backdrop(ctx) {
    shell(ctx);
    farEnd(ctx);
    panels(ctx);
    DOOR_Z.forEach((z, index) => {
      if (index !== 0) doorway(ctx, 1, z, LABELS[index] ?? '');
      doorway(ctx, -1, z, index === 0 ? '民政办' : '');
    });
    doorway(ctx, 1, OPEN_Z, LABELS[0] ?? '');
  },
  action(ctx, t) {
    const open = hold(t, 3.6, 4.8, 7.4, 8.8);
    const clerkZ = lerp(1.4, OPEN_Z + 0.6, ramp(t, 0.1, 4.8));
    const enterX = lerp(1.2, RIGHT + 3, ease(t, 5, 7.8));
    const guestT = ramp(t, 6.4, 11.8);
    spill(ctx, open);
    openDoor(ctx, open, () => {
      if (enterX > RIGHT - 0.4)
        drawPerson(ctx, VIEW, [enterX, 0, OPEN_Z + 0.6], { look: CLERK, facing: 'right', steps: t * 1.9 });
    });
    if (guestT > 0 && guestT < 1) {
      // Comes out of the last door on the left, then walks towards the camera.
      ctx.save();
      ctx.beginPath();
      ctx.rect(project(VIEW, [LEFT, 0, 18.2])[0], 0, 1280, 720);
      if (guestT < 0.16) ctx.clip();
      const z = lerp(18, 1.4, ramp(guestT, 0.14, 1));
      const facing = guestT < 0.14 ? 'right' : 'near';
      drawPerson(ctx, VIEW, [lerp(LEFT - 0.6, 0.2, ramp(guestT, 0, 0.14)), 0, z], {
        look: GUEST,
        facing,
        steps: guestT * 25,
      });
      ctx.restore();
    }
    if (t < 5 && clerkZ > 1.45) drawPerson(ctx, VIEW, [1.2, 0, clerkZ], { look: CLERK, facing: 'far', steps: t * 2 });
    else if (t >= 5 && enterX <= RIGHT + 0.4) {
      ctx.save();
      const edge = project(VIEW, [RIGHT, 0, OPEN_Z])[0];
      ctx.beginPath();
      ctx.rect(0, 0, edge - 60, 720);
      ctx.clip();
      drawPerson(ctx, VIEW, [enterX, 0, OPEN_Z + 0.6], { look: CLERK, facing: 'right', steps: t * 1.9 });
      ctx.restore();
    }
  },
  foreground(ctx) {
    for (const z of [7.6, 15.8]) {
      standing(ctx, VIEW, [-0.5, 0, z], () => {
        ctx.fillStyle = 'rgba(20,26,48,0.25)';
        ctx.fillRect(-0.26, -0.03, 0.6, 0.06);
        ctx.fillStyle = '#f4f1e8';
        ctx.fillRect(-0.19, -0.36, 0.38, 0.36);
        for (const [dx, dy, tone] of [
          [-0.16, -0.75, 0.8],
          [0.17, -0.8, 0.9],
          [0, -1, 1.05],
          [-0.08, -0.62, 1],
        ] as const) {
          ctx.fillStyle = shade('#5f9c5c', tone);
          ctx.beginPath();
          ctx.ellipse(dx, dy, 0.13, 0.3, dx * 2.2, 0, Math.PI * 2);
          ctx.fill();
        }
      });
    }
  },
};
