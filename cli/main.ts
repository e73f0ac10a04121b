import { Command, InvalidArgumentError, Option } from 'commander';
import { messageOf, SharpEyesError } from '../contract/errors.ts';
import { VERSION } from '../platform/version.ts';

const io = {
  out: (line: string): void => void process.stdout.write(`${line}\n`),
  err: (line: string): void => void process.stderr.write(`${line}\n`),
};

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('a port is a number from 0 to 65535');
  return value;
}

if (process.env['SHARP_EYES_WITH_PARENT'] === '1') {
  process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM')).resume();
  process.stdin.unref?.();
}

const program = new Command('sharp-eyes')
  .description('Command-centre gateway: township edges, a county hub, linked incidents on the wall.')
  .version(VERSION)
  .showHelpAfterError('(--help shows what there is)');

program
  .command('demo')
  .description('starts hub, edge and a virtual township on this machine and prints address and first login')
  .option('--port <port>', 'port of the dashboard; the six ports above it are used too', port, 8800)
  .option('--data <folder>', 'folder of everything that is kept', '.sharp-eyes')
  .option('--host <address>', 'address to listen on; anything but loopback turns TLS on', '127.0.0.1')
  .option('--no-demo', 'hub and edge only, without the virtual township')
  .addOption(new Option('--tls', 'TLS on loopback too').default(false))
  .addOption(
    new Option('--direct', 'browsers take the enlarged picture straight from the edge where they can').default(false),
  )
  .addOption(new Option('--h265', 'a tenth camera, whose main stream is H.265').default(false))
  .addOption(
    new Option('--first-pause <seconds>', 'from the last registration to the first act')
      .argParser(Number)
      .default(5)
      .hideHelp(),
  )
  .action(async (options: DemoFlags) => {
    const { runDemo } = await import('./demo.ts');
    const { host, data, demo, tls, direct, firstPause, h265 } = options;
    process.exitCode = await runDemo(
      { port: options.port, data, host, township: demo, tls, direct, firstPauseSeconds: firstPause, h265 },
      io,
    );
  });

interface DemoFlags {
  port: number;
  data: string;
  host: string;
  demo: boolean;
  tls: boolean;
  direct: boolean;
  firstPause: number;
  h265: boolean;
}

program
  .command('profile')
  .description('device profiles')
  .command('test <file>')
  .description("runs a profile's samples and says what is not proven")
  .action(async (file: string) => {
    const { runProfileTest } = await import('./profile-test.ts');
    process.exitCode = await runProfileTest(file, io);
  });

const hub = program
  .command('hub')
  .description('runs the hub')
  .option('--config <file>', 'configuration (YAML)')
  .option('--data <folder>', 'data folder, instead of the one in the configuration')
  .action(async (options: { config?: string; data?: string }) => {
    const { runHubProgram } = await import('../hub/main.ts');
    await runHubProgram({ configFile: options.config ?? null, overrides: { data: options.data } });
  });

hub
  .command('enrol')
  .description('makes a one-use join file for an edge, valid for 24 hours')
  .requiredOption('--edge <id>', 'id of the edge: lower-case letters, digits, "-", "_", "."')
  .requiredOption('--name <name>', 'name for people')
  .option('--region <id>', 'region of the edge')
  .option('--out <file>', 'where to write the join file; standard output when left out')
  .option('--config <file>', 'configuration of the hub')
  .option('--data <folder>', 'data folder of the hub')
  .action(async (_: unknown, command: Command) => {
    const { runEnrol } = await import('./hub-commands.ts');
    await runEnrol(command.optsWithGlobals(), io);
  });

hub
  .command('reset-password <account>')
  .description('gives an account a new generated password')
  .option('--config <file>', 'configuration of the hub')
  .option('--data <folder>', 'data folder of the hub')
  .action(async (account: string, _: unknown, command: Command) => {
    const { runResetPassword } = await import('./hub-commands.ts');
    await runResetPassword(account, command.optsWithGlobals(), io);
  });

hub
  .command('demo-accounts', { hidden: true })
  .option('--data <folder>', 'data folder of the hub')
  .action(async (_: unknown, command: Command) => {
    const { runDemoAccounts } = await import('./hub-commands.ts');
    await runDemoAccounts(command.optsWithGlobals(), io);
  });

