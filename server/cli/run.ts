import { defineCommand, renderUsage, runCommand, type ArgsDef, type CommandDef } from 'citty';
import { version } from '../version';
import { checkOptions } from './arguments';
import { write } from './print';

type Loader = () => Promise<{ readonly default: unknown }>;

/** Runs a command, or prints help. Throws `CannotRun` for what it doesn't understand. */
export async function runCommandLine(name: string | undefined, load: Loader | undefined, rest: string[], all: Readonly<Record<string, Loader>>): Promise<void> {
  if (!load || !name) {
    const subCommands = Object.fromEntries(Object.entries(all).map(([n, l]) => [n, async () => (await l()).default as CommandDef]));
    await write(`${await renderUsage(defineCommand({ meta: { name: 'ci-hardening', version, description: 'Makes CI pipelines hard to break and hard to break into' }, subCommands }))}\n`);
    return;
  }
  const command = (await load()).default as CommandDef;
  if (rest.includes('--help') || rest.includes('-h')) {
    const parent = defineCommand({ meta: { name: 'ci-hardening' } });
    await write(`${await renderUsage(command, parent as CommandDef)}\n`);
    return;
  }
  checkOptions(rest, (command.args ?? {}) as ArgsDef);
  await runCommand(command, { rawArgs: rest });
}
