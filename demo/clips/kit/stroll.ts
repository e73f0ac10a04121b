import type { Canvas2D } from '../canvas.ts';
import { CLIP_SECONDS } from '../scene.ts';
import { drawPerson, type Facing, type Look } from './people.ts';
import type { View } from './view.ts';

/** A place to be at a time: seconds since the walk began, metres to the right, metres away. */
export type Stop = readonly [atSeconds: number, x: number, z: number];

/** Something to draw, and how far away it stands, so that a scene can draw the farthest first. */
export interface Actor {
  z: number;
  draw: () => unknown;
}

const STEP_M = 0.72;

interface Pose {
  x: number;
  z: number;
  facing: Facing;
  steps?: number;
}

function poseAt(walk: readonly Stop[], seconds: number): Pose | undefined {
  let walkedM = 0;
  let facing: Facing = 'near';
  for (let index = 1; index < walk.length; index += 1) {
    const [fromSeconds, x0, z0] = walk[index - 1] ?? [0, 0, 0];
    const [toSeconds, x1, z1] = walk[index] ?? [0, 0, 0];
    const length = Math.hypot(x1 - x0, z1 - z0);
    if (length > 0.05) {
      if (Math.abs(x1 - x0) > Math.abs(z1 - z0)) facing = x1 > x0 ? 'right' : 'left';
      else facing = z1 > z0 ? 'far' : 'near';
    }
    if (seconds >= fromSeconds && seconds < toSeconds) {
      const share = (seconds - fromSeconds) / (toSeconds - fromSeconds);
      const pose = { x: x0 + (x1 - x0) * share, z: z0 + (z1 - z0) * share, facing };
      return length > 0.05 ? { ...pose, steps: (walkedM + length * share) / STEP_M } : pose;
    }
    walkedM += length;
  }
  return undefined;
}

/**
 * A walk may last longer than the clip: whoever is under way when the clip ends is drawn on, from there, at its
 * start, so that nobody jumps when the clip repeats.
 */
export function strollers(ctx: Canvas2D, view: View, t: number, walk: { stops: readonly Stop[]; look: Look }): Actor[] {
  const lasts = walk.stops.at(-1)?.[0] ?? 0;
  const actors: Actor[] = [];
  for (let seconds = t; seconds < lasts; seconds += CLIP_SECONDS) {
    const pose = poseAt(walk.stops, seconds);
    if (!pose) continue;
    const { x, z, ...person } = pose;
    actors.push({ z, draw: () => drawPerson(ctx, view, [x, 0, z], { look: walk.look, ...person }) });
  }
  return actors;
}

/** Draws the farthest first. */
export function drawActors(actors: readonly Actor[]): void {
  for (const actor of [...actors].sort((a, b) => b.z - a.z)) actor.draw();
}
