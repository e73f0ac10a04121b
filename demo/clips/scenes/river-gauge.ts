import type { Canvas2D, Gradient } from '../canvas.ts';
import { drawHouse } from '../kit/houses.ts';
import { ease, lerp, seeded } from '../kit/motion.ts';
import { drawPerson } from '../kit/people.ts';
import { drawHedge, drawPoplar, drawTree, drawWillow } from '../kit/plants.ts';
import { drawCloud, drawHills, drawSky } from '../kit/sky.ts';
import { DAYLIGHT, drawBox, drawSolid, type Face, placed } from '../kit/solid.ts';
import { drawGround, drawSign } from '../kit/street.ts';
import { fillGround, fillShape, pixelsPerMetre, project, strokeLine, type Vec3, viewOf } from '../kit/view.ts';
import type { Scene } from '../scene.ts';

const VIEW = viewOf(930, 236, 5.2, 560);
const LIGHT = { ...DAYLIGHT, haze: { colour: '#d3e0df', fullAtM: 190 } };
const GAUGE: Vec3 = [2, -1.4, 14.2];
const STAFF_TOP = 2.3;

/** The near bank slopes from the path down into the river; at water level `y` the shore is here. */
function shoreX(level: number, z: number): number {
  return 3.1 + (level + 1.4) * 1.55 + Math.sin(z * 0.13) * 0.4 + z * 0.035;
}

function farShore(ctx: Canvas2D): void {
  drawSky(ctx, VIEW.horizonPx, ['#7fa9c6', '#abcbd9', '#dbe6e2', '#f1eedd']);
  drawCloud(ctx, 240, 90, 150, 0.7);
  drawCloud(ctx, 760, 70, 110, 0.6);
  drawHills(ctx, { footPx: VIEW.horizonPx + 2, heightPx: 165, near: '#6a9384', haze: '#d3e2e0', seed: 54 });
  drawGround(ctx, VIEW, '#b5c98f', '#cbd8ae');
  fillGround(ctx, VIEW, [-200, 70, 120, 76], '#a5a894');
  for (const [x, z, length] of [
    [-48, 96, 10],
    [-34, 92, 9],
    [-12, 98, 11],
    [18, 94, 9],
  ] as const) {
    drawHouse(ctx, VIEW, {
      at: { x, z },
      length,
      depth: 7,
      eavesM: 5.4,
      ridgeM: 7.6,
      storeys: 2,
      windows: 4,
      light: LIGHT,
    });
  }
  for (let x = -60; x < 34; x += 6.5) drawPoplar(ctx, VIEW, [x + Math.sin(x) * 2, 0, 86], 9, '#7ba05f');
  for (const [x, z] of [
    [-40, 78],
    [-25, 80],
    [-3, 78],
    [14, 79],
    [24, 80],
  ] as const)
    drawWillow(ctx, VIEW, [x, 0, z], { heightM: 8.5, seed: x + 70 });
}

function bridge(ctx: Canvas2D): void {
  for (const x of [-44, -31, -18, -5, 8])
    drawBox(ctx, VIEW, {
      at: { x, y: -2, z: 66 },
      length: 1.4,
      width: 3,
      height: 4.2,
      colour: '#b3b0a6',
      light: LIGHT,
    });
  drawBox(ctx, VIEW, {
    at: { x: -24, y: 2.2, z: 66 },
    length: 90,
    width: 4,
    height: 0.8,
    colour: '#c8c4b8',
    light: LIGHT,
  });
  for (let x = -66; x < 20; x += 2.4)
    drawBox(ctx, VIEW, {
      at: { x, y: 3, z: 64.2 },
      length: 0.25,
      width: 0.2,
      height: 0.9,
      colour: '#dcd8cc',
      light: LIGHT,
    });
  drawBox(ctx, VIEW, {
    at: { x: -24, y: 3.8, z: 64.2 },
    length: 90,
    width: 0.2,
    height: 0.14,
    colour: '#e4e0d6',
    light: LIGHT,
  });
}

