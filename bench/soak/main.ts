import { messageOf } from '../../contract/errors.ts';
import { CannotRun } from '../figure.ts';

/**
 * Every long run by name: each prints what it finds as it goes and throws when something that must hold did not. Options
 * are `--name value`.
 */
const SOAKS: Readonly<
  Record<
    string,
    () => Promise<{ run(options: ReadonlyMap<string, string>, say: (line: string) => void): Promise<void> }>
  >
> = {
  'bit-exact': () => import('./bit-exact.ts'),
  fuzz: () => import('./fuzz.ts'),
  republish: () => import('./republish.ts'),
  'thin-line': () => import('./thin-line.ts'),
  wall: () => import('./wall.ts'),
};

const EXIT_USAGE = 2;
const EXIT_CANNOT_RUN = 3;

const args = process.argv.slice(2);
const name = args[0] ?? '';
const load = SOAKS[name];

if (load === undefined) {
  process.stderr.write(
    `usage: npm run soak -- NAME [--option value]\nNAME is one of: ${Object.keys(SOAKS).join(', ')}\n`,
  );
  process.exitCode = EXIT_USAGE;
} else {
  try {
    const soak = await load();
    await soak.run(optionsOf(args.slice(1)), (line) => process.stdout.write(`${line}\n`));
  } catch (error) {
    process.stderr.write(`soak ${name}: ${messageOf(error)}\n`);
    process.exitCode = error instanceof CannotRun ? EXIT_CANNOT_RUN : 1;
  }
}

function optionsOf(words: readonly string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const [at, word] of words.entries()) if (word.startsWith('--')) options.set(word.slice(2), words[at + 1] ?? '');
  return options;
}
