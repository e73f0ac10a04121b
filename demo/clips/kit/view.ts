import type { Canvas2D } from '../canvas.ts';
import { WIDTH } from '../canvas.ts';

/** A point of the place: metres to the right of the camera, above the ground, and away from the camera. */
export type Vec3 = readonly [number, number, number];
/** A point of the picture in pixels. */
export type Point = readonly [number, number];

/** A camera that looks straight ahead; its lens is shifted so that upright lines stay upright. */
export interface View {
  focalPx: number;
  horizonPx: number;
  heightM: number;
  centrePx: number;
}

const NEAREST_M = 0.4;

/** A view with the picture's middle as vanishing point unless told otherwise. */
export function viewOf(focalPx: number, horizonPx: number, heightM: number, centrePx = WIDTH / 2): View {
  return { focalPx, horizonPx, heightM, centrePx };
}

/** Pixels per metre at distance `z`. */
export function pixelsPerMetre(view: View, z: number): number {
  return view.focalPx / Math.max(NEAREST_M, z);
}

/** Where a point of the place appears in the picture. */
export function project(view: View, [x, y, z]: Vec3): Point {
  const scale = pixelsPerMetre(view, z);
  return [view.centrePx + x * scale, view.horizonPx + (view.heightM - y) * scale];
}

/** Lays a path through the points, closed. */
export function trace(ctx: Canvas2D, points: readonly Point[]): void {
  ctx.beginPath();
  points.forEach(([x, y], index) => {
    if (index === 0) ctx.moveTo(x, y);
    else ctx.lineTo(x, y);
  });
  ctx.closePath();
}

/** Fills a flat shape given in the place. */
export function fillShape(ctx: Canvas2D, view: View, points: readonly Vec3[], fill: string | object): void {
  trace(
    ctx,
    points.map((point) => project(view, point)),
  );
  ctx.fillStyle = fill;
  ctx.fill();
}

/** Fills a rectangle lying on the ground (or at height `y`). */
export function fillGround(
  ctx: Canvas2D,
  view: View,
  [x0, z0, x1, z1]: readonly [number, number, number, number],
  fill: string | object,
  y = 0,
): void {
  fillShape(
    ctx,
    view,
    [
      [x0, y, z0],
      [x1, y, z0],
      [x1, y, z1],
      [x0, y, z1],
    ],
    fill,
  );
}

/** A line through the place, `widthM` thick at its middle. */
export function strokeLine(
  ctx: Canvas2D,
  view: View,
  points: readonly Vec3[],
  line: { colour: string; widthM: number },
): void {
  const middle = points[Math.floor(points.length / 2)];
  if (!middle) return;
  ctx.beginPath();
  points.forEach((point, index) => {
    const [x, y] = project(view, point);
    if (index === 0) ctx.moveTo(x, y);
    else ctx.lineTo(x, y);
  });
  ctx.strokeStyle = line.colour;
  ctx.lineWidth = line.widthM * pixelsPerMetre(view, middle[2]);
  ctx.stroke();
}

/** Draws upright towards the camera at a place: inside `draw`, units are metres and y points down from the ground. */
export function standing(ctx: Canvas2D, view: View, at: Vec3, draw: () => void): void {
  const [x, y] = project(view, at);
  const scale = pixelsPerMetre(view, at[2]);
  ctx.save();
  ctx.translate(x, y);
  ctx.scale(scale, scale);
  draw();
  ctx.restore();
}

/** A soft shadow on the ground under something `radiusM` wide. */
export function groundShadow(ctx: Canvas2D, view: View, at: Vec3, radiusM: number, opacity = 0.26): void {
  const [x, y] = project(view, [at[0] + radiusM * 0.35, at[1], at[2]]);
  const scale = pixelsPerMetre(view, at[2]);
  const flat = Math.max(0.1, Math.min(0.6, (view.heightM - at[1]) / at[2]));
  for (const [grow, share] of [
    [1, 0.5],
    [0.72, 0.5],
  ] as const) {
    ctx.beginPath();
    ctx.ellipse(x, y, radiusM * scale * grow * 1.25, radiusM * scale * flat * grow, 0, 0, Math.PI * 2);
    ctx.fillStyle = `rgba(16,22,44,${opacity * share})`;
    ctx.fill();
  }
}