function waterColours(ctx: Canvas2D, farPx: number): Gradient {
  const run = ctx.createLinearGradient(0, farPx, 0, 720);
  run.addColorStop(0, '#c4d6d3');
  run.addColorStop(0.12, '#9fbdc0');
  run.addColorStop(0.5, '#6f999f');
  run.addColorStop(1, '#4f7c84');
  return run;
}

function water(ctx: Canvas2D, level: number, t: number): void {
  const far = project(VIEW, [0, level, 74])[1];
  const shore: Vec3[] = Array.from({ length: 18 }, (_, index) => {
    const z = 4 + (index / 17) ** 2 * 70;
    return [shoreX(level, z), level, z];
  });
  fillShape(ctx, VIEW, [[-140, level, 74], [-60, level, 4], ...shore], waterColours(ctx, far));
  ctx.lineCap = 'round';
  strokeLine(ctx, VIEW, shore, { colour: 'rgba(238,246,240,0.55)', widthM: 0.1 });
  const next = seeded(77);
  for (let wave = 0; wave < 92; wave += 1) {
    const z = 7 + next() ** 1.7 * 62;
    const turns = 1 + Math.floor(next() * 2);
    const phase = next() * Math.PI * 2 + (t / 12) * Math.PI * 2 * turns;
    const base = lerp(-z * 0.62 - 2, shoreX(level, z) - 1.2, next());
    const length = 0.5 + next() * 1.1 + Math.sin(phase * 2) * 0.25;
    const x = base + Math.sin(phase) * 0.5;
    if (x + length > shoreX(level, z) - 0.3) continue;
    const [sx, sy] = project(VIEW, [x, level + 0.02, z]);
    const scale = pixelsPerMetre(VIEW, z);
    ctx.strokeStyle = `rgba(235,246,244,${0.16 + 0.3 * (0.5 + Math.sin(phase * 2 + 1) * 0.5)})`;
    ctx.lineWidth = Math.max(1, scale * 0.035);
    ctx.beginPath();
    ctx.moveTo(sx - length * scale, sy);
    ctx.quadraticCurveTo(sx, sy - scale * 0.09, sx + length * scale, sy);
    ctx.stroke();
  }
}

function hull(): Face[] {
  const ring = (up: number, grow: number): Vec3[] => [
    [3.6 * grow + up * 0.5, up, 0],
    [2.2 * grow, up, -0.85 * grow],
    [-3 * grow, up, -0.75 * grow],
    [-3 * grow, up, 0.75 * grow],
    [2.2 * grow, up, 0.85 * grow],
  ];
  const low = ring(-0.1, 0.86);
  const high = ring(0.62, 1);
  const band = ring(0.42, 0.99);
  const strip = (from: Vec3[], to: Vec3[], colour: string): Face[] =>
    from.map((point, index) => {
      const next = (index + 1) % from.length;
      return { colour, points: [point, from[next] ?? point, to[next] ?? point, to[index] ?? point] };
    });
  return [...strip(low, band, '#7a5238'), ...strip(band, high, '#d2ad74'), { colour: '#94714f', points: high }];
}

