import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AUDIT_TRAIL } from '../../../rules/practices/organisation/scripts/audit-trail';
import { checkScript, exportsOf, runScript, type Asked } from './github-stand-in';
import { practice, practiceCases, repository, workflow, type Files } from './support';

const CD: Files = { '.github/workflows/cd.yml': workflow('- run: kubectl apply -f k8s\n', { on: 'on:\n  push:\n    branches: [main]' }) };
const trail = (steps: string, on = 'on:\n  workflow_run:\n    workflows: [CI]\n  schedule:\n    - cron: 3 4 * * *'): Files => ({ ...CD,
  '.github/workflows/trail.yml': workflow(steps, { on }) });
const RECORD = '- run: |\n    sha256sum deployments.jsonl\n    git push origin HEAD:audit-log\n';

interface Exports {
  append(log: string, facts: object): string;
  verify(log: string): { problems: string[]; entries: { run: number }[]; head: string };
  gaps(entries: readonly object[], runs: readonly object[]): string[];
}
const fact = (run: number): object => ({ time: `2026-03-0${run}T10:00:00Z`, run, attempt: 1, workflow: '.github/workflows/cd.yml', commit: 'c'.repeat(40), conclusion: 'success' });

describe('audit-trail', () => {
  practiceCases('audit-trail', {
    met: {
      'recorded, kept and verified': trail(`${RECORD}- run: ./verify.sh --check deployments.jsonl\n`),
      'an artifact with its retention': { ...trail('- run: node .github/scripts/log.js\n- uses: actions/upload-artifact@v4\n  with:\n    path: x\n    retention-days: 400\n'),
        '.github/scripts/log.js': "const previousHash = last();\ncreateHash('sha256');\nverify();\n" },
    },
    partial: { 'never verified': trail(RECORD, 'on:\n  workflow_run:\n    workflows: [CI]') },
    missing: {
      'nothing': CD,
      'a log without hashes': trail('- run: echo x >> deployments.log && git push\n'),
      'a name alone (decoy)': trail('- name: Append to the deployment log with sha256\n  run: echo audit-trail sha256\n'),
      'nothing starts it': trail(RECORD, 'on: workflow_call'),
    },
    notApplicable: { 'nothing is deployed': { '.github/workflows/ci.yml': workflow('- run: make\n') } },
  });

  it('follows the workflows that deploy', () => {
    const made = practice('audit-trail').scaffold!.plan(repository(CD));
    assert.ok(!('refused' in made));
    assert.match(made.changes[0]!.newText, /workflows:\n {6}- 'CI'\n[^]*WORKFLOWS: cd\.yml\n/);
  });

  describe('its script', () => {
    it('is one that Node can read', () => checkScript(AUDIT_TRAIL));

    it('finds each way to tamper with the log', async () => {
      const { append, verify } = await exportsOf<Exports>(AUDIT_TRAIL);
      const log = [1, 2, 3].reduce((l, n) => append(l, fact(n)), ''), lines = log.trimEnd().split('\n');
      assert.deepEqual(verify(log).problems, []);
      assert.deepEqual(verify('').problems, []);
      const problems = (...changed: string[]): string => verify(changed.join('\n')).problems.join('; ');
      assert.match(problems(lines[0]!, lines[1]!.replace('success', 'failure'), lines[2]!), /^line 2 was changed/);
      assert.match(problems(lines[0]!, lines[2]!), /line 2 does not follow/);
      assert.match(problems(lines[1]!, lines[0]!, lines[2]!), /line 1 does not follow/);
      assert.match(problems(lines[1]!, lines[2]!), /line 1 does not follow/);
      assert.match(problems(lines[0]!, '{"n":', lines[2]!), /line 2 is no entry/);
      assert.match(problems('null'), /line 1 is no entry/);
      // Whoever computes the hash of a changed line anew breaks the next one.
      const forged = append(`${lines[0]!}\n`, { ...fact(2), conclusion: 'failure' }).trimEnd().split('\n')[1]!;
      assert.match(problems(lines[0]!, forged, lines[2]!), /line 3 does not follow/);
    });

    it('misses runs that the log should hold', async () => {
      const { append, verify, gaps } = await exportsOf<Exports>(AUDIT_TRAIL);
      const { entries } = verify(append(append('', fact(1)), fact(2)));
      const run = (id: number, more: object = {}): object => ({ id, run_attempt: 1, status: 'completed', conclusion: 'success', event: 'push', name: 'CD', updated_at: `2026-03-0${id}T10:00:00Z`, ...more });
      assert.deepEqual(gaps(entries, [run(1), run(2)]), []);
      assert.match(gaps(entries, [run(1), run(2), run(3)]).join(), /^run 3 .* is missing$/);
      assert.match(gaps(entries, [run(2, { run_attempt: 2 })]).join(), /run 2 /);
      assert.deepEqual(gaps(entries, [run(3, { event: 'pull_request' }), run(4, { status: 'in_progress' }), run(5, { conclusion: 'skipped' })]), []);
    });

    it('starts a branch of its own, adds to it, and gives way to another writer', async () => {
      const { verify } = await exportsOf<Exports>(AUDIT_TRAIL);
      let stored: string | undefined, puts = 0, branch = false;
      const answer = (a: Asked) => {
        if (a.path === '/actions/runs/3') return { body: { id: 3, run_attempt: 1, status: 'completed', conclusion: 'success', event: 'push', path: '.github/workflows/cd.yml',
          updated_at: '2026-03-03T10:00:00Z', head_branch: 'main', head_sha: 'c'.repeat(40), actor: { login: 'ada' } } };
        if (a.path.startsWith('/actions/runs/3/jobs')) return { body: { jobs: [{ name: 'deploy', conclusion: 'success' }] } };
        if (a.path === '/git/ref/heads/audit-trail') return branch ? { body: {} } : undefined;
        if (a.path === '/git/refs') { branch = true; return { body: {} }; }
        if (a.path === '/git/trees' || a.path === '/git/commits') return { body: { sha: 'd'.repeat(40) } };
        if (a.method === 'GET') return stored === undefined ? undefined : { body: { sha: 'e'.repeat(40), content: stored } };
        if (++puts === 1) return { status: 409, body: { message: 'conflict' } };
        stored = (a.body as { content: string }).content;
        return { body: {} };
      };
      const done = await runScript(AUDIT_TRAIL, ['record'], { RUN_ID: '3' }, answer);
      assert.equal(done.code, 0, done.output);
      assert.equal(puts, 2);
      const result = verify(Buffer.from(stored!, 'base64').toString());
      assert.deepEqual([result.problems, result.entries.map(e => e.run)], [[], [3]]);
      assert.ok(done.summary.includes(result.head));
      const again = await runScript(AUDIT_TRAIL, ['record'], { RUN_ID: '3' }, answer);
      assert.match(again.summary, /recorded already/);
      assert.equal(puts, 2);
    });

    it('fails on a tampered copy, and passes a whole one', async () => {
      const { append } = await exportsOf<Exports>(AUDIT_TRAIL);
      const folder = mkdtempSync(path.join(tmpdir(), 'trail-')), file = path.join(folder, 'log.jsonl');
      try {
        const log = append(append('', fact(1)), fact(2));
        writeFileSync(file, log);
        assert.equal((await runScript(AUDIT_TRAIL, ['verify', file], {}, () => undefined)).code, 0);
        writeFileSync(file, log.replace('success', 'failure'));
        const bad = await runScript(AUDIT_TRAIL, ['verify', file], {}, () => undefined);
        assert.equal(bad.code, 1);
        assert.match(bad.summary, /NOT WHOLE[^]*line 1 was changed/);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });

    it('checks the branch once a day against the runs', async () => {
      const { append } = await exportsOf<Exports>(AUDIT_TRAIL);
      const content = Buffer.from(append('', fact(1))).toString('base64');
      const answer = (more: readonly object[]) => (a: Asked) => a.path.startsWith('/contents/') ? { body: { sha: 'e', content } }
        : a.path.startsWith('/actions/workflows/cd.yml/runs') ? { body: { workflow_runs: more } } : undefined;
      const run = { id: 2, run_attempt: 1, status: 'completed', conclusion: 'success', event: 'push', name: 'CD', updated_at: '2026-03-02T10:00:00Z' };
      assert.equal((await runScript(AUDIT_TRAIL, ['check'], { WORKFLOWS: 'cd.yml' }, answer([{ ...run, id: 1 }]))).code, 0);
      const gap = await runScript(AUDIT_TRAIL, ['check'], { WORKFLOWS: 'cd.yml' }, answer([run]));
      assert.equal(gap.code, 1);
      assert.match(gap.summary, /run 2 .* is missing/);
    });
  });
});
