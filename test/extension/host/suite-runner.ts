import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Workbench } from './workbench';

/** What the suite leaves behind, see `suite/index.ts`. */
export interface SuiteResult {
  passed: number;
  failed: number;
  /** The test that runs. */
  running?: string;
  /** Set at the end: a result without it is of a run that did not get there. */
  complete?: true;
  report: string[];
}

export interface SuiteRun {
  extension: string;
  /** The compiled entry, a module that exports `run()`. */
  entry: string;
  folder: string;
  limitMs?: number;
  verbose?: boolean;
}

/**
 * Runs a suite in a real extension host. The result file alone counts: an extension host that crashes is reported by the workbench
 * as a success. Throws where the file is missing, with what the workbench said last.
 */
export async function runSuite({ extension, entry, folder, limitMs = Number(process.env["SUITE_LIMIT"] ?? 300_000), verbose = false }: SuiteRun): Promise<SuiteResult> {
  const said: string[] = [];
  const log = (line: string) => {
    said.push(line);
    if (verbose) console.error(line);
  };
  const workbench = await Workbench.start({ testMode: true, log });
  const results = join(workbench.home, 'results.json');
  try {
    const page = await workbench.openPage();
    let end: (why: string) => void = () => undefined;
    const ended = new Promise<string>(resolve => { end = resolve; });
    await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => { log(`[${type}] ${[args].flat(2).map(String).join(' ')}`); });
    await page.exposeFunction('codeAutomationExit', () => { end('the suite ended'); });
    page.on('crash', () => { end('the page crashed'); });
    page.on('pageerror', error => { log(`[page] ${error.message}`); });
    void workbench.exited.then(end);
    const limit = setTimeout(() => { end(`no result within ${limitMs / 1000} s`); }, limitMs);
    await page.goto(workbench.address(folder, [
      ['extensionDevelopmentPath', workbench.remoteUri(extension)],
      ['extensionTestsPath', workbench.remoteUri(entry)],
      ['extensionEnvironment', JSON.stringify({ CI_HARDENING_RESULTS: results })],
    ]), { timeout: 120_000 });
    const why = await ended;
    clearTimeout(limit);
    return readResult(results, why, said);
  } finally {
    await workbench.stop();
  }
}

/** Reads a result. One that isn't complete counts the test that ran as failed. Throws where there is none, with the reason. */
export function readResult(file: string, why: string, said: readonly string[] = []): SuiteResult {
  let result: SuiteResult;
  try {
    result = JSON.parse(readFileSync(file, 'utf8')) as SuiteResult;
  } catch {
    throw new Error(`The suite left no result (${why}).\n${said.slice(-40).join('\n')}`);
  }
  if (result.complete) return result;
  return { ...result, failed: result.failed + 1, report: [...result.report, `  FAIL  ${result.running ?? 'the suite'}: not finished (${why})`] };
}