function boat(ctx: Canvas2D, level: number, t: number): void {
  const s = t / 12;
  const bend = (from: number, over: number, to: number) => (1 - s) ** 2 * from + 2 * s * (1 - s) * over + s ** 2 * to;
  const slope = (from: number, over: number, to: number) => (1 - s) * (over - from) + s * (to - over);
  const at = {
    x: bend(-46, 22, -26),
    y: level + Math.sin(t * Math.PI) * 0.05,
    z: bend(56, 34, 17),
    yaw: Math.atan2(slope(56, 34, 17), slope(-46, 22, -26)),
  };
  for (const side of [-1, 1]) {
    const wake: Vec3[] = [
      [2.4, 0, side * 0.3],
      [-11, 0, side * 3.4],
      [-10, 0, side * 2.3],
    ];
    fillShape(
      ctx,
      VIEW,
      wake.map((point) => placed({ ...at, y: level }, point)),
      'rgba(236,246,244,0.42)',
    );
  }
  fillShape(
    ctx,
    VIEW,
    (
      [
        [3.6, 0, 0],
        [2, 0, -1.3],
        [-3.2, 0, -1.2],
        [-3.2, 0, 1.2],
        [2, 0, 1.3],
      ] as Vec3[]
    ).map((point) => placed({ ...at, y: level }, point)),
    'rgba(24,52,62,0.35)',
  );
  drawSolid(ctx, VIEW, { faces: hull(), at, light: LIGHT, inside: [0, 0.2, 0] });
  const arch = Array.from({ length: 9 }, (_, index) => {
    const angle = (index / 8) * Math.PI;
    return [0.3 - Math.cos(angle) * 0.05, angle] as const;
  });
  const canopy = arch.slice(1).map(([, angle], index): Face => {
    const before = arch[index]?.[1] ?? 0;
    const rim = (ahead: number, turn: number): Vec3 => [ahead, 0.6 + Math.sin(turn) * 0.95, Math.cos(turn) * 0.74];
    return { colour: '#98a07a', points: [rim(-1.4, before), rim(1.4, before), rim(1.4, angle), rim(-1.4, angle)] };
  });
  const [mx, my, mz] = placed(at, [-2.3, 0.5, 0]);
  const boatman = () =>
    drawPerson(ctx, VIEW, [mx, my, mz], {
      look: { jacket: '#35536f', hat: 'straw' },
      facing: Math.cos(at.yaw) > 0 ? 'right' : 'left',
      shadow: false,
    });
  const end: Face = {
    colour: '#4a4c3c',
    points: arch.map(([, angle]): Vec3 => [1.4, 0.6 + Math.sin(angle) * 0.95, Math.cos(angle) * 0.74]),
  };
  const canopyCall = () => drawSolid(ctx, VIEW, { faces: [...canopy, end], at, light: LIGHT, inside: [0, 0.7, 0] });
  if (mz > at.z) {
    boatman();
    canopyCall();
  } else {
    canopyCall();
    boatman();
  }
}

function nearBank(ctx: Canvas2D): void {
  const edge = (level: number): Vec3[] =>
    Array.from({ length: 18 }, (_, index) => {
      const z = 3.2 + (index / 17) ** 2 * 70.6;
      return [shoreX(level, z), level, z];
    });
  fillShape(ctx, VIEW, [...edge(-2.6), ...edge(0).reverse()], '#a9a697');
  for (let level = -2.2; level < 0; level += 0.36)
    strokeLine(ctx, VIEW, edge(level), { colour: 'rgba(96,98,92,0.5)', widthM: 0.05 });
  for (let z = 5; z < 60; z += 1.6 + z * 0.04)
    strokeLine(
      ctx,
      VIEW,
      [
        [shoreX(-2.4, z), -2.4, z],
        [shoreX(0, z), 0, z],
      ],
      { colour: 'rgba(96,98,92,0.4)', widthM: 0.035 },
    );
  fillShape(ctx, VIEW, [...edge(0), [90, 0, 87], [60, 0, 3.2]], '#93b06a');
  const lane = (out: number): Vec3[] => edge(0).map(([x, , z]) => [x + out, 0, z]);
  fillShape(ctx, VIEW, [...lane(0), ...lane(0.5).reverse()], '#d5d0c2');
  fillShape(ctx, VIEW, [...lane(1), ...lane(3.4).reverse()], '#c4b9a2');
  for (const [x, z] of [
    [27, 70],
    [22, 48],
    [17.6, 32],
  ] as const)
    drawTree(ctx, VIEW, [x, 0, z], { heightM: 7, colour: '#6f9850', seed: z });
  drawHedge(ctx, VIEW, {
    from: [11.6, 0, 11],
    to: [17, 0, 26],
    count: 9,
    radiusM: 0.7,
    colour: '#5f8d4a',
    seed: 17,
    flowers: '#f2d06b',
  });
}

