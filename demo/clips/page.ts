/** Runs inside the browser: draws a scene's frames and hands them to the make script. */
import type { Canvas2D } from './canvas.ts';
import { HEIGHT, WIDTH } from './canvas.ts';
import { clipClock, osdText, vignette } from './kit/osd.ts';
import type { Scene } from './scene.ts';
import { SCENES } from './scenes.ts';

interface PageCanvas {
  width: number;
  height: number;
  getContext(kind: '2d', options: { willReadFrequently: boolean }): PageContext | null;
  toDataURL(type: string, quality: number): string;
}
interface PageContext extends Canvas2D {
  getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray<ArrayBuffer> };
  drawImage(image: PageCanvas, x: number, y: number): void;
}
declare const document: { createElement(name: 'canvas'): PageCanvas };

/** What the make script calls in the page. */
export interface ClipPage {
  /** Draws frames one after another and posts each as raw RGBA to `/frame`. */
  renderClip(id: string, frames: number, framesPerSecond: number): Promise<void>;
  /** One frame as a JPEG data URL. */
  renderStill(id: string, seconds: number, framesPerSecond: number, quality: number): string;
}

function layer(paint?: (ctx: PageContext) => void): { canvas: PageCanvas; ctx: PageContext } {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const ctx = canvas.getContext('2d', { willReadFrequently: true });
  if (!ctx) throw new TypeError('this browser draws no 2D canvas');
  paint?.(ctx);
  return { canvas, ctx };
}

function drawer(id: string, framesPerSecond: number) {
  const scene: Scene | undefined = SCENES.find((candidate) => candidate.id === id);
  if (!scene) throw new TypeError(`no scene is called ${id}`);
  const behind = layer((ctx) => scene.backdrop(ctx));
  const before = layer((ctx) => {
    scene.foreground?.(ctx);
    vignette(ctx, scene.vignette ?? 0.36);
    osdText(ctx, `${scene.titleZh}  ${scene.titleEn}`, 36, HEIGHT - 34);
  });
  const output = layer();
  const draw = (frame: number) => {
    output.ctx.drawImage(behind.canvas, 0, 0);
    output.ctx.save();
    scene.action(output.ctx, frame / framesPerSecond);
    output.ctx.restore();
    output.ctx.drawImage(before.canvas, 0, 0);
    osdText(output.ctx, clipClock(frame, framesPerSecond), 36, 56);
  };
  return { draw, output };
}

const page: ClipPage = {
  async renderClip(id, frames, framesPerSecond) {
    const { draw, output } = drawer(id, framesPerSecond);
    for (let frame = 0; frame < frames; frame += 1) {
      draw(frame);
      const { data } = output.ctx.getImageData(0, 0, WIDTH, HEIGHT);
      const answer = await fetch('/frame', { method: 'POST', body: data });
      if (!answer.ok) throw new TypeError(`frame ${frame} was refused`);
    }
  },
  renderStill(id, seconds, framesPerSecond, quality) {
    const { draw, output } = drawer(id, framesPerSecond);
    draw(Math.round(seconds * framesPerSecond));
    return output.canvas.toDataURL('image/jpeg', quality);
  },
};
Object.assign(globalThis, { clipPage: page });
