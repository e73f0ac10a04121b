/**
 * Makes the H.265 main stream of the demo's optional camera (`sharp-eyes demo --h265`) from a clip's H.264:
 *   node demo/clips/make-h265.ts
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { CLIPS_FOLDER } from './catalog.ts';

const CLIP = 'school-gate';
const file = (name: string): string => join(CLIPS_FOLDER, `${CLIP}.main.${name}`);
const x265 = [
  ...['keyint=50', 'min-keyint=50', 'scenecut=0', 'open-gop=0', 'bframes=0', 'repeat-headers=1', 'info=0'],
  ...['slices=1', 'frame-threads=1', 'wpp=0', 'vbv-maxrate=400', 'vbv-bufsize=800', 'log-level=error'],
].join(':');
const colours = ['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709', '-color_range', 'tv'];
execFileSync(process.env['FFMPEG_BIN'] ?? '/usr/bin/ffmpeg', [
  ...['-v', 'error', '-y', '-i', file('h264'), '-c:v', 'libx265', '-preset', 'slow', '-b:v', '200k'],
  ...['-x265-params', x265, ...colours, '-bsf:v', 'filter_units=remove_types=39-40', '-f', 'hevc', file('h265')],
]);