function railing(ctx: Canvas2D): void {
  const posts = Array.from({ length: 16 }, (_, index) => 34 - index * 1.9).filter((z) => z > 4.8);
  const along = (up: number): Vec3[] => posts.map((z) => [shoreX(0, z) + 0.25, up, z]);
  for (const up of [0.55, 1]) strokeLine(ctx, VIEW, along(up), { colour: '#e9ece9', widthM: 0.12 });
  for (const z of posts)
    drawBox(ctx, VIEW, {
      at: { x: shoreX(0, z) + 0.25, z },
      length: 0.16,
      width: 0.16,
      height: 1.12,
      colour: '#dfe3e0',
      light: LIGHT,
    });
}

function gauge(ctx: Canvas2D): void {
  const [x, , z] = GAUGE;
  drawBox(ctx, VIEW, {
    at: { x: x + 0.55, y: -2.6, z: z + 0.2 },
    length: 0.24,
    width: 0.24,
    height: STAFF_TOP + 2.6,
    colour: '#8b929a',
  });
  const s = pixelsPerMetre(VIEW, z);
  const [sx, top] = project(VIEW, [x, STAFF_TOP, z]);
  ctx.fillStyle = '#f6f7f2';
  ctx.fillRect(sx - 0.45 * s, top, 0.9 * s, 5 * s);
  for (let tenth = 0; tenth < 50; tenth += 1) {
    const y = top + tenth * 0.1 * s;
    ctx.fillStyle = Math.floor(tenth / 10) % 2 === 0 ? '#c8372d' : '#2b5ea0';
    if (tenth % 2 === 0) ctx.fillRect(sx - 0.45 * s, y, 0.45 * s, 0.1 * s);
    if (tenth % 10 < 5) ctx.fillRect(sx - 0.45 * s, y, 0.12 * s, 0.1 * s);
  }
  for (let metre = 0; metre < 5; metre += 1) {
    const colour = metre % 2 === 0 ? '#c8372d' : '#2b5ea0';
    drawSign(ctx, VIEW, [x + 0.22, STAFF_TOP - 0.3 - metre, z], {
      text: String(15 - metre),
      sizeM: 0.4,
      colour,
      weight: 800,
    });
  }
  ctx.fillStyle = '#2d5f8f';
  ctx.fillRect(sx - 0.85 * s, top - 0.56 * s, 1.7 * s, 0.5 * s);
  drawSign(ctx, VIEW, [x, STAFF_TOP + 0.31, z], { text: '清河水尺', sizeM: 0.35, colour: '#ffffff' });
}

function waterBeforeGauge(ctx: Canvas2D, level: number, t: number): void {
  const [x, , z] = GAUGE;
  const s = pixelsPerMetre(VIEW, z);
  const [sx, sy] = project(VIEW, [x, level, z]);
  const far = project(VIEW, [0, level, 74])[1];
  ctx.fillStyle = waterColours(ctx, far);
  ctx.fillRect(sx - 0.5 * s, sy, 1.3 * s, 720 - sy);
  ctx.fillStyle = 'rgba(200,55,45,0.16)';
  ctx.fillRect(sx - 0.45 * s, sy, 0.5 * s, 0.5 * s);
  ctx.fillStyle = 'rgba(246,247,242,0.16)';
  ctx.fillRect(sx - 0.45 * s, sy, 0.9 * s, 0.7 * s);
  ctx.fillStyle = 'rgba(236,246,244,0.75)';
  ctx.beginPath();
  ctx.ellipse(sx + 0.06 * s, sy + 1, 0.66 * s, 2.5 + Math.abs(Math.sin(t * Math.PI)) * 2, 0, 0, Math.PI * 2);
  ctx.fill();
}

/** The river below the bridge; the water climbs the gauge during a flood wave. */
export const riverGauge: Scene = {
  id: 'river-gauge',
  titleZh: '清河 水位站',
  titleEn: 'Qinghe River Gauge',
  snapshotAtSeconds: 7.8,
  backdrop(ctx) {
    farShore(ctx);
    nearBank(ctx);
  },
  action(ctx, t) {
    const level = -1.45 + 1.2 * (ease(t, 0.3, 9) - ease(t, 9.6, 12));
    water(ctx, level, t);
    bridge(ctx);
    railing(ctx);
    boat(ctx, level, t);
    gauge(ctx);
    waterBeforeGauge(ctx, level, t);
  },
};
