import type { Canvas2D } from '../canvas.ts';
import { mix, shade } from './colour.ts';
import { seeded } from './motion.ts';
import type { Vec3, View } from './view.ts';
import { groundShadow, standing } from './view.ts';

const TURN = Math.PI * 2;

/** A broad-leaved tree: clumps of leaves in three tones, lit from the upper left. */
export function drawTree(
  ctx: Canvas2D,
  view: View,
  at: Vec3,
  tree: { heightM: number; colour: string; seed: number; slim?: number; shadow?: boolean },
): void {
  if (tree.shadow !== false) groundShadow(ctx, view, at, tree.heightM * 0.26, 0.24);
  const next = seeded(tree.seed);
  const tall = tree.heightM;
  const spread = tall * 0.34 * (tree.slim ?? 1);
  standing(ctx, view, at, () => {
    ctx.fillStyle = '#6a5545';
    ctx.beginPath();
    ctx.moveTo(-tall * 0.025, 0);
    ctx.quadraticCurveTo(-tall * 0.012, -tall * 0.3, -tall * 0.01, -tall * 0.62);
    ctx.lineTo(tall * 0.014, -tall * 0.62);
    ctx.quadraticCurveTo(tall * 0.012, -tall * 0.25, tall * 0.032, 0);
    ctx.fill();
    const clumps = Array.from({ length: 15 }, () => {
      const turn = next() * TURN;
      const out = Math.sqrt(next());
      return {
        x: Math.cos(turn) * spread * 0.72 * out,
        y: -tall * 0.64 + Math.sin(turn) * tall * 0.24 * out,
        r: spread * (0.34 + next() * 0.18),
      };
    });
    for (const [tone, dx, dy, size] of [
      [0.68, 0.1, 0.13, 1.06],
      [0.88, 0, 0, 0.94],
      [1.06, -0.12, -0.14, 0.66],
      [1.2, -0.2, -0.24, 0.3],
    ] as const) {
      ctx.fillStyle = shade(tree.colour, tone);
      ctx.beginPath();
      for (const { x, y, r } of clumps) {
        ctx.moveTo(x + dx * r * 2 + r * size, y + dy * r * 2);
        ctx.arc(x + dx * r * 2, y + dy * r * 2, r * size, 0, TURN);
      }
      ctx.fill();
    }
  });
}

/** A poplar or cypress: narrow, pointed. */
export function drawPoplar(ctx: Canvas2D, view: View, at: Vec3, heightM: number, colour: string): void {
  groundShadow(ctx, view, at, heightM * 0.1, 0.22);
  standing(ctx, view, at, () => {
    ctx.fillStyle = '#66564a';
    ctx.fillRect(-heightM * 0.012, -heightM * 0.2, heightM * 0.024, heightM * 0.2);
    for (const [tone, shift, wide] of [
      [0.74, 0.012, 0.115],
      [0.96, -0.01, 0.088],
      [1.1, -0.03, 0.04],
    ] as const) {
      ctx.fillStyle = shade(colour, tone);
      ctx.beginPath();
      ctx.moveTo(0, -heightM);
      ctx.bezierCurveTo(
        heightM * (shift + wide * 1.5),
        -heightM * 0.5,
        heightM * (shift + wide),
        -heightM * 0.12,
        heightM * shift,
        -heightM * 0.12,
      );
      ctx.bezierCurveTo(
        heightM * (shift - wide),
        -heightM * 0.12,
        heightM * (shift - wide * 1.5),
        -heightM * 0.5,
        0,
        -heightM,
      );
      ctx.fill();
    }
  });
}

/** A weeping willow: a crown with long hanging strands; `sway` in metres moves their ends. */
export function drawWillow(
  ctx: Canvas2D,
  view: View,
  at: Vec3,
  willow: { heightM: number; seed: number; sway?: number },
): void {
  const next = seeded(willow.seed);
  const tall = willow.heightM;
  groundShadow(ctx, view, at, tall * 0.3, 0.22);
  standing(ctx, view, at, () => {
    ctx.lineCap = 'round';
    ctx.strokeStyle = '#655243';
    ctx.lineWidth = tall * 0.05;
    ctx.beginPath();
    ctx.moveTo(0, 0);
    ctx.quadraticCurveTo(tall * 0.03, -tall * 0.35, -tall * 0.02, -tall * 0.72);
    ctx.stroke();
    for (const tone of [0.72, 0.9, 1.08]) {
      ctx.strokeStyle = shade('#7d9f4e', tone);
      ctx.lineWidth = tall * 0.032;
      for (let strand = 0; strand < 17; strand += 1) {
        const out = (next() * 2 - 1) * 0.42;
        const top = -tall * (0.96 - Math.abs(out) * 0.42 - next() * 0.08);
        const end = top + tall * (0.28 + next() * 0.34);
        const drift = out * tall * 1.12 + (willow.sway ?? 0) * (0.6 + next() * 0.4);
        ctx.beginPath();
        ctx.moveTo(out * tall * 0.5, top);
        ctx.quadraticCurveTo(out * tall * 1.05, top + tall * 0.04, drift, end);
        ctx.stroke();
      }
    }
  });
}

/** A row of rounded shrubs between two places. */
export function drawHedge(
  ctx: Canvas2D,
  view: View,
  hedge: { from: Vec3; to: Vec3; count: number; radiusM: number; colour: string; seed: number; flowers?: string },
): void {
  const next = seeded(hedge.seed);
  for (let index = hedge.count - 1; index >= 0; index -= 1) {
    const share = hedge.count === 1 ? 0 : index / (hedge.count - 1);
    const at: Vec3 = [
      hedge.from[0] + (hedge.to[0] - hedge.from[0]) * share + (next() - 0.5) * hedge.radiusM * 0.5,
      hedge.from[1] + (hedge.to[1] - hedge.from[1]) * share,
      hedge.from[2] + (hedge.to[2] - hedge.from[2]) * share,
    ];
    const r = hedge.radiusM * (0.85 + next() * 0.3);
    groundShadow(ctx, view, at, r * 1.05, 0.2);
    standing(ctx, view, at, () => {
      for (const [tone, dx, dy, size] of [
        [0.7, 0, 0, 1],
        [0.92, -0.1, -0.12, 0.82],
        [1.1, -0.26, -0.34, 0.45],
      ] as const) {
        ctx.fillStyle = shade(mix(hedge.colour, '#a9b45a', next() * 0.18), tone);
        ctx.beginPath();
        ctx.ellipse(dx * r, -r * 0.72 + dy * r, r * size, r * 0.78 * size, 0, 0, TURN);
        ctx.fill();
      }
      if (!hedge.flowers) return;
      ctx.fillStyle = hedge.flowers;
      for (let flower = 0; flower < 6; flower += 1) {
        ctx.beginPath();
        ctx.arc((next() - 0.5) * r * 1.3, -r * (0.4 + next() * 0.9), r * 0.09, 0, TURN);
        ctx.fill();
      }
    });
  }
}
