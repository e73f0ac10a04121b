/**
 * Draws the virtual township's camera pictures and encodes them.
 *   node demo/clips/make.ts                      every scene, and the catalogue
 *   node demo/clips/make.ts river-gauge          only this scene (the catalogue keeps the others)
 *   node demo/clips/make.ts --stills out [id…]   a few frames per scene as JPEG, to look at
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { bundlePage, openPage } from './browser.ts';
import { HEIGHT, WIDTH } from './canvas.ts';
import type { Clip, ClipStream } from './catalog.ts';
import { CLIPS_FOLDER } from './catalog.ts';
import { DRAWN_PER_SECOND, encode, FrameStore, type Rendition } from './encode.ts';
import type { ClipPage } from './page.ts';
import { CLIP_SECONDS, type Scene } from './scene.ts';
import { SCENES } from './scenes.ts';

/** The first and the last tell whether the clip repeats without a jump. */
const STILL_SECONDS = [0, 3, 5.4, 8, 10.4, CLIP_SECONDS - 1 / DRAWN_PER_SECOND];
const SNAPSHOT_BYTES_MAX = 42_000;
const FRAMES = CLIP_SECONDS * DRAWN_PER_SECOND;

declare const clipPage: ClipPage;

let store: FrameStore | undefined;

async function answer(request: IncomingMessage, response: ServerResponse, script: string): Promise<void> {
  if (request.method !== 'POST') {
    response
      .setHeader('content-type', 'text/html; charset=utf-8')
      .end(`<script>${script.replaceAll('</', '<\\/')}</script>`);
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  await store?.write(Buffer.concat(chunks));
  response.end();
}

async function still(page: Page, id: string, seconds: number, quality: number): Promise<Buffer> {
  const url = await page.evaluate(
    ([scene, at, rate, jpegQuality]) => clipPage.renderStill(scene, at, rate, jpegQuality),
    [id, seconds, DRAWN_PER_SECOND, quality] as const,
  );
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

async function snapshot(page: Page, scene: Scene): Promise<Buffer> {
  for (let quality = 0.86; ; quality -= 0.06) {
    const jpeg = await still(page, scene.id, scene.snapshotAtSeconds, quality);
    if (jpeg.length <= SNAPSHOT_BYTES_MAX || quality < 0.4) return jpeg;
  }
}

function renditions(id: string): { main: Rendition; sub: Rendition } {
  const file = (name: string) => join(CLIPS_FOLDER, `${id}.${name}.h264`);
  return {
    main: { file: file('main'), width: WIDTH, height: HEIGHT, keepEvery: 1, gopFrames: 50, kbit: 310 },
    sub: {
      file: file('sub'),
      width: WIDTH / 2,
      height: HEIGHT / 2,
      keepEvery: 2,
      gopFrames: 25,
      kbit: 72,
    },
  };
}

function describe({ file, width, height, keepEvery, gopFrames }: Rendition): ClipStream {
  return {
    file: file.slice(CLIPS_FOLDER.length + 1),
    width,
    height,
    fpsNum: DRAWN_PER_SECOND,
    fpsDen: keepEvery,
    frames: FRAMES / keepEvery,
    gopFrames,
    bytes: statSync(file).size,
  };
}

async function render(page: Page, scene: Scene): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'clips-'));
  try {
    const frames = join(scratch, 'frames.mkv');
    store = new FrameStore(frames);
    store.start();
    await page.evaluate(([id, count, rate]) => clipPage.renderClip(id, count, rate), [
      scene.id,
      FRAMES,
      DRAWN_PER_SECOND,
    ] as const);
    await store.stop();
    const { main, sub } = renditions(scene.id);
    for (const rendition of [main, sub]) await encode(frames, rendition);
  } finally {
    rmSync(scratch, { recursive: true });
  }
  writeFileSync(join(CLIPS_FOLDER, `${scene.id}.jpg`), await snapshot(page, scene));
}

function catalogue(): Clip[] {
  return SCENES.map(({ id, titleZh, titleEn }) => {
    const { main, sub } = renditions(id);
    const file = `${id}.jpg`;
    const bytes = statSync(join(CLIPS_FOLDER, file)).size;
    const shot = { file, width: WIDTH, height: HEIGHT, bytes };
    return {
      id,
      titleZh,
      titleEn,
      durationSeconds: CLIP_SECONDS,
      main: describe(main),
      sub: describe(sub),
      snapshot: shot,
    };
  });
}

async function run(page: Page, stillsFolder: string | undefined, ids: readonly string[]): Promise<void> {
  const chosen = SCENES.filter(({ id }) => ids.length === 0 || ids.includes(id));
  for (const scene of chosen) {
    if (stillsFolder) {
      mkdirSync(stillsFolder, { recursive: true });
      for (const at of STILL_SECONDS) {
        writeFileSync(join(stillsFolder, `${scene.id}-${at}.jpg`), await still(page, scene.id, at, 0.92));
      }
    } else {
      await render(page, scene);
      process.stdout.write(`${scene.id} drawn and encoded\n`);
    }
  }
  if (!stillsFolder)
    writeFileSync(join(CLIPS_FOLDER, 'clips.json'), `${JSON.stringify({ clips: catalogue() }, null, 2)}\n`);
}

const words = process.argv.slice(2);
const stillsFolder = words[0] === '--stills' ? words[1] : undefined;
const script = await bundlePage();
const server = createServer((request, response) => {
  answer(request, response, script).catch((error: unknown) => response.writeHead(500).end(String(error)));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { browser, page } = await openPage(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
try {
  await run(page, stillsFolder, stillsFolder ? words.slice(2) : words);
} finally {
  await browser.close();
  server.close();
}
