import type { Canvas2D } from '../canvas.ts';
import { alpha, shade } from './colour.ts';
import type { Vec3, View } from './view.ts';
import { fillGround, groundShadow, pixelsPerMetre, project, standing } from './view.ts';

const TURN = Math.PI * 2;
/** Sign lettering as painted on boards. */
export const SIGN_FONT = '"Noto Sans CJK SC", sans-serif';

/** Fills the ground from the horizon to the bottom edge, paler far away. */
export function drawGround(ctx: Canvas2D, view: View, near: string, far: string): void {
  const run = ctx.createLinearGradient(0, view.horizonPx, 0, 720);
  run.addColorStop(0, far);
  run.addColorStop(0.25, shade(near, 1.03));
  run.addColorStop(1, near);
  ctx.fillStyle = run;
  ctx.fillRect(0, view.horizonPx, 1280, 720 - view.horizonPx);
}

/** Dashes painted along a road that runs away from the camera. */
export function drawDashes(
  ctx: Canvas2D,
  view: View,
  dashes: { x: number; fromZ: number; toZ: number; widthM: number; colour: string },
): void {
  for (let z = dashes.fromZ; z < dashes.toZ; z += 4.5) {
    fillGround(ctx, view, [dashes.x - dashes.widthM / 2, z, dashes.x + dashes.widthM / 2, z + 2.4], dashes.colour);
  }
}

/** Text on a board facing the camera, centred at a place, `sizeM` high. */
export function drawSign(
  ctx: Canvas2D,
  view: View,
  at: Vec3,
  sign: { text: string; sizeM: number; colour: string; weight?: number; vertical?: boolean },
): void {
  const [x, y] = project(view, at);
  const size = sign.sizeM * pixelsPerMetre(view, at[2]);
  ctx.save();
  ctx.font = `${sign.weight ?? 700} ${size}px ${SIGN_FONT}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillStyle = sign.colour;
  const glyphs = sign.vertical ? [...sign.text] : [sign.text];
  glyphs.forEach((glyph, index) => {
    ctx.fillText(glyph, x, y + (index - (glyphs.length - 1) / 2) * size * 1.16);
  });
  ctx.restore();
}

/** A street lamp with a solar panel; `lit` adds its glow. */
export function drawLamp(
  ctx: Canvas2D,
  view: View,
  at: Vec3,
  lamp: { heightM: number; arm: -1 | 1; lit?: boolean; colour?: string },
): void {
  const colour = lamp.colour ?? '#7d8791';
  const tall = lamp.heightM;
  groundShadow(ctx, view, at, 0.22, 0.25);
  standing(ctx, view, at, () => {
    ctx.fillStyle = colour;
    ctx.fillRect(-0.06, -tall, 0.12, tall);
    ctx.fillStyle = shade(colour, 0.75);
    ctx.fillRect(0.01, -tall, 0.05, tall);
    ctx.fillRect(-0.12, -0.5, 0.24, 0.5);
    ctx.strokeStyle = colour;
    ctx.lineWidth = 0.09;
    ctx.lineCap = 'round';
    ctx.beginPath();
    ctx.moveTo(0, -tall + 0.6);
    ctx.quadraticCurveTo(lamp.arm * 0.3, -tall, lamp.arm * 1.3, -tall - 0.1);
    ctx.stroke();
    ctx.fillStyle = shade(colour, 0.7);
    ctx.fillRect(lamp.arm * 1.45 - 0.35, -tall - 0.2, 0.7, 0.12);
    ctx.fillStyle = '#2e4468';
    ctx.beginPath();
    ctx.moveTo(-0.5, -tall - 0.15);
    ctx.lineTo(0.25, -tall - 0.65);
    ctx.lineTo(0.55, -tall - 0.55);
    ctx.lineTo(-0.2, -tall - 0.05);
    ctx.fill();
    if (!lamp.lit) return;
    const glow = ctx.createRadialGradient(lamp.arm * 1.45, -tall - 0.06, 0.02, lamp.arm * 1.45, -tall - 0.06, 1.7);
    glow.addColorStop(0, 'rgba(255,236,190,1)');
    glow.addColorStop(0.12, 'rgba(255,214,140,0.7)');
    glow.addColorStop(0.4, 'rgba(255,190,110,0.18)');
    glow.addColorStop(1, 'rgba(255,180,100,0)');
    ctx.fillStyle = glow;
    ctx.beginPath();
    ctx.arc(lamp.arm * 1.45, -tall - 0.06, 1.7, 0, TURN);
    ctx.fill();
  });
}

/** Wires between two pole tops, hanging a little. */
export function drawWires(ctx: Canvas2D, view: View, from: Vec3, to: Vec3): void {
  ctx.strokeStyle = alpha('#2d3442', 0.7);
  ctx.lineWidth = 1.3;
  for (const drop of [0, 0.35]) {
    const a = project(view, [from[0], from[1] - drop, from[2]]);
    const b = project(view, [to[0], to[1] - drop, to[2]]);
    const middle = project(view, [(from[0] + to[0]) / 2, Math.min(from[1], to[1]) - drop - 0.9, (from[2] + to[2]) / 2]);
    ctx.beginPath();
    ctx.moveTo(a[0], a[1]);
    ctx.quadraticCurveTo(middle[0], middle[1], b[0], b[1]);
    ctx.stroke();
  }
}

/** A concrete pole with two cross arms. */
export function drawPole(ctx: Canvas2D, view: View, at: Vec3, heightM: number, colour = '#a7a69f'): void {
  groundShadow(ctx, view, at, 0.2, 0.25);
  standing(ctx, view, at, () => {
    ctx.fillStyle = colour;
    ctx.fillRect(-0.11, -heightM, 0.22, heightM);
    ctx.fillStyle = 'rgba(20,26,48,0.22)';
    ctx.fillRect(0.02, -heightM, 0.09, heightM);
    ctx.fillStyle = shade(colour, 0.55);
    ctx.fillRect(-0.8, -heightM + 0.25, 1.6, 0.1);
    ctx.fillRect(-0.6, -heightM + 0.7, 1.2, 0.08);
  });
}

/** A red lantern hanging from a place; `swing` in radians. */
export function drawLantern(ctx: Canvas2D, view: View, at: Vec3, sizeM: number, swing = 0): void {
  standing(ctx, view, at, () => {
    ctx.rotate(swing);
    ctx.fillStyle = '#4b2a20';
    ctx.fillRect(-0.015, 0, 0.03, sizeM * 0.3);
    ctx.fillStyle = '#c9352b';
    ctx.beginPath();
    ctx.ellipse(0, sizeM * 0.72, sizeM * 0.52, sizeM * 0.42, 0, 0, TURN);
    ctx.fill();
    ctx.fillStyle = 'rgba(255,150,90,0.5)';
    ctx.beginPath();
    ctx.ellipse(-sizeM * 0.15, sizeM * 0.68, sizeM * 0.18, sizeM * 0.34, 0, 0, TURN);
    ctx.fill();
    ctx.fillStyle = '#e3b24a';
    ctx.fillRect(-sizeM * 0.2, sizeM * 0.27, sizeM * 0.4, sizeM * 0.08);
    ctx.fillRect(-sizeM * 0.2, sizeM * 1.1, sizeM * 0.4, sizeM * 0.08);
    ctx.fillRect(-sizeM * 0.06, sizeM * 1.18, sizeM * 0.12, sizeM * 0.34);
  });
}
