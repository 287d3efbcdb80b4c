import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import type { SuiteResult } from '../host/suite-runner';

/** What VS Code calls. Leaves its result in a file, because the exit code of a workbench proves nothing. */
export async function run(): Promise<void> {
  const file = process.env['CI_HARDENING_RESULTS'];
  if (!file) throw new Error('CI_HARDENING_RESULTS is not set');
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, reporter: Mocha.reporters.Base });
  mocha.suite.emit(Mocha.Suite.constants.EVENT_FILE_PRE_REQUIRE, globalThis, '', mocha);
  await import('./editor.test');
  await import('./features.test');
  await import('./actions-lock.test');
  await import('./scorecard.test');
  await import('./harden.test');
  await import('./server.test');
  await import('./session.test');

  const result: SuiteResult = { passed: 0, failed: 0, running: undefined, report: [] };
  // Written after each step, so that a run that hangs or crashes says where.
  const write = () => { writeFileSync(file, JSON.stringify(result)); };
  await new Promise<void>(resolve => {
    mocha.run(() => { resolve(); })
      .on('test', test => {
        result.running = test.fullTitle();
        write();
      })
      .on('pass', test => {
        result.passed++;
        result.report.push(`  ok    ${test.fullTitle()} (${test.duration ?? 0} ms)`);
      })
      .on('fail', (test, error: Error) => {
        result.failed++;
        result.report.push(`  FAIL  ${test.fullTitle()}`, ...(error.stack ?? error.message).split('\n').map(line => `          ${line}`));
      });
  });
  result.running = undefined;
  result.complete = true;
  write();
  if (result.failed > 0) throw new Error(`${result.failed} failed`);
}
