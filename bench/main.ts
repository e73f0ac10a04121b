import { messageOf } from '../contract/errors.ts';
import { CannotRun, type Figure, tableRow } from './figure.ts';

/** Every benchmark by name. Each hands its figures out as they are measured. */
const BENCHES: Readonly<Record<string, () => Promise<{ run(say: (figure: Figure) => void): Promise<void> }>>> = {
  relay: () => import('./relay.ts'),
  demo: () => import('./demo.ts'),
};

const EXIT_USAGE = 2;
const EXIT_CANNOT_RUN = 3;

const args = process.argv.slice(2);
const name = args.find((arg) => !arg.startsWith('--')) ?? '';
const json = args.includes('--json');
const load = BENCHES[name];

if (load === undefined) {
  process.stderr.write(`usage: npm run bench -- NAME [--json]\nNAME is one of: ${Object.keys(BENCHES).join(', ')}\n`);
  process.exitCode = EXIT_USAGE;
} else {
  try {
    const bench = await load();
    await bench.run((figure) => process.stdout.write(`${json ? JSON.stringify(figure) : tableRow(figure)}\n`));
  } catch (error) {
    process.stderr.write(`bench ${name}: ${messageOf(error)}\n`);
    process.exitCode = error instanceof CannotRun ? EXIT_CANNOT_RUN : 1;
  }
}
