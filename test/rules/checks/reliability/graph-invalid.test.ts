/** Which of the rule's findings GitHub's own extension reports, too: asked of its language service, as an editor runs it. */
import assert from 'node:assert/strict';
import { knownInputs } from '../../../../rules/catalog';
import type { Finding } from '../../../../rules/engine/finding';
import { cronProblem } from '../../../../rules/checks/reliability/graph/cron';
import { globProblem } from '../../../../rules/checks/reliability/graph/globs';
import { isSlip } from '../../../../rules/checks/reliability/graph/action-inputs';
import { check, shown, type Checked } from '../../../support/check';
import { fixturesOf, type Fixture } from '../../../support/fixtures';
import { languageServiceDiagnostics, type LanguageServiceConfig, type OracleDiagnostic } from '../../../support/oracles';

/** What VS Code gives the service: the files of the checkout, and what actions say of themselves. */
function configOf(fixture: Fixture): LanguageServiceConfig {
  return {
    fileProvider: {
      getFileContent: ({ path }) => {
        const content = fixture.files.get(path);
        return content === undefined ? Promise.reject(new Error(`no ${path}`)) : Promise.resolve({ name: path, content });
      },
    },
    actionsMetadataProvider: {
      fetchActionMetadata: ({ owner, name, ref, path }) => {
        const known = knownInputs(owner, name, ref, path);
        const inputs = known && Object.fromEntries(known.all.map(i => [i, { description: '', required: known.required.includes(i) }]));
        return Promise.resolve({ name, description: '', inputs });
      },
    },
  };
}

/** A diagnostic on the same line, or anywhere in the step or call where something is missing from it as a whole. */
function saysSo({ document }: Checked, finding: Finding, diagnostic: OracleDiagnostic): boolean {
  const line = (offset: number): number => document.positionAt(offset).line;
  const { start, end } = diagnostic.range;
  if (start.line === line(finding.range.start)) return true;
  if (start.line < line(finding.range.start) && end.line >= line(finding.range.end)) return true;
  const around = finding.step ?? finding.job;
  return /-missing$/.test(finding.messageId) && around !== undefined && /required/i.test(diagnostic.message)
    && start.line >= line(around.start) && start.line <= line(around.end);
}

describe('graph-invalid next to GitHub\'s own extension', function () {
  this.timeout(120_000);
  const counts = { both: 0, ours: 0 };
  for (const fixture of fixturesOf('graph-invalid').filter(f => !f.name.startsWith('valid'))) {
    it(`knows what is said twice: ${fixture.name}`, async () => {
      const checked = check(fixture, fixture.text);
      const theirs = await languageServiceDiagnostics(fixture.path, fixture.text, configOf(fixture));
      const wrong: string[] = [];
      for (const finding of shown(checked, 'graph-invalid')) {
        const said = theirs.filter(d => saysSo(checked, finding, d));
        counts[said.length > 0 ? 'both' : 'ours']++;
        if ((finding.official === true) !== said.length > 0) wrong.push(`${finding.message} -- ${said.map(d => d.message).join('; ') || 'nothing'}`);
      }
      assert.deepEqual(wrong, []);
    });
  }
  after(() => assert.ok(counts.both > 30 && counts.ours > 30, JSON.stringify(counts)));
});

describe('graph-invalid in a file that is made to be slow', function () {
  this.timeout(20_000);
  const job = (name: string, more: string): string => `  ${name}:\n    runs-on: ubuntu-latest\n${more}    steps:\n      - run: make\n`;
  const of = (jobs: readonly string[]): Finding[] => shown(check({ path: '.github/workflows/a.yml' }, `on: push\njobs:\n${jobs.join('')}`), 'graph-invalid');
  const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `job-number-${i}`);

  it('tells of a thousand needs that are not there', () => {
    const found = of(names(1000).map((n, i) => job(n, `    needs: jbo-number-${i}\n`)));
    assert.equal(found.length, 1000);
  });

  it('finds its way through jobs that all need each other', () => {
    const all = names(250);
    const found = of(all.map(n => job(n, `    needs: [${all.filter(a => a !== n).join(', ')}]\n`)));
    assert.ok(found.length >= 1 && found.length <= 125, `${found.length} circles`);
    assert.ok(found.every(f => f.messageId === 'need-cycle'));
  });

  it('follows a chain of a thousand jobs, and what reads beyond it', () => {
    const all = names(1000);
    const found = of(all.map((n, i) => job(n, `    needs: [${all[i - 1] ?? ''}]\n    env: { A: "\${{ needs.job-number-${(i + 500) % 1000}.result }}" }\n`)));
    assert.equal(found.length, 1000);
  });

  it('looks up two thousand steps that are not there', () => {
    const steps = Array.from({ length: 2000 }, (_, i) => `      - id: step-number-${i}\n        run: echo "\${{ steps.stpe-number-${i}.outputs.x }}"\n`).join('');
    assert.equal(of([`  a:\n    runs-on: ubuntu-latest\n    steps:\n${steps}`]).length, 2000);
  });
});

describe('graph-invalid reads', () => {
  it('times as GitHub does', () => {
    for (const cron of ['* * * * *', '*/5 0-23/2 1,15 JAN,feb SUN-SAT', ' 0  0 1 1 0 ', '0/15 4 ? * 1', '59 23 31 12 6']) assert.equal(cronProblem(cron), undefined, cron);
    for (const cron of ['', '* * * *', '* * * * * *', '60 * * * *', '* 24 * * *', '* * 0 * *', '* * * 0 *', '* * * * 7', '1- * * * *', '-1 * * * *', '1,,2 * * * *',
      '1/2/3 * * * *', '*/ * * * *', '1-2-3 * * * *', 'a * * * *', '* * * * 1#2', '* * LW * *', '1e1 * * * *']) assert.notEqual(cronProblem(cron), undefined, cron);
  });

  it('patterns as the documentation says', () => {
    for (const glob of ['*', '**', 'main', 'v[0-9]+.[0-9]+', 'feature/*', '!wip/**', 'v?', 'a\\+b', '[!a]', '[^a]', 'x[a-z]y', 'ünïcode/**']) assert.equal(globProblem(glob, false), undefined, glob);
    for (const glob of ['**/*.js', '!docs/**', 'a b', '.github/**', '..a', '*.jsx?', '/docs/**']) assert.equal(globProblem(glob, true), undefined, glob);
    for (const glob of ['a b', 'a~1', 'a^', 'a:b', '/a', 'a/', 'a//b', '+a', '!?a', '[', 'a[', '[]', '[z-a]', 'a..b', 'a.lock', 'a*?', 'a?+', 'a\\b']) assert.notEqual(globProblem(glob, false), undefined, glob);
    for (const glob of ['./a', '!../a', '..', ' a', 'a ']) assert.notEqual(globProblem(glob, true), undefined, glob);
  });

  it('slips of the finger, and not the names of another version', () => {
    for (const [a, b] of [['fetch-dpeth', 'fetch-depth'], ['node-verison', 'node-version'], ['go-versoin', 'go-version'], ['registery-url', 'registry-url'], ['node-versionf-ile', 'node-version-file']]) assert.ok(isSlip(a!, b!), a);
    for (const [a, b] of [['file', 'files'], ['nodeversion', 'node-version'], ['node_version', 'node-version'], ['tag', 'tags'], ['path', 'paths'], ['key', 'keys'], ['versions', 'version'], ['tokens', 'token'], ['cache2', 'cache']]) {
      assert.ok(!isSlip(a!, b!), a);
    }
  });
});
