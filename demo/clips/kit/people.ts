import type { Canvas2D } from '../canvas.ts';
import { shade } from './colour.ts';
import type { Vec3, View } from './view.ts';
import { groundShadow, standing } from './view.ts';

/** How a figure is dressed and what it carries; figures are generic and have no faces. */
export interface Look {
  jacket: string;
  trousers?: string;
  hair?: string;
  heightM?: number;
  carries?: 'bag' | 'backpack' | 'box' | 'umbrella';
  hat?: 'straw' | 'helmet' | 'cap';
  vest?: boolean;
  skirt?: boolean;
}

/** Where a figure looks, seen from the camera. */
export type Facing = 'left' | 'right' | 'near' | 'far';

const TURN = Math.PI * 2;
const SKIN = '#e2b48f';

function limb(
  ctx: Canvas2D,
  from: readonly [number, number],
  angles: readonly [number, number],
  part: { lengths: readonly [number, number]; width: number; colour: string },
): readonly [number, number] {
  const knee = [
    from[0] + Math.sin(angles[0]) * part.lengths[0],
    from[1] + Math.cos(angles[0]) * part.lengths[0],
  ] as const;
  const end = [
    knee[0] + Math.sin(angles[1]) * part.lengths[1],
    knee[1] + Math.cos(angles[1]) * part.lengths[1],
  ] as const;
  ctx.strokeStyle = part.colour;
  ctx.lineWidth = part.width;
  ctx.beginPath();
  ctx.moveTo(from[0], from[1]);
  ctx.lineTo(knee[0], knee[1]);
  ctx.lineTo(end[0], end[1]);
  ctx.stroke();
  return end;
}

function leg(ctx: Canvas2D, hipX: number, swing: number, side: boolean, colour: string): void {
  const lift = side ? Math.max(0, -swing) * 0.9 : 0;
  const shorten = side ? 1 : 1 - Math.max(0, -swing) * 0.16;
  const angle = side ? swing : hipX * 0.3;
  const end = limb(ctx, [hipX, -0.86], [angle, angle - lift], {
    lengths: [0.42 * shorten, 0.4 * shorten],
    width: 0.145,
    colour,
  });
  ctx.fillStyle = '#2a2c34';
  ctx.beginPath();
  ctx.ellipse(end[0] + (side ? 0.05 : 0), end[1] + 0.02, side ? 0.12 : 0.08, 0.05, 0, 0, TURN);
  ctx.fill();
}

function head(ctx: Canvas2D, look: Look, facing: Facing): void {
  const back = facing === 'far';
  const shift = facing === 'left' || facing === 'right' ? 0.015 : 0;
  ctx.fillStyle = shade(SKIN, 0.86);
  ctx.fillRect(-0.045, -1.5, 0.09, 0.1);
  ctx.fillStyle = SKIN;
  ctx.beginPath();
  ctx.ellipse(shift, -1.59, 0.1, 0.125, 0, 0, TURN);
  ctx.fill();
  ctx.fillStyle = look.hair ?? '#2b2523';
  ctx.beginPath();
  if (back) ctx.ellipse(0, -1.61, 0.112, 0.13, 0, 0, TURN);
  else if (shift) ctx.ellipse(-0.035, -1.625, 0.1, 0.115, 0, 0, TURN);
  else ctx.ellipse(0, -1.635, 0.112, 0.105, 0, Math.PI * 0.98, TURN * 1.01);
  ctx.fill();
  if (shift) {
    ctx.beginPath();
    ctx.ellipse(0.02, -1.68, 0.1, 0.065, 0.25, 0, TURN);
    ctx.fill();
    ctx.fillStyle = SKIN;
    ctx.beginPath();
    ctx.ellipse(0.06, -1.565, 0.062, 0.09, 0, 0, TURN);
    ctx.fill();
  }
  if (look.hat === 'straw') {
    ctx.fillStyle = '#d8b768';
    ctx.beginPath();
    ctx.ellipse(0, -1.66, 0.25, 0.06, 0, 0, TURN);
    ctx.ellipse(0, -1.7, 0.12, 0.1, 0, Math.PI, TURN);
    ctx.fill();
  } else if (look.hat) {
    ctx.fillStyle = look.hat === 'helmet' ? '#f2b632' : '#2f4a7c';
    ctx.beginPath();
    ctx.ellipse(0, -1.645, 0.128, 0.12, 0, Math.PI, TURN);
    ctx.fill();
    ctx.fillRect(shift ? -0.1 : -0.14, -1.66, shift ? 0.3 : 0.28, 0.035);
  }
}