hub
  .command('mosquitto-files')
  .description("writes Mosquitto's configuration, passwords and access list from the hub's registry")
  .requiredOption('--out <folder>', 'where to write them')
  .option('--config <file>', 'configuration of the hub')
  .option('--data <folder>', 'data folder of the hub')
  .action(async (_: unknown, command: Command) => {
    const { runMosquittoFiles } = await import('./hub-commands.ts');
    await runMosquittoFiles(command.optsWithGlobals(), io);
  });

const edge = program
  .command('edge')
  .description('runs an edge')
  .option('--config <file>', 'configuration (YAML)')
  .option('--join <file>', 'join file, needed once')
  .option('--data <folder>', 'data folder, instead of the one in the configuration')
  .action(async (options: { config?: string; join?: string; data?: string }) => {
    const { runEdgeProgram } = await import('../edge/main.ts');
    await runEdgeProgram({
      configFile: options.config ?? null,
      joinFile: options.join ?? null,
      dataFolder: options.data ?? null,
    });
  });

const reader = edge.command('reader').description('accounts of programs that read streams from this edge over RTSP');

reader
  .command('add <name>')
  .description('makes an account and prints its generated password, once')
  .option('--device <id...>', 'devices that it may read; all when left out')
  .option('--config <file>', 'configuration of the edge')
  .option('--data <folder>', 'data folder of the edge')
  .action(async (name: string, _: unknown, command: Command) => {
    const { runReaderAdd } = await import('./edge-commands.ts');
    await runReaderAdd(name, command.optsWithGlobals(), io);
  });

reader
  .command('list')
  .description('prints the accounts, one a line: name, devices, when it was made')
  .option('--config <file>', 'configuration of the edge')
  .option('--data <folder>', 'data folder of the edge')
  .action(async (_: unknown, command: Command) => {
    const { runReaderList } = await import('./edge-commands.ts');
    await runReaderList(command.optsWithGlobals(), io);
  });

reader
  .command('remove <name>')
  .description('removes an account; whatever it reads ends within seconds')
  .option('--config <file>', 'configuration of the edge')
  .option('--data <folder>', 'data folder of the edge')
  .action(async (name: string, _: unknown, command: Command) => {
    const { runReaderRemove } = await import('./edge-commands.ts');
    await runReaderRemove(name, command.optsWithGlobals(), io);
  });

program
  .command('check-config <file>')
  .description('checks a configuration of hub or edge, a rule file or a device profile, and says line and cause')
  .addOption(
    new Option('--kind <kind>', 'what it is, when the content does not tell').choices([
      'hub',
      'edge',
      'rules',
      'profile',
    ]),
  )
  .action(async (file: string, options: { kind?: 'hub' | 'edge' | 'rule' | 'profile' }) => {
    const { runCheckConfig } = await import('./check-config.ts');
    process.exitCode = await runCheckConfig(file, options.kind ?? null, io);
  });

program
  .command('schema <kind>')
  .description('prints the JSON Schema of a file: hub, edge, rule, profile')
  .action(async (kind: string) => {
    const { runSchema } = await import('./check-config.ts');
    process.exitCode = await runSchema(kind, io);
  });

program
  .command('verify <file>')
  .description('checks an evidence package: 0 intact, 1 changed, 2 wrong usage, 3 intact but signed by another key')
  .option('--trust <fingerprint>', 'fingerprint of the key that should have signed')
  .option('--json', 'the verdict as JSON')
  .addOption(new Option('--lang <language>', 'language of the answer').choices(['en', 'zh']))
  .action(async (file: string, options: { trust?: string; json?: boolean; lang?: 'en' | 'zh' }) => {
    const { runVerify } = await import('./verify.ts');
    const language = options.lang ?? ((process.env['LANG'] ?? '').startsWith('zh') ? 'zh' : 'en');
    const { trust, json } = options;
    process.exitCode = await runVerify(
      { file, language, ...(trust === undefined ? {} : { trust }), ...(json === undefined ? {} : { json }) },
      io,
    );
  });

try {
  await program.parseAsync();
} catch (error) {
  io.err(error instanceof SharpEyesError ? error.message : `sharp-eyes: ${messageOf(error)}`);
  if (!(error instanceof SharpEyesError) && error instanceof Error) io.err(error.stack ?? '');
  process.exitCode = 1;
}
