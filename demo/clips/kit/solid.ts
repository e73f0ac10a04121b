import type { Canvas2D } from '../canvas.ts';
import { mix, shade } from './colour.ts';
import type { Vec3, View } from './view.ts';
import { fillShape } from './view.ts';

/** Where a solid stands and which way it heads: yaw 0 to the right, π/2 away from the camera. */
export interface Placement {
  x: number;
  y?: number;
  z: number;
  yaw?: number;
}

/** One flat side: points in the solid's own metres (ahead, up, left), counted around either way. */
export interface Face {
  points: readonly Vec3[];
  colour: string;
  /** Lamps and signs are not shaded. */
  glows?: boolean;
}

/** How a scene is lit: where the light comes from, and the colour everything tends to in the shade and far away. */
export interface Lighting {
  towards: Vec3;
  ambient: number;
  haze?: { colour: string; fullAtM: number };
}

/** Plain daylight from the upper left, behind the camera. */
export const DAYLIGHT: Lighting = { towards: [-0.52, 0.74, -0.42], ambient: 0.66 };

/** Turns a point of a solid into a point of the place. */
export function placed({ x, y = 0, z, yaw = 0 }: Placement, [ahead, up, left]: Vec3): Vec3 {
  const c = Math.cos(yaw);
  const s = Math.sin(yaw);
  return [x + ahead * c - left * s, y + up, z + ahead * s + left * c];
}

function minus(a: Vec3, b: Vec3): Vec3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}
function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
function centreOf(points: readonly Vec3[]): Vec3 {
  const n = points.length;
  return [
    points.reduce((sum, p) => sum + p[0], 0) / n,
    points.reduce((sum, p) => sum + p[1], 0) / n,
    points.reduce((sum, p) => sum + p[2], 0) / n,
  ];
}

function outwardNormal(points: readonly Vec3[], inside: Vec3): Vec3 {
  const [a, b, c] = [points[0] ?? inside, points[1] ?? inside, points[2] ?? inside];
  const u = minus(b, a);
  const v = minus(c, a);
  const n: Vec3 = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
  const length = Math.hypot(...n) || 1;
  const sign = dot(n, minus(centreOf(points), inside)) < 0 ? -1 : 1;
  return [(n[0] / length) * sign, (n[1] / length) * sign, (n[2] / length) * sign];
}

/** Draws the visible sides of a convex solid, each in its own flat shade; `inside` is any point within it. */
export function drawSolid(
  ctx: Canvas2D,
  view: View,
  solid: { faces: readonly Face[]; at: Placement; light?: Lighting; inside?: Vec3 },
): void {
  const { at, light = DAYLIGHT } = solid;
  const faces = solid.faces.map((face) => ({ ...face, points: face.points.map((point) => placed(at, point)) }));
  const inside = solid.inside ? placed(at, solid.inside) : centreOf(faces.flatMap((face) => face.points));
  for (const { points, colour, glows } of faces) {
    const normal = outwardNormal(points, inside);
    if (dot(normal, minus([0, view.heightM, 0], centreOf(points))) <= 0) continue;
    if (points.some((point) => point[2] < 0.3)) continue;
    let fill = glows
      ? colour
      : shade(colour, light.ambient + (1.14 - light.ambient) * Math.max(0, dot(normal, light.towards)));
    if (light.haze && !glows) fill = mix(fill, light.haze.colour, Math.min(0.85, inside[2] / light.haze.fullAtM));
    fillShape(ctx, view, points, fill);
  }
}

/** The six sides of a box centred over its place: length ahead, height up, width across. */
export function boxFaces(size: { length: number; height: number; width: number }, colour: string, base = 0): Face[] {
  return prismFaces(
    [
      [-size.length / 2, base],
      [size.length / 2, base],
      [size.length / 2, base + size.height],
      [-size.length / 2, base + size.height],
    ],
    size.width,
    colour,
  );
}

/** A side view (ahead, up), pulled out to `width` across. Convex outlines only. */
export function prismFaces(outline: readonly (readonly [number, number])[], width: number, colour: string): Face[] {
  const half = width / 2;
  const cap = (left: number): Face => ({ colour, points: outline.map(([ahead, up]) => [ahead, up, left]) });
  const rim = outline.map(([ahead, up], index): Face => {
    const [nextAhead, nextUp] = outline[(index + 1) % outline.length] ?? [ahead, up];
    return {
      colour,
      points: [
        [ahead, up, -half],
        [nextAhead, nextUp, -half],
        [nextAhead, nextUp, half],
        [ahead, up, half],
      ],
    };
  });
  return [cap(-half), cap(half), ...rim];
}

/** Draws a box in one call. */
export function drawBox(
  ctx: Canvas2D,
  view: View,
  box: { at: Placement; length: number; height: number; width: number; colour: string; light?: Lighting },
): void {
  drawSolid(ctx, view, { faces: boxFaces(box, box.colour), at: box.at, ...(box.light && { light: box.light }) });
}
