/** Half-typed and broken files: a verdict all the same, and no scaffold that makes them worse. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PRACTICES } from '../../../rules/practices';
import { parseSource } from '../../../rules/workflow/parse';
import { repository, type Files } from './support';

const WORKFLOW = `name: CI
on:
  pull_request:
    branches: [main]
  push:
permissions: {}
concurrency: { group: x, cancel-in-progress: true }
env: &shared
  A: "1"
jobs:
  test: # ünïcödé
    runs-on: ubuntu-latest
    env: *shared
    steps:
      - uses: actions/checkout@v4
        with: { fetch-depth: 0 }
      - name: Test
        run: |
          set -euo pipefail
          npm ci && npm test || true
      - uses: ./.github/actions/scan
  deploy:
    needs: [test]
    if: \${{ github.ref == 'refs/heads/main' }}
    runs-on: ubuntu-latest
    environment: production
    steps:
      - run: kubectl apply -f k8s
`;
const DEPENDABOT = 'version: 2\nupdates:\n  - package-ecosystem: npm\n    directory: /\n    schedule:\n      interval: weekly\n';
const OTHERS: Files = {
  'package.json': '{"scripts":{"test":"mocha"}}', 'package-lock.json': '{}', 'a.js': '', 'test/a.test.js': '', Dockerfile: 'FROM scratch\n',
  '.github/actions/scan/action.yml': 'runs:\n  using: composite\n  steps:\n    - run: gitleaks git .\n      shell: bash\n',
    CODEOWNERS: '* @a\n',
};

/** Cuts a piece out, puts a piece in, or both. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.nat(60),
  insert: fc.oneof(fc.constantFrom('', '\t', '\r\n', '\r', '\uFEFF', '${{', '}}', '"', "'", ': ', '- ', '#', '|', '*x', '&y', '[', '{',
    '}', ']', '\u0000', '\n---\n', '<<: *shared'), fc.string({ maxLength: 8 })),
});
const broken = (text: string) => fc.array(edit, { maxLength: 4 }).map(edits => edits.reduce((t, e) => {
  const at = Math.floor(e.at * t.length);
  return t.slice(0, at) + e.insert + t.slice(at + e.cut);
}, text));

describe('practices: broken files', () => {
  it('give verdicts with places inside the files, and plans that keep them readable', () => {
    fc.assert(fc.property(broken(WORKFLOW), broken(DEPENDABOT), fc.boolean(), (workflow, dependabot, crlf) => {
      const files: Files = { ...OTHERS, '.github/workflows/ci.yml': crlf ? workflow.replace(/\r?\n/g, '\r\n') : workflow,
        '.github/dependabot.yml': dependabot };
      const repo = repository(files);
      for (const p of PRACTICES) {
        if (p.applies(repo)) {
          const verdict = p.evidence(repo);
          assert.ok(verdict.result === 'unknown' || (verdict.result >= 0 && verdict.result <= 1), p.id);
          for (const e of verdict.evidence) if (e.start !== undefined) assert.ok(e.start >= 0 && e.start <= e.end!
            && e.end! <= repo.read(e.path)!.length, p.id);
        }
        const plan = p.scaffold?.plan(repo);
        if (!plan || 'refused' in plan) continue;
        for (const change of plan.changes) {
          if (!/\.ya?ml$/.test(change.path)) continue;
          const before = files[change.path] === undefined ? [] : parseSource(change.path, files[change.path]!).problems;
          const after = parseSource(change.path, change.newText);
          assert.ok(after.problems.length <= before.length, `${p.id}: ${after.problems.map(x => x.message).join('; ')}`);
          // What is there to change lines changes some; of all others, every line that stood there still does, in its order.
          if (p.scaffold!.kind === 'edit') continue;
          const lines = change.newText.split(/\r\n|\n|\r/);
          let at = 0;
          for (const line of (files[change.path] ?? '').split(/\r\n|\n|\r/)) {
            if (line.trim() === '' || /^\s*needs:/.test(line)) continue;
            const found = lines.indexOf(line, at);
            assert.ok(found >= 0, `${p.id}: lost “${line}”`);
            at = found + 1;
          }
        }
      }
    }), { numRuns: 400 });
  });
});
