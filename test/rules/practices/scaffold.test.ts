import assert from 'node:assert/strict';
import { PRACTICES } from '../../../rules/practices';
import type { PracticeDefinition, ScaffoldPlan } from '../../../rules/practices/practice';
import { parseSource } from '../../../rules/workflow/parse';
import { fileKind } from '../../../rules/workflow/document';
import { SETTINGS_CONTROLS } from '../../../rules/scorecard';
import { actionlint, githubAccepts, languageServiceDiagnostics } from '../../support/oracles';
import { withDocuments } from './documents';
import { REPOSITORIES } from './repositories';
import { findings, practice, repository, scorecard, type Files } from './support';

/** What files can say, they say; the rest is set at GitHub, or told by its runs. */
const SETTINGS: ReadonlySet<string> = new Set(SETTINGS_CONTROLS.map(s => s.id));
const scaffolded = PRACTICES.filter((p): p is PracticeDefinition & { scaffold: NonNullable<PracticeDefinition['scaffold']> } => p.scaffold !== null)
  .sort((a, b) => late(a) - late(b));

/** What describes the others comes after them: workflows, then what edits all of them, then pages about them. */
function late({ scaffold }: PracticeDefinition): number { return scaffold?.last ? 1 + ['job', 'workflow', 'edit', 'file'].indexOf(scaffold.kind) : 0; }

function plan(p: PracticeDefinition, files: Files): ScaffoldPlan | { readonly refused: string } {
  return p.scaffold!.plan(repository(files), withDocuments(files));
}
function applied(files: Files, plan: ScaffoldPlan): Files {
  return { ...files, ...Object.fromEntries(plan.changes.map(c => [c.path, c.newText])) };
}

/** What all judges say about the files that a plan writes, beyond what they said before. */
async function complaints(before: Files, after: Files, changed: readonly string[]): Promise<string[]> {
  const out: string[] = [];
  for (const path of changed) {
    const text = after[path]!, kind = fileKind(path), old = before[path];
    if (!kind) continue;
    const sound = parseSource(path, text);
    for (const p of sound.problems) out.push(`${path}: ${p.message}`);
    if (kind === 'workflow') {
      for (const m of await githubAccepts(path, text)) out.push(`GitHub's parser: ${m}`);
      for (const d of await languageServiceDiagnostics(path, text)) out.push(`language service: ${d.message}`);
      const known = new Set(old === undefined ? [] : (await actionlint(path, old)).map(p => p.message));
      for (const p of await actionlint(path, text)) if (!known.has(p.message)) out.push(`actionlint: ${p.message}`);
    }
  }
  // What is wrong with jobs that stood there may be said anew, job by job; what is new must be right.
  const jobsOf = (files: Files, path: string): { id: string; start: number; end: number }[] => {
    const d = parseSource(path, files[path] ?? '');
    return (d.workflow?.jobs ?? []).map(j => ({ id: j.id, ...d.range(j.entry) }));
  };
  const known = new Set(findings(before).map(f => `${f.path} ${f.ruleId}`));
  for (const f of findings(after)) {
    const job = jobsOf(after, f.path).find(j => j.start <= f.range.start && f.range.start < j.end);
    const old = job === undefined || jobsOf(before, f.path).some(j => j.id === job.id);
    if (!old || !known.has(`${f.path} ${f.ruleId}`)) out.push(`rule: ${f.path} ${job?.id ?? ''} ${f.ruleId}: ${f.message}`);
  }
  return out;
}

/** Accepted, with the reason. */
const ACCEPTED: readonly RegExp[] = [
  // What is scanned stood there before: the digest behind its base's tag is known to the registry alone.
  / (?:container-scan|dast-zap|load-test) dockerfile-base-unpinned: /,
];

