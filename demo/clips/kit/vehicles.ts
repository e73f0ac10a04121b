import type { Canvas2D } from '../canvas.ts';
import { alpha, shade } from './colour.ts';
import type { Face, Lighting, Placement } from './solid.ts';
import { drawSolid, placed, prismFaces } from './solid.ts';
import type { Vec3, View } from './view.ts';
import { fillShape } from './view.ts';

/** Measures of a car-like vehicle, in metres; everything else follows from them. */
interface Build {
  length: number;
  width: number;
  waist: number;
  roof: number;
  wheel: number;
  /** Foot and top of the cabin along the car, ahead of the middle. */
  cabinFoot: readonly [number, number];
  cabinTop: readonly [number, number];
  nose: number;
}

const CAR: Build = {
  length: 4.4,
  width: 1.78,
  waist: 0.92,
  roof: 1.46,
  wheel: 0.33,
  cabinFoot: [-1.75, 1.05],
  cabinTop: [-1.25, 0.35],
  nose: 0.72,
};
const VAN: Build = {
  length: 4.5,
  width: 1.7,
  waist: 1.12,
  roof: 1.95,
  wheel: 0.33,
  cabinFoot: [-2.2, 1.95],
  cabinTop: [-2.12, 1.3],
  nose: 0.9,
};
const BUS: Build = {
  length: 8.6,
  width: 2.4,
  waist: 1.25,
  roof: 2.95,
  wheel: 0.46,
  cabinFoot: [-4.3, 4.3],
  cabinTop: [-4.22, 4.15],
  nose: 1.25,
};

const GLASS = '#3c5468';

function wheelFaces(build: Build, ahead: number, left: number): Face[] {
  const disc = (radius: number, colour: string, out: number): Face => ({
    colour,
    glows: true,
    points: Array.from({ length: 18 }, (_, index): Vec3 => {
      const angle = (index / 18) * Math.PI * 2;
      return [ahead + Math.cos(angle) * radius, build.wheel + Math.sin(angle) * radius, left + Math.sign(left) * out];
    }),
  });
  return [
    disc(build.wheel, '#22252c', 0),
    disc(build.wheel * 0.6, '#9aa3ad', 0.01),
    disc(build.wheel * 0.22, '#4b525c', 0.02),
  ];
}

function bodyFaces(build: Build, colour: string): Face[] {
  const half = build.length / 2;
  const low = build.wheel * 0.75;
  return prismFaces(
    [
      [-half, low],
      [half, low],
      [half + 0.02, build.nose * 0.8],
      [half - 0.12, build.nose],
      [build.cabinFoot[1], build.waist],
      [-half + 0.05, build.waist],
    ],
    build.width,
    colour,
  );
}

/** A side of the cabin between share `from` and `to` of its length, inset from foot and top. */
function pane(build: Build, side: number, from: number, to: number, inset: readonly [number, number]): Face {
  const point = (share: number, up: number): Vec3 => {
    const foot = build.cabinFoot[0] + (build.cabinFoot[1] - build.cabinFoot[0]) * share;
    const top = build.cabinTop[0] + (build.cabinTop[1] - build.cabinTop[0]) * share;
    const narrow = build.width / 2 - 0.02 - 0.14 * up;
    return [foot + (top - foot) * up, build.waist + (build.roof - build.waist) * up, side * narrow];
  };
  return {
    colour: GLASS,
    points: [point(from, inset[0]), point(to, inset[0]), point(to, inset[1]), point(from, inset[1])],
  };
}

function across(build: Build, end: 0 | 1, inset: readonly [number, number], colour: string): Face {
  const point = (side: number, up: number): Vec3 => [
    build.cabinFoot[end] + (build.cabinTop[end] - build.cabinFoot[end]) * up,
    build.waist + (build.roof - build.waist) * up,
    side * (build.width / 2 - 0.02 - 0.14 * up - inset[0] * 0.5),
  ];
  return { colour, points: [point(-1, inset[0]), point(1, inset[0]), point(1, inset[1]), point(-1, inset[1])] };
}

