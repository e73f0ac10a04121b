import { accessSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

/** Where {@link findFfmpeg} looks; a test gives its own. */
export interface FfmpegPlaces {
  /** `FFMPEG_BIN`: when it is set, nothing else is tried. */
  chosen: string | undefined;
  /** Path of the program in the package `ffmpeg-static`; null without it. */
  packaged: string | null;
  /** `PATH`. */
  path: string;
}

/**
 * Path of the ffmpeg program: `FFMPEG_BIN`, else the package `ffmpeg-static`, else the system's; null when there is
 * none. Looks at files only; nothing is started.
 */
export function findFfmpeg(places: FfmpegPlaces = ownPlaces()): string | null {
  const { chosen, packaged, path } = places;
  const inPath = (name: string): string[] => path.split(delimiter).map((folder) => join(folder, name));
  if (chosen !== undefined && chosen !== '') {
    // A bare name is looked up as a shell would.
    return [...(chosen.includes('/') ? [chosen] : inPath(chosen))].find(isProgram) ?? null;
  }
  return [...(packaged === null ? [] : [packaged]), ...inPath('ffmpeg')].find(isProgram) ?? null;
}

function ownPlaces(): FfmpegPlaces {
  return { chosen: process.env['FFMPEG_BIN'], packaged: packagedPath(), path: process.env['PATH'] ?? '' };
}

function packagedPath(): string | null {
  try {
    const path: unknown = createRequire(import.meta.url)('ffmpeg-static');
    return typeof path === 'string' ? path : null;
  } catch {
    // An optional package: it is not installed everywhere.
    return null;
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
