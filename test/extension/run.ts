/** The extension suite in VS Code's server and a headless browser: `node --import tsx test/extension/run.ts`. */
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildSuite, SUITE_ENTRY } from './build';
import { runSuite } from './host/suite-runner';
import { copyOf } from './workspace';

async function main(): Promise<void> {
  await buildSuite();
  const folder = copyOf(join(__dirname, 'workspace'), 'project');
  try {
    const { passed, failed, report } = await runSuite({ extension: join(__dirname, '../..'), entry: SUITE_ENTRY, folder, verbose: Boolean(process.env['VERBOSE']) });
    console.log(report.join('\n'));
    console.log(`${passed} passed, ${failed} failed`);
    if (failed > 0 || passed === 0) process.exitCode = 1;
  } finally {
    rmSync(dirname(folder), { recursive: true, force: true });
  }
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
