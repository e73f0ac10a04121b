import type { Canvas2D } from '../canvas.ts';
import { shade } from './colour.ts';
import { drawPerson, type Facing } from './people.ts';
import { boxFaces, drawBox, drawSolid, type Lighting, type Placement, placed, prismFaces } from './solid.ts';
import { fillShape, groundShadow, project, standing, strokeLine, type Vec3, type View } from './view.ts';

/** A shipping container with ribbed sides, its doors towards the camera when yaw is π/2. */
export function drawContainer(ctx: Canvas2D, view: View, at: Placement, colour: string, light: Lighting): void {
  drawBox(ctx, view, { at, length: 6, width: 2.4, height: 2.5, colour, light });
  ctx.strokeStyle = shade(colour, 0.62);
  ctx.lineWidth = 1.2;
  ctx.beginPath();
  for (let ahead = -2.8; ahead <= 2.8; ahead += 0.4) {
    const foot = project(view, placed(at, [ahead, 0.15, -1.2]));
    const top = project(view, placed(at, [ahead, 2.35, -1.2]));
    ctx.moveTo(foot[0], foot[1]);
    ctx.lineTo(top[0], top[1]);
  }
  ctx.stroke();
}

/** A pallet with crates; `y` lifts it. */
export function drawPallet(ctx: Canvas2D, view: View, at: Placement, crates: number, light: Lighting): void {
  drawBox(ctx, view, { at, length: 1.2, width: 1.2, height: 0.15, colour: '#a9834f', light });
  for (let layer = 0; layer < crates; layer += 1) {
    const up = { ...at, y: (at.y ?? 0) + 0.15 + layer * 0.55 };
    drawBox(ctx, view, {
      at: up,
      length: 1.12,
      width: 1.12,
      height: 0.53,
      colour: layer % 2 ? '#c39a63' : '#cda873',
      light,
    });
  }
}

function driverFaces(yaw: number): Facing {
  if (Math.abs(Math.sin(yaw)) > 0.75) return Math.sin(yaw) > 0 ? 'far' : 'near';
  return Math.cos(yaw) > 0 ? 'right' : 'left';
}

/** A forklift heading along its yaw, forks at `forkM`; carries a pallet when `loaded`. */
export function drawForklift(
  ctx: Canvas2D,
  view: View,
  at: Placement,
  forklift: { forkM: number; loaded: boolean; light: Lighting; beacon: number },
): void {
  const { light } = forklift;
  groundShadow(ctx, view, [at.x, 0, at.z], 1.2, 0.34);
  const local = (point: Vec3) => placed(at, point);
  const part = (ahead: number, up: number, size: { length: number; height: number; width: number }, colour: string) =>
    drawSolid(ctx, view, {
      faces: boxFaces(size, colour),
      at: { ...at, x: local([ahead, 0, 0])[0], z: local([ahead, 0, 0])[2], y: up },
      light,
    });
  const load = () => {
    const [x, , z] = local([2.05, 0, 0]);
    part(1.8, forklift.forkM, { length: 1.4, height: 0.07, width: 0.8 }, '#4a4f57');
    if (forklift.loaded) drawPallet(ctx, view, { ...at, x, z, y: forklift.forkM + 0.07 }, 2, light);
  };
  const mast = () => part(1.05, 0.1, { length: 0.16, height: 2.35, width: 0.9 }, '#5a616b');
  const body = () => {
    for (const left of [0.5, -0.5]) {
      for (const [ahead, radius] of [
        [-0.75, 0.28],
        [0.7, 0.34],
      ] as const) {
        const wheel = Array.from({ length: 14 }, (_, index): Vec3 => {
          const angle = (index / 14) * Math.PI * 2;
          return local([ahead + Math.cos(angle) * radius, radius + Math.sin(angle) * radius, left]);
        });
        fillShape(ctx, view, wheel, '#24272d');
      }
    }
    drawSolid(ctx, view, {
      faces: prismFaces(
        [
          [-1.25, 0.35],
          [0.95, 0.35],
          [0.95, 0.75],
          [0.2, 0.85],
          [-1.15, 1.1],
          [-1.3, 0.9],
        ],
        1.05,
        '#e8a92c',
      ),
      at,
      light,
      inside: [-0.2, 0.6, 0],
    });
    const [x, , z] = local([-0.25, 0, 0]);
    drawPerson(ctx, view, [x, 0.28, z], {
      look: { jacket: '#e2662d', vest: true, hat: 'helmet', heightM: 1.5 },
      facing: driverFaces(at.yaw ?? 0),
      shadow: false,
    });
    ctx.lineCap = 'round';
    for (const left of [0.46, -0.46])
      strokeLine(
        ctx,
        view,
        [local([-0.95, 1, left]), local([-0.75, 2.15, left]), local([0.55, 2.15, left]), local([0.8, 0.8, left])],
        { colour: '#363b43', widthM: 0.09 },
      );
    part(-0.1, 2.13, { length: 1.35, height: 0.08, width: 1 }, '#3d434c');
    standing(ctx, view, local([-0.7, 2.24, 0]), () => {
      ctx.fillStyle = shade('#f08a24', 0.8 + forklift.beacon * 0.7);
      ctx.fillRect(-0.09, -0.2, 0.18, 0.2);
    });
  };
  const ahead = local([1, 0, 0])[2] > at.z;
  for (const draw of ahead ? [load, mast, body] : [body, mast, load]) draw();
}

/** A wire-mesh fence between two points on the ground, with a slanted crown. */
export function drawFence(
  ctx: Canvas2D,
  view: View,
  fence: { from: Vec3; to: Vec3; posts: number; heightM: number },
): void {
  const at = (share: number, up: number): Vec3 => [
    fence.from[0] + (fence.to[0] - fence.from[0]) * share,
    up,
    fence.from[2] + (fence.to[2] - fence.from[2]) * share,
  ];
  const line = (a: Vec3, b: Vec3) => {
    const p = project(view, a);
    const q = project(view, b);
    ctx.moveTo(p[0], p[1]);
    ctx.lineTo(q[0], q[1]);
  };
  ctx.strokeStyle = 'rgba(222,230,234,0.42)';
  ctx.lineWidth = 1.2;
  ctx.beginPath();
  const cells = fence.posts * 5;
  for (let cell = 0; cell < cells; cell += 1) {
    line(at(cell / cells, 0.1), at(Math.min(1, (cell + 3) / cells), fence.heightM));
    line(at(Math.min(1, (cell + 3) / cells), 0.1), at(cell / cells, fence.heightM));
  }
  ctx.stroke();
  ctx.strokeStyle = '#8c98a0';
  ctx.lineWidth = 2;
  ctx.beginPath();
  for (const up of [fence.heightM, fence.heightM + 0.18, fence.heightM + 0.34]) line(at(0, up), at(1, up));
  ctx.stroke();
  for (let post = 0; post <= fence.posts; post += 1) {
    strokeLine(ctx, view, [at(post / fence.posts, 0), at(post / fence.posts, fence.heightM + 0.4)], {
      colour: '#a5b0b6',
      widthM: 0.09,
    });
  }
}
