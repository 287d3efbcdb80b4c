import type { ArgsDef } from 'citty';
import { CannotRun } from './exit';

/** The value where it is one of those allowed. Throws `CannotRun` otherwise. */
export function oneOf<V extends string>(option: string, value: string, allowed: readonly V[]): V {
  if ((allowed as readonly string[]).includes(value)) return value as V;
  throw new CannotRun(`${option} has to be one of ${allowed.join(', ')}, not ${JSON.stringify(value)}`);
}

/** Everything that stands on the command line without an option before it. */
export function paths(args: { readonly _: readonly string[] }): string[] {
  return [...args._];
}

/** Sets the exit code; the process ends when its output is written. */
export function finish(code: number): void {
  process.exitCode = code;
}

/** Throws `CannotRun` for options that a command doesn't have, and for those without their value. */
export function checkOptions(raw: readonly string[], defs: ArgsDef): void {
  for (let i = 0; i < raw.length; i++) {
    const word = raw[i]!;
    if (word === '--') return;
    if (!word.startsWith('-') || word === '-') continue;
    const [name = '', value] = word.replace(/^--?/, '').split(/=(.*)/s, 2);
    const def = defs[name];
    const positive = name.startsWith('no-') ? defs[name.slice(3)] : undefined;
    if (!word.startsWith('--') || (!def && positive?.type !== 'boolean') || def?.type === 'positional') throw new CannotRun(`unknown option ${word}`);
    if (def && def.type !== 'boolean' && value === undefined) {
      const next = raw[++i];
      if (next === undefined || next.startsWith('--')) throw new CannotRun(`${word} needs a value`);
    }
  }
}
