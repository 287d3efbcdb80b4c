/** The engine's central promise: what is found after an edit does not depend on what was kept from before it. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { analyze, type Analysis, type EngineEnv } from '../../../rules/engine/analyze';
import { DEFAULT_CONFIG, type AnyRule } from '../../../rules/engine/rule';
import { RULES } from '../../../rules/checks';
import { createRepository } from '../../../rules/repository';
import { parseSource } from '../../../rules/workflow/parse';
import { corpusFiles, corpusFolder, corpusTitle } from '../../support/corpus';
import { fixtureRules, fixturesOf } from '../../support/fixtures';
import { TINY_RULES } from '../../support/tiny-rules';

/** What people type and paste into workflows, and what breaks them. */
const SNIPPETS = [
  ' ', '\n', '  ', ':', '- ', '"', '|', '#', '&a ', '*a', '{', '}', '\t', '\r\n', 'x', '${{ github.head_ref }}', 'permissions: write-all\n', 'on: issues\n',
  'on: pull_request_target\n', '    timeout-minutes: 5\n', '  other:\n    needs: [build, test]\n    runs-on: x\n    steps:\n      - run: a\n',
  '# ci-hardening: ignore[tiny-expression] typed\n', ' # ci-hardening: ignore[tiny-time-limit]\n', '      - uses: a/b@v1\n',
];

interface Edit { readonly at: number; readonly remove: number; readonly insert: string }
const edits: fc.Arbitrary<readonly Edit[]> = fc.array(fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  remove: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 20, max: 80 })),
  insert: fc.oneof(fc.constant(''), fc.constantFrom(...SNIPPETS)),
}), { minLength: 1, maxLength: 6 });

/** What can be seen of an analysis; fixes by what they would do. */
function visible(analysis: Analysis, env: EngineEnv): unknown {
  const world = { document: analysis.document, repository: env.repository, config: env.config };
  return {
    findings: analysis.findings.map(f => ({ ...f, fixes: f.fixes.map(x => ({ ...x, edits: x.needs ? [] : x.edits(world) })) })),
    errors: analysis.errors,
    tallies: [...analysis.tallies],
  };
}

function holds(rules: readonly AnyRule[], files: readonly { readonly path: string; readonly text: string }[], runs: number): void {
  fc.assert(fc.property(fc.integer({ min: 0, max: files.length - 1 }), edits, (index, list) => {
    const { path, text: original } = files[index]!;
    let text = original;
    const env = (now: string): EngineEnv => ({
      rules, config: { ...DEFAULT_CONFIG, profile: 'strict' }, today: '2026-01-01', repository: createRepository([path], () => now),
    });
    let last = analyze(parseSource(path, text), env(text));
    for (const edit of list) {
      const at = Math.floor(edit.at * (text.length + 1));
      text = text.slice(0, at) + edit.insert + text.slice(at + edit.remove);
      const now = env(text);
      last = analyze(parseSource(path, text, last.document), now, last);
      assert.deepEqual(visible(last, now), visible(analyze(parseSource(path, text), now), now));
    }
  }), { numRuns: runs, seed: 7 });
}

const BASE = `name: CI
on: [push, pull_request]
permissions:
  contents: write
env:
  A: \${{ github.sha }}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4 # ci-hardening: ignore[tiny-writable-token] known
      - run: |
          echo \${{ github.ref }}
  # between
  test:
    needs: build
    timeout-minutes: 3
    runs-on: \${{ matrix.os }}
    steps:
      - run: make test
`;

describe('incremental findings equal fresh ones', function () {
  this.timeout(120_000);
  const rules = [...RULES, ...TINY_RULES];
  const own = [
    { path: '.github/workflows/base.yml', text: BASE },
    ...fixtureRules().flatMap(fixturesOf).map(f => ({ path: f.path, text: f.text })),
  ];

  it('made-up rules that ask about triggers and permissions', () => holds(TINY_RULES, own.slice(0, 1), 150));
  it('all rules, own fixtures', () => holds(rules, own, 150));
  it(corpusTitle('all rules, real files'), () => {
    if (!corpusFolder) return;
    holds(rules, corpusFiles().filter(f => f.text.length < 20_000), 60);
  });
});
