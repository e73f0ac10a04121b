import type { Canvas2D } from '../canvas.ts';
import { HEIGHT, WIDTH } from '../canvas.ts';

const FONT = '"Noto Sans Mono CJK SC", "Noto Sans CJK SC", monospace';

/** Clip time as a camera prints it: hours, minutes, seconds and the number of the frame within the second. */
export function clipClock(frame: number, framesPerSecond: number): string {
  const seconds = Math.floor(frame / framesPerSecond);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return `${parts.map(two).join(':')}.${two(frame % framesPerSecond)}`;
}

/** Prints one line of the on-screen display, readable on light and dark pictures. */
export function osdText(ctx: Canvas2D, text: string, x: number, y: number): void {
  ctx.save();
  ctx.font = `600 30px ${FONT}`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.lineJoin = 'round';
  ctx.strokeStyle = 'rgba(12,16,26,0.85)';
  ctx.lineWidth = 5;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = '#fbfcff';
  ctx.fillText(text, x, y);
  ctx.restore();
}

/** Darkens the corners as a small lens does. */
export function vignette(ctx: Canvas2D, strength: number): void {
  const far = Math.hypot(WIDTH, HEIGHT) / 2;
  const run = ctx.createRadialGradient(WIDTH / 2, HEIGHT / 2, far * 0.5, WIDTH / 2, HEIGHT / 2, far);
  run.addColorStop(0, 'rgba(8,12,24,0)');
  run.addColorStop(0.6, `rgba(8,12,24,${strength * 0.3})`);
  run.addColorStop(1, `rgba(8,12,24,${strength})`);
  ctx.fillStyle = run;
  ctx.fillRect(0, 0, WIDTH, HEIGHT);
}
