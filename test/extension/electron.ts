/** The extension suite in a desktop VS Code, which is downloaded: `npm run test:electron`. CI_HARDENING_CODE names another executable. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { buildSuite, SUITE_ENTRY } from './build';
import { readResult } from './host/suite-runner';
import { copyOf } from './workspace';

async function main(): Promise<void> {
  await buildSuite();
  const folder = copyOf(join(__dirname, 'workspace'), 'project');
  const home = mkdtempSync(join(tmpdir(), 'ci-hardening-electron-'));
  const results = join(home, 'results.json');
  const executable = process.env['CI_HARDENING_CODE'];
  try {
    await runTests({
      ...(executable ? { vscodeExecutablePath: executable } : { version: process.env['CI_HARDENING_CODE_VERSION'] ?? 'stable' }),
      extensionDevelopmentPath: join(__dirname, '../..'),
      extensionTestsPath: SUITE_ENTRY,
      launchArgs: [folder, '--disable-extensions', '--disable-workspace-trust', '--user-data-dir', join(home, 'user-data')],
      extensionTestsEnv: { CI_HARDENING_RESULTS: results },
    }).catch((error: unknown) => { console.error(String(error)); });
    const { passed, failed, report } = readResult(results, 'VS Code ended');
    console.log(report.join('\n'));
    console.log(`${passed} passed, ${failed} failed`);
    if (failed > 0 || passed === 0) process.exitCode = 1;
  } finally {
    rmSync(dirname(folder), { recursive: true, force: true });
    rmSync(home, { recursive: true, force: true });
  }
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
