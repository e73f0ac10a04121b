import type { Canvas2D } from '../canvas.ts';
import { mix, shade } from './colour.ts';
import type { Face, Lighting, Placement } from './solid.ts';
import { boxFaces, DAYLIGHT, drawSolid, placed } from './solid.ts';
import type { Vec3, View } from './view.ts';
import { fillShape, project } from './view.ts';

/** A village house: walls, gable roof with the ridge along its length, openings on the long and gable sides. */
export interface House {
  at: Placement;
  length: number;
  depth: number;
  eavesM: number;
  ridgeM: number;
  wall?: string;
  roof?: string;
  windows?: number;
  storeys?: number;
  door?: boolean;
  lit?: (index: number) => boolean;
  light?: Lighting;
}

function roofFaces(house: House, roof: string): Face[] {
  const over = 0.45;
  const l = house.length / 2 + over;
  const d = house.depth / 2 + over;
  const drop = ((house.ridgeM - house.eavesM) / (house.depth / 2)) * over;
  const low = house.eavesM - drop;
  const slope = (side: number): Face => ({
    colour: roof,
    points: [
      [-l, low, side * d],
      [l, low, side * d],
      [l, house.ridgeM, 0],
      [-l, house.ridgeM, 0],
    ],
  });
  return [slope(-1), slope(1)];
}

function gables(house: House, wall: string): Face[] {
  return [-1, 1].map((end) => ({
    colour: wall,
    points: [
      [(end * house.length) / 2, house.eavesM, -house.depth / 2],
      [(end * house.length) / 2, house.eavesM, house.depth / 2],
      [(end * house.length) / 2, house.ridgeM, 0],
    ],
  }));
}

function tileLines(ctx: Canvas2D, view: View, house: House, slopes: readonly Face[], roof: string): void {
  ctx.strokeStyle = shade(roof, 0.72);
  for (const { points } of slopes) {
    const [a, b, c, d] = points.map((point) => project(view, placed(house.at, point)));
    if (!a || !b || !c || !d) continue;
    const facing = (b[0] - a[0]) * (d[1] - a[1]) - (b[1] - a[1]) * (d[0] - a[0]);
    const towards = placed(house.at, points[0] ?? [0, 0, 0])[2] < placed(house.at, points[3] ?? [0, 0, 0])[2];
    if (Math.abs(facing) < 300 || !towards) continue;
    const count = Math.round(house.length * 2.2);
    ctx.lineWidth = 1;
    ctx.beginPath();
    for (let index = 0; index <= count; index += 1) {
      const s = index / count;
      ctx.moveTo(a[0] + (b[0] - a[0]) * s, a[1] + (b[1] - a[1]) * s);
      ctx.lineTo(d[0] + (c[0] - d[0]) * s, d[1] + (c[1] - d[1]) * s);
    }
    ctx.stroke();
  }
}

function opening(
  house: House,
  box: readonly [number, number, number, number],
  side: number,
  colour: string,
  glows = false,
): Face {
  const [x0, y0, x1, y1] = box;
  const left = (side * house.depth) / 2 + side * 0.015;
  return {
    colour,
    glows,
    points: [
      [x0, y0, left],
      [x1, y0, left],
      [x1, y1, left],
      [x0, y1, left],
    ],
  };
}

function openings(house: House, side: number): Face[] {
  const count = house.windows ?? 3;
  const storeys = house.storeys ?? 1;
  const faces: Face[] = [];
  const pitch = house.length / count;
  for (let storey = 0; storey < storeys; storey += 1) {
    const sill = (house.eavesM / storeys) * storey + 0.95;
    for (let index = 0; index < count; index += 1) {
      const middle = -house.length / 2 + pitch * (index + 0.5);
      const isDoor = house.door && storey === 0 && index === Math.floor(count / 2);
      const half = Math.min(0.72, pitch * 0.3);
      const lit = house.lit?.(index + storey * count) ?? false;
      if (isDoor) {
        faces.push(opening(house, [middle - 0.8, 0, middle + 0.8, 2.35], side, '#7a4a34'));
        faces.push(opening(house, [middle - 0.62, 0, middle - 0.03, 2.2], side, lit ? '#ffd58a' : '#95583a', lit));
        faces.push(opening(house, [middle + 0.03, 0, middle + 0.62, 2.2], side, '#8c5136'));
        for (const s of [-1, 1])
          faces.push(opening(house, [middle + s * 1.05 - 0.11, 0.6, middle + s * 1.05 + 0.11, 2.2], side, '#c23a2f'));
      } else {
        faces.push(
          opening(house, [middle - half - 0.07, sill - 0.07, middle + half + 0.07, sill + 1.22], side, '#d7d3c8'),
        );
        faces.push(
          opening(house, [middle - half, sill, middle - 0.04, sill + 1.15], side, lit ? '#ffcf7d' : '#4f6b7e', lit),
        );
        faces.push(
          opening(house, [middle + 0.04, sill, middle + half, sill + 1.15], side, lit ? '#ffdb97' : '#5c798b', lit),
        );
      }
    }
  }
  return faces;
}

/** Draws a house with its windows, door, red door couplets and tiled roof. */
export function drawHouse(ctx: Canvas2D, view: View, house: House): void {
  const { at, light = DAYLIGHT } = house;
  const wall = house.wall ?? '#eeeadf';
  const roof = house.roof ?? '#56606d';
  const z = placed(at, [0, 0, 0])[2];
  const hazed = light.haze ? mix(roof, light.haze.colour, Math.min(0.85, z / light.haze.fullAtM)) : roof;
  const walls = boxFaces({ length: house.length, height: house.eavesM, width: house.depth }, wall);
  drawSolid(ctx, view, { faces: walls, at, light });
  const inside: Vec3 = [0, house.eavesM / 2, 0];
  drawSolid(ctx, view, { faces: gables(house, wall), at, light, inside });
  const plinth = boxFaces(
    { length: house.length + 0.06, height: 0.45, width: house.depth + 0.06 },
    mix(wall, '#6d6a68', 0.65),
  );
  // Without its top: that would cover the wall's foot.
  drawSolid(ctx, view, { faces: plinth.filter((_, index) => index !== 4), at, light, inside: [0, 0.2, 0] });
  for (const side of [-1, 1]) drawSolid(ctx, view, { faces: openings(house, side), at, light, inside });
  const slopes = roofFaces(house, roof);
  drawSolid(ctx, view, { faces: slopes, at, light, inside });
  tileLines(ctx, view, house, slopes, hazed);
  const ends: Vec3[] = [-1, 1].map((end) => placed(at, [end * (house.length / 2 + 0.5), house.ridgeM, 0]));
  const [a, b] = ends;
  if (a && b) fillShape(ctx, view, [a, b, [b[0], b[1] + 0.16, b[2]], [a[0], a[1] + 0.16, a[2]]], shade(hazed, 0.8));
}