function torso(ctx: Canvas2D, look: Look, half: number): void {
  ctx.fillStyle = look.jacket;
  ctx.beginPath();
  ctx.moveTo(-half * 0.86, -1.43);
  ctx.quadraticCurveTo(0, -1.53, half * 0.86, -1.43);
  ctx.quadraticCurveTo(half * 1.1, -1.2, half * 0.9, -0.8);
  ctx.lineTo(-half * 0.9, -0.8);
  ctx.quadraticCurveTo(-half * 1.1, -1.2, -half * 0.86, -1.43);
  ctx.fill();
  if (look.skirt) {
    ctx.beginPath();
    ctx.moveTo(-half * 0.9, -0.86);
    ctx.lineTo(half * 0.9, -0.86);
    ctx.lineTo(half * 1.35, -0.5);
    ctx.lineTo(-half * 1.35, -0.5);
    ctx.fill();
  }
  ctx.fillStyle = 'rgba(20,26,52,0.17)';
  ctx.fillRect(half * 0.2, -1.42, half * 0.72, 0.62);
  if (!look.vest) return;
  ctx.fillStyle = '#f4f6ea';
  ctx.fillRect(-half * 0.98, -1.12, half * 1.96, 0.06);
  ctx.fillRect(-half * 0.98, -0.96, half * 1.96, 0.06);
}

function load(ctx: Canvas2D, look: Look, facing: Facing): void {
  if (look.carries === 'backpack') {
    ctx.fillStyle = '#d0503f';
    ctx.beginPath();
    if (facing === 'far') ctx.roundRect(-0.17, -1.4, 0.34, 0.46, 0.08);
    else if (facing !== 'near') ctx.roundRect(-0.31, -1.4, 0.2, 0.46, 0.08);
    ctx.fill();
  } else if (look.carries === 'bag') {
    ctx.fillStyle = '#c8d2c0';
    ctx.beginPath();
    ctx.roundRect(0.14, -0.72, 0.24, 0.28, 0.04);
    ctx.fill();
  } else if (look.carries === 'box') {
    ctx.fillStyle = '#b98d55';
    ctx.fillRect(facing === 'near' || facing === 'far' ? -0.24 : 0.1, -1.24, 0.46, 0.34);
    ctx.fillStyle = '#d2ab74';
    ctx.fillRect(facing === 'near' || facing === 'far' ? -0.24 : 0.1, -1.24, 0.46, 0.07);
  }
}

function umbrella(ctx: Canvas2D): void {
  ctx.strokeStyle = '#444b58';
  ctx.lineWidth = 0.025;
  ctx.beginPath();
  ctx.moveTo(0.16, -1.05);
  ctx.lineTo(0.16, -2.1);
  ctx.stroke();
  ctx.fillStyle = '#4f7fb8';
  ctx.beginPath();
  ctx.ellipse(0.16, -1.86, 0.58, 0.32, 0, Math.PI, TURN);
  ctx.fill();
}

/** Draws a person; `steps` counts steps taken (its fraction poses the legs), undefined when standing still. */
export function drawPerson(
  ctx: Canvas2D,
  view: View,
  at: Vec3,
  person: { look: Look; facing: Facing; steps?: number; shadow?: boolean },
): void {
  const { look, facing } = person;
  const side = facing === 'left' || facing === 'right';
  const scale = (look.heightM ?? 1.7) / 1.72;
  const swing = person.steps === undefined ? 0 : Math.sin(person.steps * Math.PI) * (side ? 0.5 : 0.7);
  const bob = person.steps === undefined ? 0 : Math.abs(Math.cos(person.steps * Math.PI)) * 0.025;
  const half = side ? 0.17 : 0.225;
  if (person.shadow !== false) groundShadow(ctx, view, at, 0.34 * scale, 0.32);
  standing(ctx, view, at, () => {
    ctx.scale(facing === 'left' ? -scale : scale, scale);
    ctx.translate(0, -bob);
    ctx.lineCap = 'round';
    ctx.lineJoin = 'round';
    const trousers = look.trousers ?? '#39415a';
    const hip = side ? 0 : 0.1;
    const armBack = shade(look.jacket, 0.72);
    const busy = look.carries === 'box' || look.carries === 'umbrella';
    const arm = (x: number, s: number, colour: string) =>
      limb(ctx, [x, -1.37], side ? [s, s + 0.28] : [x * 0.5, x * 0.35 + s * 0.12], {
        lengths: [0.29, 0.27],
        width: 0.1,
        colour,
      });
    leg(ctx, -hip, -swing, side, shade(trousers, 0.78));
    if (side && !busy) arm(0, swing * 0.8, armBack);
    leg(ctx, hip, swing, side, trousers);
    const loadBehind = look.carries === 'backpack' ? facing !== 'far' : look.carries === 'box' && facing === 'far';
    if (loadBehind) load(ctx, look, facing);
    torso(ctx, look, half);
    head(ctx, look, facing);
    if (busy && side)
      limb(ctx, [0, -1.36], [0.3, 1.4], { lengths: [0.28, 0.26], width: 0.1, colour: shade(look.jacket, 0.9) });
    else if (side) arm(0, -swing * 0.8, shade(look.jacket, 0.9));
    else {
      arm(-half * 0.98, swing, shade(look.jacket, 0.94));
      arm(half * 0.98, -swing, armBack);
    }
    if (!loadBehind) load(ctx, look, facing);
    if (look.carries === 'umbrella') umbrella(ctx);
  });
}
