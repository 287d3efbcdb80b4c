/** What is kept after a scan, and how large an idle server is. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { cacheFolder, corpusFolder, root, table, workflowFiles } from './files';
import { BenchClient } from './lsp-client';

/** Resident memory of a process in megabytes; undefined where the system has no `/proc`. */
function resident(pid: number | undefined): number | undefined {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return undefined;
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(file, 'utf8'))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}

async function serverMemory(args: readonly string[], folder: string | null): Promise<string> {
  const client = await BenchClient.start(args, folder === null ? null : pathToFileURL(folder).href);
  if (folder !== null) await client.connection.sendRequest('ciHardening/scorecard', {});
  const megabytes = resident(client.process.pid);
  await client.stop();
  return megabytes === undefined ? 'not known here' : `${megabytes.toFixed(0)} MB`;
}

export async function memoryBench(): Promise<void> {
  const retained = path.join(cacheFolder, 'retained.cjs');
  buildSync({
    entryPoints: [path.join(__dirname, 'retained.ts')], outfile: retained, bundle: true, platform: 'node', format: 'cjs', target: 'node20', mainFields: ['module', 'main'], logLevel: 'error',
  });
  const { stdout } = spawnSync(process.execPath, ['--expose-gc', retained], { encoding: 'utf8', env: { ...process.env, CI_HARDENING_CORPUS: corpusFolder } });
  const kept = JSON.parse(stdout) as { source: number; documents: number; analyses: number };
  const times = (bytes: number) => `${(bytes / kept.source).toFixed(1)} × the source`;
  const counts = new Map<string, number>();
  for (const f of workflowFiles()) {
    const repository = f.path.split(path.sep)[0] ?? '';
    counts.set(repository, (counts.get(repository) ?? 0) + 1);
  }
  const [largest] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [''];
  const server = path.join(root, 'dist/server.js');
  console.log(table([
    ['memory', ''],
    [`source text of ${workflowFiles().length} workflows`, `${(kept.source / 1e6).toFixed(1)} MB`],
    ['kept with all documents held', times(kept.documents)],
    ['kept with all documents and results held', times(kept.analyses)],
    ['server without a folder', await serverMemory([server, '--stdio'], null)],
    [`server that has scanned ${counts.get(largest) ?? 0} workflows`, await serverMemory([server, '--stdio'], path.join(corpusFolder, largest))],
    ['a server that does nothing', await serverMemory([path.join(cacheFolder, 'idle-server.cjs'), '--stdio'], null)],
  ]));
}