describe('scaffolds', () => {
  it('are there for the practices that promise one', () => {
    for (const id of ['codeowners', 'scan-container', 'scan-dependencies', 'scan-sast', 'scan-secrets', 'security-policy', 'unit-tests', 'update-bot']) {
      assert.ok(scaffolded.some(p => p.id === id), id);
    }
  });

  for (const [name, files] of Object.entries(REPOSITORIES)) {
    describe(`in the repository “${name}”`, () => {
      for (const p of scaffolded) {
        it(`${p.id}: is clean, meets its practice, costs no points, and is done once`, async () => {
          const first = plan(p, files);
          if ('refused' in first) {
            assert.match(first.refused, /^[A-Z].*\.$/);
            return;
          }
          const after = applied(files, first);
          assert.deepEqual((await complaints(files, after, first.changes.map(c => c.path))).filter(c => !ACCEPTED.some(a => a.test(c))),
            []);
          for (const c of first.changes) assert.equal(c.created, files[c.path] === undefined);
          const repo = repository(after);
          const result = p.applies(repo) ? p.evidence(repo).result : 1;
          if (!(SETTINGS.has(p.id) && result === 'unknown')) assert.equal(result, 1, JSON.stringify(p.evidence(repo)));
          const was = scorecard(files), is = scorecard(after);
          assert.ok(is.score >= was.score - 1e-9, `${was.score} → ${is.score}`);
          was.categories.forEach((c,
            i) => { if (c.applicable) assert.ok(is.categories[i]!.score >= c.score - 1e-9, `${c.name}: ${c.score} → ${is.categories[i]!.score}`); });
          assert.ok('refused' in plan(p, after), 'a second time there is nothing to add');
        });
      }

      it('all together: clean, worth more than before, and nothing is left to add', async () => {
        let now = files;
        // What looks after workflows can be added once there are some: the first round makes them.
        for (const p of [...scaffolded.filter(p => !p.scaffold.last), ...scaffolded]) {
          const next = plan(p, now);
          if (!('refused' in next)) {
            const after = applied(now, next);
            assert.ok(scorecard(after).score >= scorecard(now).score - 1e-9, `${p.id} costs points`);
            now = after;
          }
        }
        // What the bot looks after may have come with the workflows.
        for (const p of scaffolded) assert.ok('refused' in plan(p, now), `${p.id} would change something again`);
        const changed = Object.keys(now).filter(path => now[path] !== files[path]);
        assert.deepEqual((await complaints(files, now, changed)).filter(c => !ACCEPTED.some(a => a.test(c))), []);
        assert.ok(scorecard(now).score > scorecard(files).score);
      });
    });
  }

  it('leave what stands as it is, line endings included', () => {
    const files = REPOSITORIES['with CI, CRLF']!;
    const made = plan(practice('scan-secrets'), files);
    assert.ok(!('refused' in made));
    const text = made.changes[0]!.newText;
    assert.equal(made.changes[0]!.path, '.github/workflows/ci.yml');
    assert.ok(text.startsWith(files['.github/workflows/ci.yml']!));
    assert.equal(text.replaceAll('\r\n', '').includes('\n'), false);
  });

  it('let what deploys wait for them, however its needs are written', () => {
    const made = plan(practice('scan-secrets'), REPOSITORIES['with deployments']!);
    assert.ok(!('refused' in made));
    const text = made.changes[0]!.newText, jobs = parseSource('.github/workflows/ci.yml', text).workflow!.jobs;
    assert.deepEqual(jobs.map(j => [j.id, j.needs.map(n => n.value)]),
      [['build', []], ['staging', ['build', 'secret-scan']], ['production', ['build', 'staging', 'secret-scan']],
      ['pages', ['secret-scan']], ['secret-scan', []]]);
    assert.match(text, / {6}- staging # first\n {6}- secret-scan\n/);
    assert.match(made.explanation, /staging, production, pages wait for it before anything is deployed\.$/);
  });

  it('go into the workflow that is asked for where that tests pull requests, else into the main one', () => {
    const files: Files = {
      '.github/workflows/a-docs.yml': 'on: pull_request\njobs:\n  docs:\n    runs-on: ubuntu-latest\n    steps:\n      - run: mkdocs\n',
      '.github/workflows/b-tests.yml': 'on: pull_request\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: go test ./...\n',
      '.github/workflows/c-nightly.yml': 'on: workflow_dispatch\njobs:\n  x:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n',
    };
    const into = (workflow?: string): string => {
      const made = practice('scan-secrets').scaffold!.plan(repository(files), { workflow });
      assert.ok(!('refused' in made));
      return made.changes[0]!.path;
    };
    assert.equal(into(), '.github/workflows/b-tests.yml');
    assert.equal(into('.github/workflows/a-docs.yml'), '.github/workflows/a-docs.yml');
    assert.equal(into('.github/workflows/c-nightly.yml'), '.github/workflows/b-tests.yml');
    assert.equal(into('.github/workflows/gone.yml'), '.github/workflows/b-tests.yml');
  });

  it('take a free name for a job whose id is taken', () => {
    const made = plan(practice('scan-secrets'),
      { '.github/workflows/ci.yml': 'on: pull_request\njobs:\n  secret-scan:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo later\n' });
    assert.ok(!('refused' in made));
    assert.match(made.changes[0]!.newText, /^ {2}secret-scan-2:$/m);
  });
});
