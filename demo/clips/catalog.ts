import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One H.264 elementary stream (Annex B) of a clip. */
export interface ClipStream {
  /** File name beside the catalogue. */
  file: string;
  width: number;
  height: number;
  /** Frame rate as a fraction: 25/1, 25/2. */
  fpsNum: number;
  fpsDen: number;
  frames: number;
  /** A key frame (SPS, PPS, IDR) opens every group of this many frames. */
  gopFrames: number;
  bytes: number;
}

/** One camera picture of the virtual township. */
export interface Clip {
  id: string;
  titleZh: string;
  titleEn: string;
  durationSeconds: number;
  main: ClipStream;
  sub: ClipStream;
  snapshot: { file: string; width: number; height: number; bytes: number };
}

/** What `clips.json` holds. */
export interface ClipCatalog {
  clips: Clip[];
}

/** Folder of the clips. */
export const CLIPS_FOLDER = import.meta.dirname;

/** Reads the catalogue of the clips that ship with the demo. */
export function readClipCatalog(folder = CLIPS_FOLDER): ClipCatalog {
  return JSON.parse(readFileSync(join(folder, 'clips.json'), 'utf8')) as ClipCatalog;
}
