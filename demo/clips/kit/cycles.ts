import type { Canvas2D } from '../canvas.ts';
import { shade } from './colour.ts';
import type { Vec3, View } from './view.ts';
import { groundShadow, standing } from './view.ts';

const TURN = Math.PI * 2;

function wheel(ctx: Canvas2D, x: number, radius: number, turn: number): void {
  ctx.strokeStyle = '#23262d';
  ctx.lineWidth = 0.05;
  ctx.beginPath();
  ctx.arc(x, -radius, radius - 0.025, 0, TURN);
  ctx.stroke();
  ctx.strokeStyle = 'rgba(205,212,220,0.7)';
  ctx.lineWidth = 0.012;
  for (let spoke = 0; spoke < 5; spoke += 1) {
    const angle = turn + (spoke * Math.PI) / 5;
    ctx.beginPath();
    ctx.moveTo(x - Math.cos(angle) * radius * 0.9, -radius - Math.sin(angle) * radius * 0.9);
    ctx.lineTo(x + Math.cos(angle) * radius * 0.9, -radius + Math.sin(angle) * radius * 0.9);
    ctx.stroke();
  }
}

function polyline(ctx: Canvas2D, points: readonly (readonly [number, number])[], width: number, colour: string): void {
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.beginPath();
  points.forEach(([x, y], index) => {
    if (index === 0) ctx.moveTo(x, y);
    else ctx.lineTo(x, y);
  });
  ctx.stroke();
}

/** Thigh and shin of equal length between hip and foot, knee ahead. */
function kneeBetween(
  hip: readonly [number, number],
  foot: readonly [number, number],
  length: number,
): readonly [number, number] {
  const dx = foot[0] - hip[0];
  const dy = foot[1] - hip[1];
  const apart = Math.min(Math.hypot(dx, dy), length * 1.99);
  const out = Math.sqrt(length * length - (apart * apart) / 4);
  return [hip[0] + dx / 2 + (dy / apart) * out, hip[1] + dy / 2 - (dx / apart) * out];
}

function rider(
  ctx: Canvas2D,
  jacket: string,
  feet: readonly (readonly [number, number])[],
  hat: string | undefined,
): void {
  const hip = [-0.2, -0.98] as const;
  feet.forEach((foot, index) => {
    polyline(ctx, [hip, kneeBetween(hip, foot, 0.43), foot], 0.14, shade('#3c4763', index === 0 ? 0.75 : 1));
  });
  polyline(ctx, [hip, [-0.02, -1.42]], 0.3, jacket);
  polyline(
    ctx,
    [
      [0, -1.4],
      [0.2, -1.16],
      [0.42, -1.1],
    ],
    0.1,
    shade(jacket, 0.82),
  );
  ctx.fillStyle = '#e2b48f';
  ctx.beginPath();
  ctx.ellipse(0.07, -1.66, 0.1, 0.125, 0, 0, TURN);
  ctx.fill();
  ctx.fillStyle = hat ?? '#2b2523';
  ctx.beginPath();
  ctx.ellipse(0.05, -1.7, 0.125, 0.11, 0, Math.PI * 0.85, TURN * 1.0);
  ctx.fill();
}

/** A cyclist crossing the picture; `travelledM` turns wheels and pedals. */
export function drawCyclist(
  ctx: Canvas2D,
  view: View,
  at: Vec3,
  cyclist: { heading: 'left' | 'right'; travelledM: number; jacket: string; frame?: string },
): void {
  groundShadow(ctx, view, at, 0.75, 0.28);
  const turn = cyclist.travelledM / 0.33;
  const pedal = turn * 0.36;
  const frame = cyclist.frame ?? '#c2403a';
  standing(ctx, view, at, () => {
    if (cyclist.heading === 'left') ctx.scale(-1, 1);
    ctx.lineCap = 'round';
    ctx.lineJoin = 'round';
    wheel(ctx, -0.54, 0.33, turn);
    wheel(ctx, 0.54, 0.33, turn);
    polyline(
      ctx,
      [
        [-0.54, -0.33],
        [-0.05, -0.3],
        [-0.19, -0.82],
        [-0.54, -0.33],
      ],
      0.045,
      frame,
    );
    polyline(
      ctx,
      [
        [-0.05, -0.3],
        [0.38, -0.78],
        [-0.17, -0.72],
      ],
      0.045,
      frame,
    );
    polyline(
      ctx,
      [
        [0.54, -0.33],
        [0.36, -0.92],
        [0.44, -1.06],
      ],
      0.045,
      '#3a3f49',
    );
    polyline(
      ctx,
      [
        [-0.3, -0.9],
        [-0.1, -0.9],
      ],
      0.07,
      '#23262d',
    );
    ctx.fillStyle = '#8d7350';
    ctx.fillRect(0.46, -0.98, 0.3, 0.22);
    const foot = (angle: number) => [-0.05 + Math.cos(angle) * 0.16, -0.3 + Math.sin(angle) * 0.16] as const;
    rider(ctx, cyclist.jacket, [foot(pedal + Math.PI), foot(pedal)], undefined);
  });
}

/** An electric scooter with its rider. */
export function drawScooter(
  ctx: Canvas2D,
  view: View,
  at: Vec3,
  scooter: { heading: 'left' | 'right'; travelledM: number; colour: string; jacket: string; lampOn?: boolean },
): void {
  groundShadow(ctx, view, at, 0.75, 0.28);
  standing(ctx, view, at, () => {
    if (scooter.heading === 'left') ctx.scale(-1, 1);
    ctx.lineCap = 'round';
    ctx.lineJoin = 'round';
    wheel(ctx, -0.52, 0.23, scooter.travelledM / 0.23);
    wheel(ctx, 0.58, 0.23, scooter.travelledM / 0.23);
    ctx.fillStyle = scooter.colour;
    ctx.beginPath();
    ctx.moveTo(-0.82, -0.62);
    ctx.quadraticCurveTo(-0.6, -0.78, -0.02, -0.72);
    ctx.lineTo(-0.02, -0.3);
    ctx.lineTo(0.32, -0.3);
    ctx.lineTo(0.4, -0.98);
    ctx.lineTo(0.52, -0.98);
    ctx.quadraticCurveTo(0.62, -0.5, 0.44, -0.2);
    ctx.lineTo(-0.3, -0.2);
    ctx.quadraticCurveTo(-0.52, -0.5, -0.82, -0.62);
    ctx.fill();
    polyline(
      ctx,
      [
        [0.46, -0.98],
        [0.4, -1.08],
      ],
      0.05,
      '#2b2f38',
    );
    ctx.fillStyle = '#2a2d35';
    ctx.fillRect(-0.62, -0.82, 0.6, 0.1);
    rider(
      ctx,
      scooter.jacket,
      [
        [0.16, -0.36],
        [0.2, -0.34],
      ],
      '#f0ead8',
    );
    if (!scooter.lampOn) return;
    ctx.fillStyle = '#fff3c4';
    ctx.beginPath();
    ctx.arc(0.56, -0.86, 0.07, 0, TURN);
    ctx.fill();
  });
}
