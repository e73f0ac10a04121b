import { MOSQUITTO } from '../../tests/support/mosquitto.ts';
import { waitFor } from '../../tests/support/wait.ts';
import { CannotRun, median } from '../figure.ts';
import { WallCentre } from './wall-centre.ts';
import { type PageMemory, WallInBrowser } from './wall-page.ts';

const TILES = 16;
const HEALED_WITHIN_MS = 10_000;
/** How long is watched for those that need longer. */
const GIVEN_UP_MS = 60_000;
/** Nothing that had arrived before a restart is left to be painted. */
const RUN_DRY_MS = 1000;
/** Frames painted afterwards that count as moving. */
const FRAMES = 5;
const GROWTH = 0.05;
/** Of the looks at memory: the first of them are compared with the last, as `npm run bench -- wall` does. */
const COMPARED = 0.2;
const LOOK_EVERY_MS = 10_000;
const MINUTE_MS = 60_000;
const MIB = 1024 ** 2;
const PARTS = ['hub', 'edge', 'broker', 'camera'] as const;
type Part = (typeof PARTS)[number];

/**
 * A wall of 16 cameras in a real Chromium for `--minutes` (30), with `--broker mosquitto` (default where it is installed)
 * or `embedded`; hub, edge, broker and a camera are killed
 * `--rounds` times in between (2, or 1 in less than 20 minutes). Every tile has to move again by itself within ten
 * seconds, and the page may not grow by more than 5 % from the first to the last fifth of the looks after the third minute.
 */
export async function run(options: ReadonlyMap<string, string>, say: (line: string) => void): Promise<void> {
  const minutes = Number(options.get('minutes') ?? 30);
  const broker = options.get('broker') ?? (MOSQUITTO === undefined ? 'embedded' : 'mosquitto');
  if (broker !== 'mosquitto' && broker !== 'embedded') throw new CannotRun('--broker is mosquitto or embedded');
  if (!(minutes >= 3)) throw new CannotRun('--minutes is 3 or more');
  if (broker === 'mosquitto' && MOSQUITTO === undefined) throw new CannotRun('Mosquitto is not installed');
  const centre = new WallCentre(broker);
  let wall: WallInBrowser | null = null;
  try {
    await centre.start(TILES);
    wall = await WallInBrowser.open(centre.url, centre.login, TILES);
    const rounds = Number(options.get('rounds') ?? (minutes >= 20 ? 2 : 1));
    const parts = PARTS.filter((part) => part !== 'broker' || broker === 'mosquitto');
    await watch(centre, wall, { minutes, rounds, parts }, say);
  } finally {
    await wall?.close();
    await centre.stop();
  }
}

async function watch(
  centre: WallCentre,
  wall: WallInBrowser,
  { minutes, rounds, parts }: { minutes: number; rounds: number; parts: readonly Part[] },
  say: (line: string) => void,
): Promise<void> {
  const failures: string[] = [];
  const first = await healing(wall, performance.now());
  say(`all ${TILES} tiles move after ${seconds(first)}`);
  const startMs = performance.now();
  const baseline = Math.min(3, Math.floor(minutes / 2));
  const rest = plan(Array.from({ length: rounds }, () => parts).flat(), baseline, minutes);
  // Once before the first measurement: what the page only does after a loss is compiled then.
  const restarts = [{ part: 'hub' as Part, atMinutes: baseline / 4 }, ...rest];
  const looks: (PageMemory & { minute: number })[] = [];
  for (let minute = 1; minute <= minutes; minute++) {
    while (performance.now() - startMs < minute * MINUTE_MS) {
      const due = restarts[0];
      if (due !== undefined && performance.now() - startMs >= due.atMinutes * MINUTE_MS) {
        restarts.shift();
        const healedMs = await restart(centre, wall, due.part);
        say(`  ${due.part} killed and restarted: every tile moves again after ${seconds(healedMs)}`);
        if (healedMs > HEALED_WITHIN_MS) failures.push(`after a restart of the ${due.part}: ${seconds(healedMs)}`);
      }
      looks.push({ minute, ...(await wall.memory()) });
      await sleep(Math.min(LOOK_EVERY_MS, Math.max(0, minute * MINUTE_MS - (performance.now() - startMs))));
    }
    say(lineOf(minute, middle(looks.filter((look) => look.minute === minute)), await wall.tiles()));
  }
  const warm = looks.filter(({ minute }) => minute > baseline);
  const compared = Math.max(1, Math.floor(warm.length * COMPARED));
  const [before, after] = [middle(warm.slice(0, compared)), middle(warm.slice(-compared))];
  for (const what of ['heapBytes', 'rendererBytes'] as const) {
    const growth = after[what] / before[what] - 1;
    say(`${what}: ${percent(growth)} from the first to the last fifth after minute ${baseline}`);
    if (growth > GROWTH) failures.push(`${what} grew by ${percent(growth)}`);
  }
  if (wall.reloads > 0) failures.push(`the page was loaded anew ${wall.reloads} times`);
  failures.push(...wall.faults.map((fault) => `the page reported: ${fault}`));
  if (failures.length > 0) throw new Error(failures.join('; '));
}

/** Restarts spread evenly between the minute of the first measurement and the one before the last. */
function plan(parts: readonly Part[], baseline: number, minutes: number): { part: Part; atMinutes: number }[] {
  const gap = (minutes - baseline - 0.75) / parts.length;
  return parts.map((part, at) => ({ part, atMinutes: baseline + 0.1 + at * gap }));
}

async function restart(centre: WallCentre, wall: WallInBrowser, part: Part): Promise<number> {
  const killedAtMs = performance.now();
  const { restarted } = await centre.restart(part);
  await sleep(Math.max(0, RUN_DRY_MS - (performance.now() - killedAtMs)));
  const [healedMs] = await Promise.all([healing(wall, killedAtMs), restarted]);
  return healedMs;
}

/** How long after a moment every tile is live and has painted new frames; at most {@link GIVEN_UP_MS}. */
async function healing(wall: WallInBrowser, sinceMs: number): Promise<number> {
  const before = new Map((await wall.tiles()).map(({ device, frames }) => [device, frames]));
  return waitFor(
    `${TILES} tiles to move`,
    async () => {
      const tiles = await wall.tiles();
      const moving = tiles.filter((tile) => tile.frames >= (before.get(tile.device) ?? 0) + FRAMES);
      const live = moving.filter(({ state }) => state === 'live');
      return live.length === TILES ? performance.now() - sinceMs : undefined;
    },
    GIVEN_UP_MS,
    100,
  );
}

/** The middle of several looks: a single one may fall between two collections of the browser's own. */
function middle(looks: readonly PageMemory[]): PageMemory {
  const of = (what: keyof PageMemory): number => median(looks.map((look) => look[what]).sort((a, b) => a - b));
  return { heapBytes: of('heapBytes'), rendererBytes: of('rendererBytes') };
}

function lineOf(minute: number, memory: PageMemory, tiles: readonly { state: string; frames: number }[]): string {
  const live = tiles.filter(({ state }) => state === 'live').length;
  const frames = tiles.reduce((sum, tile) => sum + tile.frames, 0);
  const [heap, renderers] = [memory.heapBytes, memory.rendererBytes].map((bytes) => (bytes / MIB).toFixed(1));
  return `minute ${minute}: ${live} live, ${frames} frames painted, heap ${heap} MiB, renderers ${renderers} MiB`;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
