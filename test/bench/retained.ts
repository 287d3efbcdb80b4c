/** Prints how many bytes of heap a scan of the corpus keeps. Run with `--expose-gc`. */
import { analyze, DEFAULT_CONFIG, parseSource, type Analysis } from '../../rules';
import { workflowFiles } from './files';

const config = { ...DEFAULT_CONFIG, profile: 'strict' as const };

function heap(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

// What is loaded on first use is no part of what a file costs.
for (const f of workflowFiles().slice(0, 50)) analyze(parseSource(f.path, f.text, undefined, 'workflow'), { config });
const before = heap();
const files = workflowFiles();
const source = files.reduce((n, f) => n + f.text.length, 0);
const documents = files.map(f => parseSource(f.path, f.text, undefined, 'workflow'));
const parsed = heap() - before;
const analyses: Analysis[] = documents.map(d => analyze(d, { config }));
const all = heap() - before;
process.stdout.write(JSON.stringify({ source, documents: parsed, analyses: all, findings: analyses.reduce((n, a) => n + a.findings.length, 0) }));
