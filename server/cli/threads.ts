import { availableParallelism } from 'node:os';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { loadCatalog } from '../workspace/catalog-file';
import { scanTargets, sorted, type ScanOptions, type ScanResult } from './findings';
import { targetOf, type Target, type TargetPlan } from './targets';

/** Below this a thread costs more than it saves: each one loads and warms up the rules for itself. */
const WORTHWHILE_FILES = 300;
const MAX_THREADS = 4;

interface Order {
  readonly plans: readonly TargetPlan[];
  readonly options: ScanOptions;
  /** How many of the plans are taken: whoever is ready takes the next one. */
  readonly taken: SharedArrayBuffer;
}

/** `scanTargets`, with the repositories shared out among the processor's cores where there are many files. */
export async function scanInThreads(targets: readonly Target[], options: ScanOptions): Promise<ScanResult> {
  const threads = threadsFor(targets);
  if (threads < 2) return scanTargets(targets, options);
  // The large ones first, so that nobody waits for one that was begun last.
  const ordered = [...targets].sort((a, b) => b.paths.length - a.paths.length);
  const taken = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const order: Order = { plans: ordered.map(t => t.plan!), options, taken };
  // The threads start first: they work while this one does its share.
  const pending = Array.from({ length: threads - 1 }, () => inThread(order));
  const own = scanTargets(untaken(ordered, taken), options);
  let others: readonly ScanResult[];
  try {
    others = await Promise.all(pending);
  } catch {
    // What a thread had taken went with it.
    return scanTargets(targets, options);
  }
  const results = [own, ...others];
  return sorted({
    files: results.reduce((n, r) => n + r.files, 0), findings: results.flatMap(r => r.findings), errors: results.flatMap(r => r.errors),
  });
}

function threadsFor(targets: readonly Target[]): number {
  const files = targets.reduce((n, t) => n + t.paths.length, 0);
  // From source there is no single file that a thread could run.
  if (files < WORTHWHILE_FILES || !__filename.endsWith('.js') || targets.some(t => !t.plan)) return 1;
  return Math.min(availableParallelism(), MAX_THREADS, targets.length);
}

/** Each is given to one thread alone. */
function* untaken<T>(all: readonly T[], taken: SharedArrayBuffer): Generator<T> {
  const next = new Int32Array(taken);
  for (let i = Atomics.add(next, 0, 1); i < all.length; i = Atomics.add(next, 0, 1)) yield all[i]!;
}

function inThread(order: Order): Promise<ScanResult> {
  return new Promise<ScanResult>((resolve, reject) => {
    const worker = new Worker(__filename, { workerData: order });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread ended without a result')));
  });
}

/** What a thread does. */
export function scanAsThread(): void {
  loadCatalog();
  const { plans, options, taken } = workerData as Order;
  parentPort!.postMessage(scanTargets(targetsOf(untaken(plans, taken)), options));
}

function* targetsOf(plans: Iterable<TargetPlan>): Generator<Target> {
  for (const plan of plans) yield targetOf(plan);
}
