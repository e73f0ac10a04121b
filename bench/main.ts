import { messageOf } from '../contract/errors.ts';
import { type Bench, CannotRun, tableRow } from './figure.ts';

/** Every benchmark by name. Each hands its figures out as they are measured. */
const BENCHES: Readonly<Record<string, () => Promise<{ bench: Bench }>>> = {
  relay: () => import('./relay/relay.ts'),
  latency: () => import('./latency/latency.ts'),
  wall: () => import('./wall/wall.ts'),
  storm: () => import('./storm.ts'),
  demo: () => import('./demo.ts'),
};

const EXIT_USAGE = 2;
const EXIT_CANNOT_RUN = 3;
const DEFAULT_MINUTES = 30;

const args = process.argv.slice(2);
const json = args.includes('--json');
const minutesAt = args.indexOf('--minutes');
const minutes = minutesAt < 0 ? DEFAULT_MINUTES : Number(args[minutesAt + 1]);
const [name = '', ...figures] = args.filter((arg, at) => (!arg.startsWith('--') && at !== minutesAt + 1) || at === 0);
const load = BENCHES[name];

process.exitCode =
  load === undefined ? usage(`NAME is one of: ${Object.keys(BENCHES).join(', ')}`) : await measure(load);

/** Measures the figures that were asked for, or all; gives the exit code. */
async function measure(loadBench: NonNullable<typeof load>): Promise<number> {
  const { bench } = await loadBench();
  const known = Object.keys(bench);
  const wanted = figures.length === 0 ? known : figures;
  const unknown = wanted.find((figure) => !Object.hasOwn(bench, figure));
  if (unknown !== undefined) return usage(`FIGURE of ${name} is one of: ${known.join(', ')}`);
  let exitCode = 0;
  // Figures that are measured together share their function.
  for (const run of new Set(wanted.map((figure) => bench[figure]))) {
    try {
      await run?.({
        minutes,
        say: (figure) => process.stdout.write(`${json ? JSON.stringify(figure) : tableRow(figure)}\n`),
        note: (line) => process.stderr.write(`${line}\n`),
      });
    } catch (error) {
      process.stderr.write(`bench ${name}: ${messageOf(error)}\n`);
      // What a browser should show did not come in time: the machine is too busy, and there is no figure either.
      const cannotRun = error instanceof CannotRun || (error instanceof Error && error.name === 'TimeoutError');
      exitCode = cannotRun ? EXIT_CANNOT_RUN : 1;
    }
  }
  return exitCode;
}

function usage(line: string): number {
  process.stderr.write(`usage: npm run bench -- NAME [FIGURE…] [--json] [--minutes N]\n${line}\n`);
  return EXIT_USAGE;
}
