import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(__dirname, '../..');
export const cacheFolder = path.join(root, '.cache/bench');

/** Folder of real repositories to measure on: CI_HARDENING_CORPUS, else `../shared/corpus`, else this repository's own fixtures. */
export const corpusFolder = [process.env['CI_HARDENING_CORPUS'], path.join(root, '../shared/corpus'), path.join(root, 'test/fixtures')]
  .find((d): d is string => d !== undefined && existsSync(d)) ?? root;

export interface CorpusFile { readonly path: string; readonly text: string }

/** Every workflow below `folder`, by path. */
export function workflowFiles(folder = corpusFolder): CorpusFile[] {
  const out: CorpusFile[] = [];
  const visit = (dir: string) => {
    for (const e of readdirSync(dir, { withFileTypes: true })) {
      const p = path.join(dir, e.name);
      if (e.isDirectory()) visit(p);
      else if (e.isFile() && /[/\\]\.github[/\\]workflows[/\\][^/\\]+\.ya?ml$/.test(p)) out.push({ path: path.relative(folder, p), text: readFileSync(p, 'utf8') });
    }
  };
  visit(folder);
  return out.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * A workflow of `jobs` jobs with about 125 lines each: matrix, services, environment, long scripts and pinned and unpinned
 * actions, as large real ones have. The same text on every call.
 */
export function generatedWorkflow(jobs = 60): string {
  const out = ['name: Everything', 'on:', '  push:', '    branches: [main]', '  pull_request:', 'permissions:', '  contents: read', 'env:', '  CI: true', '', 'jobs:'];
  for (let j = 0; j < jobs; j++) {
    out.push(`  job-${j}:`, `    name: Job ${j} (\${{ matrix.os }})`, '    runs-on: ${{ matrix.os }}', ...(j ? [`    needs: [job-${j - 1}]`] : []), '    timeout-minutes: 30',
      '    outputs:', '      value: ${{ steps.made.outputs.value }}',
      '    strategy:', '      fail-fast: false', '      matrix:', '        os: [ubuntu-latest, windows-latest]', '        node: [20, 22]',
      '    services:', '      postgres:', '        image: postgres:16', '        env:', '          POSTGRES_PASSWORD: postgres', '        ports:', '          - 5432:5432',
      '    steps:', '      - uses: actions/checkout@v4', '      - uses: actions/setup-node@v4', '        with:', '          node-version: ${{ matrix.node }}', '          cache: npm',
      '      - id: made', '        run: echo "value=1" >> "$GITHUB_OUTPUT"');
    for (let s = 0; s < 12; s++) {
      out.push(`      - name: Step ${s} of job ${j}`, `        if: github.event_name == 'push' || matrix.node == 22`, '        env:', `          VALUE_${s}: \${{ ${j ? `needs.job-${j - 1}.outputs.value` : 'github.ref_name'} || 'none' }}`,
        '        run: |', `          echo "building part ${s}"`, `          npm run build --workspace "part-${s}" -- --flag="$VALUE_${s}"`, `          if [ -f "out/${s}.txt" ]; then cat "out/${s}.txt" | tee -a log.txt; fi`);
    }
    out.push('');
  }
  return out.join('\n');
}

/** Median and 99th percentile of milliseconds. */
export function summary(samples: readonly number[]): { median: number; p99: number } {
  const s = [...samples].sort((a, b) => a - b);
  const at = (q: number) => s[Math.min(s.length - 1, Math.floor(q * s.length))] ?? NaN;
  return { median: at(0.5), p99: at(0.99) };
}

export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map(r => (r[i] ?? '').length)));
  return rows.map(r => r.map((c, i) => (i === 0 ? c.padEnd(widths[i] ?? 0) : c.padStart(widths[i] ?? 0))).join('  ')).join('\n');
}
