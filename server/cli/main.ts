import { setFlagsFromString } from 'node:v8';
import { isMainThread } from 'node:worker_threads';
import { version } from '../version';
import { CannotRun, EXIT } from './exit';

/** Loaded by name: `--version` reads none of the rules, and `lsp` none of the reports. */
const COMMANDS: Readonly<Record<string, () => Promise<{ readonly default: unknown }>>> = {
  scan: () => import('./commands/scan'),
  fix: () => import('./commands/fix'),
  score: () => import('./commands/score'),
  add: () => import('./commands/add'),
  harden: () => import('./commands/harden'),
  explain: () => import('./commands/explain'),
  rules: () => import('./commands/rules'),
  catalog: () => import('./commands/catalog'),
  practices: () => import('./commands/practices'),
  report: () => import('./commands/report'),
  diagram: () => import('./commands/diagram'),
  history: () => import('./commands/history'),
  'threat-model': () => import('./commands/threat-model'),
  lsp: () => import('./commands/lsp'),
};

async function main(argv: readonly string[]): Promise<void> {
  const [name, ...rest] = argv;
  if (name === '--version' || name === '-v') {
    process.stdout.write(`${version}\n`);
    return;
  }
  const help = name === undefined || name === '--help' || name === '-h' || name === 'help';
  const load = help ? undefined : Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!help && !load) throw new CannotRun(`unknown command ${name}; there are ${Object.keys(COMMANDS).join(', ')}`);
  const { runCommandLine } = await import('./run');
  await runCommandLine(help ? undefined : name, load, rest, COMMANDS);
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever reads has seen enough.
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.ok);
  throw error;
});

// A scan is over before most optimised code has paid for its compilation: functions have to run longer until they are worth it.
if (isMainThread && process.argv[2] !== 'lsp') setFlagsFromString('--interrupt-budget=1000000');

const work = isMainThread ? main(process.argv.slice(2)) : import('./threads').then(t => t.scanAsThread());
work.catch((error: unknown) => {
  process.exitCode = EXIT.failed;
  const known = error instanceof CannotRun;
  process.stderr.write(`ci-hardening: ${known || !(error instanceof Error) ? (error as Error).message : `${error.name}: ${error.message}`}\n`);
  if (!known && process.env.CI_HARDENING_DEBUG) process.stderr.write(`${(error as Error).stack ?? ''}\n`);
});