function cabinFaces(build: Build, colour: string, panes: number): Face[] {
  const half = build.width / 2 - 0.16;
  const roof: Face = {
    colour,
    points: [
      [build.cabinTop[0], build.roof, -half],
      [build.cabinTop[1], build.roof, -half],
      [build.cabinTop[1], build.roof, half],
      [build.cabinTop[0], build.roof, half],
    ],
  };
  const walls = [-1, 1].map((side) => ({ ...pane(build, side, 0, 1, [0, 1]), colour }));
  const glass = [-1, 1].flatMap((side) =>
    Array.from({ length: panes }, (_, index) =>
      pane(build, side, (index + 0.08) / panes, (index + 0.93) / panes, [0.1, 0.86]),
    ),
  );
  return [
    ...walls,
    across(build, 0, [0, 1], colour),
    across(build, 1, [0, 1], colour),
    ...glass,
    across(build, 0, [0.12, 0.88], GLASS),
    across(build, 1, [0.08, 0.92], GLASS),
    roof,
  ];
}

function lampFaces(build: Build, lights: { head: string; tail: string }): Face[] {
  const lamp = (ahead: number, left: number, colour: string, up: number): Face => ({
    colour,
    glows: true,
    points: [
      [ahead, up, left - 0.2],
      [ahead, up, left + 0.2],
      [ahead, up + 0.15, left + 0.2],
      [ahead, up + 0.15, left - 0.2],
    ],
  });
  const out = build.width / 2 - 0.26;
  const half = build.length / 2;
  return [
    lamp(half + 0.03, -out, lights.head, build.nose * 0.68),
    lamp(half + 0.03, out, lights.head, build.nose * 0.68),
    lamp(half + 0.03, 0, '#3564a8', build.wheel * 1.1),
    lamp(-half - 0.02, -out, lights.tail, build.waist - 0.28),
    lamp(-half - 0.02, out, lights.tail, build.waist - 0.28),
    lamp(-half - 0.02, 0, '#3564a8', build.waist - 0.5),
  ];
}

function contactShadow(ctx: Canvas2D, view: View, build: Build, at: Placement): void {
  for (const [grow, opacity] of [
    [0.34, 0.12],
    [0.16, 0.16],
    [0.02, 0.22],
  ] as const) {
    const ahead = build.length / 2 + grow;
    const side = build.width / 2 + grow;
    const corners: Vec3[] = [
      [ahead, 0, -side],
      [ahead, 0, side],
      [-ahead, 0, side],
      [-ahead, 0, -side],
    ];
    fillShape(
      ctx,
      view,
      corners.map((corner) => placed({ ...at, x: at.x + 0.12 }, corner)),
      alpha('#12182e', opacity),
    );
  }
}

/** How a vehicle looks. */
export interface VehicleLook {
  colour: string;
  kind?: 'car' | 'van' | 'bus';
  light?: Lighting;
  lampsOn?: boolean;
  braking?: boolean;
}

/** Draws a car, van or bus heading along its placement's yaw. */
export function drawVehicle(ctx: Canvas2D, view: View, at: Placement, look: VehicleLook): void {
  const build = look.kind === 'van' ? VAN : look.kind === 'bus' ? BUS : CAR;
  const light = look.light && { light: look.light };
  const axle = build.length * 0.31;
  const wheels = [-axle, axle].flatMap((ahead) =>
    [-1, 1].map((side) => ({ ahead, left: side * (build.width / 2 - 0.02) })),
  );
  contactShadow(ctx, view, build, at);
  for (const { ahead, left } of wheels) {
    const [tyre] = wheelFaces(build, ahead, left * 0.85);
    if (tyre)
      fillShape(
        ctx,
        view,
        tyre.points.map((point) => placed(at, point)),
        tyre.colour,
      );
  }
  drawSolid(ctx, view, { faces: bodyFaces(build, look.colour), at, ...light });
  const inside: Vec3 = [0, build.waist * 0.6, 0];
  for (const { ahead, left } of wheels) {
    drawSolid(ctx, view, { faces: wheelFaces(build, ahead, left), at, inside, ...light });
  }
  const lights = { head: look.lampsOn ? '#fff6d6' : '#dfe7ea', tail: look.braking ? '#ff4a3c' : '#a8302c' };
  drawSolid(ctx, view, { faces: lampFaces(build, lights), at, inside, ...light });
  drawSolid(ctx, view, {
    faces: cabinFaces(build, shade(look.colour, look.kind ? 1 : 0.96), build === BUS ? 6 : build === VAN ? 3 : 2),
    at,
    ...light,
  });
}
