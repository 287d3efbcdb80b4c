import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { analyze, analyzeRepository, createRepository, DEFAULT_CONFIG, parseSource, type Analysis, type SourceDocument } from '../../../rules';

const CI = '.github/workflows/ci.yml';
/** A comment that makes one job as large as those that tools generate. */
const LONG = `      # ${'long '.repeat(40)}\n`.repeat(1500);
const VERSIONS = 100;

/** One version of a workflow whose names, refs, scripts and expressions stand in no other. */
function version(n: number): string {
  return `name: CI
on: [push, issues]
jobs:
  only:
    runs-on: a-label-of-its-own-${n}
    env:
      A_VARIABLE_NUMBER_${n}: \${{ secrets.A_SECRET_WITH_NUMBER_${n} }}
    steps:
      - name: a step with the number ${n}
        uses: an-owner-${n}/a-repository/a-path-${n}@a-branch-${n}
      - uses: actions/checkout@release-branch-number-${n}
      - uses: actions/github-script@v7
        with:
          script: |
            const value = context.payload.issue.title
            core.setOutput('a-name-of-an-output-${n}', value)
      - id: an-id-with-number-${n}
        run: a-program-with-number-${n} "\${{ github.event.issue.title }}" | a-second-program-${n} > a-file-number-${n}
      - shell: pwsh
        run: Invoke-Something-Number-${n} -Name "a value with number ${n}"
${LONG}`;
}

describe('memory', () => {
  it('keeps nothing of a version of a large workflow when the next one has come', function () {
    this.timeout(120_000);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    let document: SourceDocument | undefined, analysis: Analysis | undefined;
    const type = (n: number): void => {
      document = parseSource(CI, version(n), document);
      const next = document;
      const repository = createRepository([CI], () => next.text);
      const config = { ...DEFAULT_CONFIG, profile: 'strict' as const };
      analysis = analyze(document, { config, repository }, analysis);
      analyzeRepository(repository, { config });
    };
    for (let n = 0; n < 5; n++) type(n);
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let n = 5; n < 5 + VERSIONS; n++) type(n);
    collect();
    const kept = process.memoryUsage().heapUsed - before;
    assert.ok(analysis!.findings.length > 0);
    // Each version that some table held on to by a piece of it would be there in full.
    assert.ok(kept < VERSIONS * LONG.length / 4, `${Math.round(kept / 1024)} KB for ${VERSIONS} versions of ${Math.round(LONG.length / 1024)} KB each`);
  });
});
