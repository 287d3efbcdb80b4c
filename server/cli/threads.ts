import { availableParallelism } from 'node:os';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { loadCatalog } from '../workspace/catalog-file';
import { scanTargets, sorted, type ScanOptions, type ScanResult } from './findings';
import { targetOf, type Target, type TargetPlan } from './targets';

/** Below this a thread costs more than it saves: each one loads and warms up the rules for itself. */
const WORTHWHILE_FILES = 300;
const MAX_THREADS = 4;

interface Order { readonly plans: readonly TargetPlan[]; readonly options: ScanOptions }

/** `scanTargets`, with the repositories shared out among the processor's cores where there are many files. */
export async function scanInThreads(targets: readonly Target[], options: ScanOptions): Promise<ScanResult> {
  const shares = share(targets);
  if (shares.length < 2) return scanTargets(targets, options);
  const [own = [], ...others] = shares;
  // The threads start first: they work while this one does its own share.
  const pending = others.map(part => inThread(part, options));
  const results = [scanTargets(own, options), ...await Promise.all(pending)];
  return sorted({
    files: results.reduce((n, r) => n + r.files, 0), findings: results.flatMap(r => r.findings), errors: results.flatMap(r => r.errors),
  });
}

/** Parts of about the same number of files. */
function share(targets: readonly Target[]): Target[][] {
  const total = targets.reduce((n, t) => n + t.paths.length, 0);
  const threads = Math.min(availableParallelism(), MAX_THREADS, targets.length);
  // From source there is no single file that a thread could run.
  if (total < WORTHWHILE_FILES || threads < 2 || !__filename.endsWith('.js') || targets.some(t => !t.plan)) return [[...targets]];
  const parts = Array.from({ length: threads }, () => ({ files: 0, targets: [] as Target[] }));
  for (const target of [...targets].sort((a, b) => b.paths.length - a.paths.length)) {
    const least = parts.reduce((a, b) => (b.files < a.files ? b : a));
    least.targets.push(target);
    least.files += target.paths.length;
  }
  return parts.map(p => p.targets).filter(p => p.length > 0);
}

function inThread(targets: readonly Target[], options: ScanOptions): Promise<ScanResult> {
  return new Promise<ScanResult>((resolve, reject) => {
    const worker = new Worker(__filename, { workerData: { plans: targets.map(t => t.plan!), options } satisfies Order });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread ended without a result')));
  }).catch(() => scanTargets(targets, options));
}

/** What a thread does. */
export function scanAsThread(): void {
  loadCatalog();
  const { plans, options } = workerData as Order;
  parentPort!.postMessage(scanTargets(plans.map(targetOf), options));
}
