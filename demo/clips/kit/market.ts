import type { Canvas2D } from '../canvas.ts';
import { alpha, shade } from './colour.ts';
import { seeded } from './motion.ts';
import { drawBox, type Lighting } from './solid.ts';
import { drawSign } from './street.ts';
import { fillShape, groundShadow, project, standing, type Vec3, type View } from './view.ts';

/** A stall: table with crates of produce under a striped awning. */
export function drawStall(
  ctx: Canvas2D,
  view: View,
  stall: {
    x: number;
    z: number;
    width: number;
    colour: string;
    produce: readonly string[];
    seed: number;
    light: Lighting;
  },
): void {
  const { x, z, width, light } = stall;
  const half = width / 2;
  fillShape(
    ctx,
    view,
    [
      [x - half, 0, z - 0.9],
      [x + half + 0.5, 0, z - 0.9],
      [x + half + 0.5, 0, z + 1.2],
      [x - half, 0, z + 1.2],
    ],
    'rgba(16,22,44,0.16)',
  );
  for (const side of [-1, 1])
    drawBox(ctx, view, {
      at: { x: x + side * (half - 0.08), z: z + 0.8 },
      length: 0.09,
      width: 0.09,
      height: 2.5,
      colour: '#c9ccc9',
      light,
    });
  drawBox(ctx, view, { at: { x, z }, length: width - 0.3, width: 1.1, height: 0.85, colour: '#a98660', light });
  const next = seeded(stall.seed);
  const crates = Math.max(2, Math.floor((width - 0.3) / 0.75));
  for (let crate = 0; crate < crates; crate += 1) {
    const cx = x - half + 0.15 + (crate + 0.5) * ((width - 0.3) / crates);
    drawBox(ctx, view, {
      at: { x: cx, y: 0.85, z: z - 0.1 },
      length: 0.64,
      width: 0.72,
      height: 0.16,
      colour: '#c7a673',
      light,
    });
    const colour = stall.produce[crate % stall.produce.length] ?? '#d2553f';
    for (let row = 2; row >= 0; row -= 1) {
      for (let piece = 0; piece < 4; piece += 1) {
        const at: Vec3 = [
          cx - 0.24 + piece * 0.16 + (next() - 0.5) * 0.03,
          1.06 + next() * 0.04,
          z - 0.36 + row * 0.24,
        ];
        const [px, py] = project(view, at);
        ctx.fillStyle = shade(colour, 0.86 + next() * 0.28);
        ctx.beginPath();
        ctx.arc(px, py, (0.1 * view.focalPx) / z, 0, Math.PI * 2);
        ctx.fill();
      }
    }
  }
  const stripes = Math.round(width / 0.4);
  for (let stripe = 0; stripe < stripes; stripe += 1) {
    const a = x - half - 0.15 + (stripe * (width + 0.3)) / stripes;
    const b = x - half - 0.15 + ((stripe + 1) * (width + 0.3)) / stripes;
    const colour = stripe % 2 === 0 ? stall.colour : '#f3efe4';
    fillShape(
      ctx,
      view,
      [
        [a, 2.25, z - 1],
        [b, 2.25, z - 1],
        [b, 2.75, z + 1],
        [a, 2.75, z + 1],
      ],
      shade(colour, 1),
    );
    fillShape(
      ctx,
      view,
      [
        [a, 2.25, z - 1],
        [b, 2.25, z - 1],
        [b, 2, z - 1],
        [a, 2, z - 1],
      ],
      shade(colour, 0.82),
    );
  }
  for (const side of [-1, 1])
    drawBox(ctx, view, {
      at: { x: x + side * (half - 0.08), z: z - 0.85 },
      length: 0.09,
      width: 0.09,
      height: 2.25,
      colour: '#d3d6d2',
      light,
    });
}

/** The emergency help pillar: button, speaker grille, a blue beacon. */
export function drawHelpPillar(ctx: Canvas2D, view: View, at: Vec3, beaconOn: boolean): void {
  groundShadow(ctx, view, at, 0.5, 0.34);
  drawBox(ctx, view, { at: { x: at[0], z: at[2] }, length: 0.9, width: 0.7, height: 0.16, colour: '#9aa0a4' });
  drawBox(ctx, view, {
    at: { x: at[0], y: 0.16, z: at[2] },
    length: 0.62,
    width: 0.42,
    height: 2.3,
    colour: '#2c6bc0',
  });
  standing(ctx, view, [at[0], 0, at[2] - 0.22], () => {
    ctx.fillStyle = '#f5c93a';
    ctx.fillRect(-0.31, -2.12, 0.62, 0.4);
    ctx.fillStyle = '#e9eef3';
    ctx.beginPath();
    ctx.roundRect(-0.22, -1.62, 0.44, 0.62, 0.05);
    ctx.fill();
    ctx.fillStyle = '#5d6872';
    for (let row = 0; row < 4; row += 1) ctx.fillRect(-0.14, -1.56 + row * 0.05, 0.28, 0.022);
    ctx.fillStyle = '#a3281f';
    ctx.beginPath();
    ctx.arc(0, -1.19, 0.125, 0, Math.PI * 2);
    ctx.fill();
    ctx.fillStyle = '#e0392d';
    ctx.beginPath();
    ctx.arc(0, -1.2, 0.1, 0, Math.PI * 2);
    ctx.fill();
    ctx.fillStyle = '#1d2a3a';
    ctx.beginPath();
    ctx.arc(0, -2.32, 0.05, 0, Math.PI * 2);
    ctx.fill();
  });
  drawSign(ctx, view, [at[0], 1.92, at[2] - 0.22], { text: 'SOS', sizeM: 0.31, colour: '#16356a', weight: 900 });
  drawSign(ctx, view, [at[0], 0.6, at[2] - 0.22], { text: '一键求助', sizeM: 0.14, colour: '#ffffff', vertical: true });
  standing(ctx, view, [at[0], 2.46, at[2]], () => {
    if (beaconOn) {
      const glow = ctx.createRadialGradient(0, -0.14, 0.03, 0, -0.14, 0.55);
      glow.addColorStop(0, alpha('#8cc4ff', 0.9));
      glow.addColorStop(1, alpha('#6fb4ff', 0));
      ctx.fillStyle = glow;
      ctx.fillRect(-0.6, -0.7, 1.2, 1.2);
    }
    ctx.fillStyle = beaconOn ? '#a9d4ff' : '#2f6fc9';
    ctx.beginPath();
    ctx.roundRect(-0.14, -0.26, 0.28, 0.26, 0.1);
    ctx.fill();
  });
}
