/** Tests that need a program which a machine may not have: skipped there, with the reason in their name. */
import { spawnSync } from 'node:child_process';

const known = new Map<string, boolean>();

/** True where the program is on this machine. */
export function installed(program: string): boolean {
  let there = known.get(program);
  if (there === undefined) known.set(program, there = spawnSync(program, ['--version']).error === undefined);
  return there;
}

/** `it` for machines with all of the programs; elsewhere the test is skipped, and its name says why. */
export function withTools(...programs: readonly string[]): (title: string, test: Mocha.AsyncFunc | Mocha.Func) => Mocha.Test {
  const absent = programs.filter(p => !installed(p));
  return (title, test) => absent.length === 0 ? it(title, test as Mocha.Func) : it.skip(`${title} (skipped: no ${absent.join(', ')} on this machine)`, test as Mocha.Func);
}
