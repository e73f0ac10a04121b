import type { Canvas2D } from '../canvas.ts';
import { HEIGHT, WIDTH } from '../canvas.ts';
import { alpha, mix } from './colour.ts';
import { seeded } from './motion.ts';

/** Fills the sky from the top edge to the horizon. */
export function drawSky(ctx: Canvas2D, horizonPx: number, colours: readonly string[]): void {
  const run = ctx.createLinearGradient(0, 0, 0, horizonPx);
  colours.forEach((colour, index) => {
    run.addColorStop(index / Math.max(1, colours.length - 1), colour);
  });
  ctx.fillStyle = run;
  ctx.fillRect(0, 0, WIDTH, HEIGHT);
}

/** A clear day in the valley. */
export const DAY_SKY = ['#5f9fd0', '#93c3e0', '#cfe6ec', '#eef3e6'] as const;

/** One ridge of hills with soft peaks, fading towards its foot as in haze. */
export function drawRidge(
  ctx: Canvas2D,
  ridge: { footPx: number; heightPx: number; colour: string; haze: string; seed: number },
): void {
  const next = seeded(ridge.seed);
  const waves = [1, 2, 3, 5, 9].map((turns) => ({
    turns: turns * (0.8 + next() * 0.5),
    phase: next() * Math.PI * 2,
    size: 1 / turns ** 0.85,
  }));
  const top = (x: number) => {
    const sum = waves.reduce((s, w) => s + Math.sin((x / WIDTH) * Math.PI * 2 * w.turns + w.phase) * w.size, 0);
    return ridge.footPx - ridge.heightPx * (0.55 + sum * 0.22);
  };
  ctx.beginPath();
  ctx.moveTo(0, ridge.footPx);
  for (let x = 0; x <= WIDTH; x += 8) ctx.lineTo(x, top(x));
  ctx.lineTo(WIDTH, ridge.footPx);
  ctx.closePath();
  const run = ctx.createLinearGradient(0, ridge.footPx - ridge.heightPx, 0, ridge.footPx);
  run.addColorStop(0, ridge.colour);
  run.addColorStop(1, mix(ridge.colour, ridge.haze, 0.7));
  ctx.fillStyle = run;
  ctx.fill();
}

/** Three ridges, the farthest palest. */
export function drawHills(
  ctx: Canvas2D,
  hills: { footPx: number; heightPx: number; near: string; haze: string; seed: number },
): void {
  [0.72, 0.45, 0.16].forEach((fade, index) => {
    drawRidge(ctx, {
      footPx: hills.footPx + 2,
      heightPx: hills.heightPx * (1 - index * 0.27),
      colour: mix(hills.near, hills.haze, fade),
      haze: hills.haze,
      seed: hills.seed + index,
    });
  });
}

/** A flat-bottomed cloud, `size` half its width in pixels. */
export function drawCloud(ctx: Canvas2D, x: number, y: number, size: number, opacity = 0.75): void {
  const puff = (colour: string, drop: number, grow: number) => {
    ctx.fillStyle = colour;
    ctx.beginPath();
    for (const [dx, dy, r] of [
      [-0.62, 0, 0.2],
      [-0.3, -0.12, 0.3],
      [0.08, -0.2, 0.36],
      [0.42, -0.06, 0.27],
      [0.7, 0.02, 0.17],
    ] as const) {
      ctx.moveTo(x + dx * size + r * size, y + dy * size + drop);
      ctx.arc(x + dx * size, y + dy * size + drop, r * size * grow, 0, Math.PI * 2);
    }
    ctx.fill();
  };
  ctx.save();
  ctx.beginPath();
  ctx.rect(x - size * 2, y - size, size * 4, size * 1.1);
  ctx.clip();
  ctx.globalAlpha = opacity;
  puff(alpha('#d5e2ee', 1), size * 0.05, 1);
  puff('#ffffff', -size * 0.03, 0.9);
  ctx.restore();
}
