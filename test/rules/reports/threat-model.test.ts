import assert from 'node:assert/strict';
import { RULES } from '../../../rules/checks';
import { PRACTICES } from '../../../rules/practices';
import { assess, threatDocument, threatModel, type ThreatEntry } from '../../../rules/reports';
import { THREATS } from '../../../rules/reports/threat-model/threats';
import { PRACTICE_CONTROLS, RULE_CONTROLS } from '../../../rules/scorecard';
import { repository, type Files } from '../practices/support';

const W = '.github/workflows/ci.yml';
const model = (files: Files): Map<string, ThreatEntry> => {
  const repo = repository(files), a = assess(repo, { today: '2026-01-01' });
  return new Map(threatModel(repo, a.card, a.findings).map(t => [t.id, t]));
};
const document = (files: Files): string => {
  const repo = repository(files), a = assess(repo, { today: '2026-01-01' });
  return threatDocument(repo, a.card, a.findings);
};
const steps = (text: string, top = 'on: push\npermissions: {}\n'): Files => ({ [W]: `${top}jobs:\n  job:\n    runs-on: ubuntu-latest\n    timeout-minutes: 5\n    steps:\n${text}` });

describe('the threat model', () => {
  it('names ten threats, all six kinds of STRIDE, and only rules and practices that there are to be', () => {
    assert.equal(THREATS.length, 10);
    assert.equal(new Set(THREATS.flatMap(t => t.stride)).size, 6);
    const planned = [RULE_CONTROLS, PRACTICE_CONTROLS].flatMap(table => Object.values(table).flatMap(row => Object.values(row).flatMap(ids => ids.trim().split(/\s+/))));
    // Rules that a later version brings, of the catalogue of rules.
    const later = ['action-identity-risk', 'action-unverified-owner', 'dependency-source-ambiguous', 'cache-key-unscoped'];
    const known = new Set([...RULES.map(r => r.id), ...PRACTICES.map(p => p.id), ...planned, ...later]);
    for (const t of THREATS) {
      for (const id of [...t.rules, ...t.controls]) assert.ok(known.has(id), `${t.id}: ${id}`);
      for (const id of t.key) assert.ok(t.controls.includes(id), `${t.id}: ${id} is no control of it`);
    }
  });

  it('puts every rule about attacks somewhere', () => {
    const categories = new Set(['injection', 'triggers', 'secrets', 'environments', 'dependencies']);
    for (const r of RULES.filter(x => categories.has(x.category))) assert.ok(THREATS.some(t => t.rules.includes(r.id) || t.categories.includes(r.category)), r.id);
  });

  it('sees no exposure where there is none', () => {
    const all = model(steps('      - run: make\n'));
    for (const id of ['workflow-injection', 'compromised-action', 'secret-exposure', 'dependency-injection', 'container-tampering', 'oidc-token-theft', 'cache-poisoning', 'credential-stuffing']) {
      const t = all.get(id)!;
      assert.deepEqual([id, t.exposed, t.risk], [id, [], 'none seen']);
    }
    assert.equal(all.get('denial-of-service')!.exposed.length, 1);
  });

  it('tells events that anybody causes from those that need a role or follow one', () => {
    const exposed = (on: string, more: Files = {}) => model({ ...more, ...steps('      - run: make\n', `name: Own\non:\n${on}permissions: {}\n`) }).get('workflow-injection')!.exposed.map(f => f.text.slice(f.text.indexOf(' by ') + 4));
    assert.deepEqual(exposed('  issue_comment:\n  pull_request:\n'), ['issue_comment; these runs have the repository\'s token and secrets', 'pull_request; from forks these runs have, by default, a token that only reads and no secrets']);
    assert.deepEqual(exposed('  issues:\n    types: [labeled]\n  push:\n'), []);
    const after = '  workflow_run:\n    workflows: [Other]\n';
    const other = (event: string): Files => ({ '.github/workflows/other.yml': `name: Other\non: ${event}\npermissions: {}\njobs:\n  o:\n    runs-on: x\n    steps: [{run: x}]\n` });
    assert.deepEqual(exposed(after, other('push')), []);
    assert.equal(exposed(after, other('pull_request')).length, 2);
    assert.deepEqual(exposed('  workflow_run:\n    workflows: [Own]\n'), []);
  });

  it('gives controls with their places', () => {
    const sha = 'a'.repeat(40);
    const t = model(steps(`      - uses: actions/checkout@${sha}\n        with:\n          persist-credentials: false\n      - uses: octo/thing@v1\n      - run: deploy\n        env:\n          KEY: \${{ secrets.DEPLOY_KEY }}\n          T: \${{ github.token }}\n`));
    assert.deepEqual(t.get('compromised-action')!.found[0], { text: '1 of 2 uses of actions and workflows elsewhere is named by a full commit', places: [{ path: W, line: 8 }] });
    assert.deepEqual(t.get('secret-exposure')!.exposed, [{ text: '1 secret is read: DEPLOY_KEY', places: [{ path: W, line: 14 }] }]);
    assert.deepEqual(t.get('secret-exposure')!.found[0], { text: '1 of 1 checkout leaves no token behind (persist-credentials: false)', places: [{ path: W, line: 8 }] });
    assert.deepEqual(t.get('credential-stuffing')!.exposed[0]!.places, [{ path: W, line: 14 }]);
  });

  it('is high while something severe is open, and says what was accepted and why', () => {
    const bad = '      - run: echo "${{ github.event.comment.body }}"\n', on = 'on: issue_comment\npermissions:\n  contents: write\n';
    const open = model(steps(bad, on)).get('workflow-injection')!;
    assert.equal(open.risk, 'high');
    assert.equal(open.open[0]!.ruleId, 'script-injection-run');
    assert.deepEqual(open.open[0]!.place, { path: W, line: 9 });
    const accepted = model(steps(bad.replace('\n', ' # ci-hardening: ignore[script-injection-run] a test of ours\n'), on)).get('workflow-injection')!;
    assert.deepEqual(accepted.open.filter(f => f.ruleId === 'script-injection-run'), []);
    assert.equal(accepted.accepted[0]!.reason, 'a test of ours');
    assert.match(document(steps(bad.replace('\n', ' # ci-hardening: ignore[script-injection-run] a test of ours\n'), on)), /Accepted by a suppression[\s\S]*Reason: a test of ours\./);
  });

  it('does not call low what turns on a setting that it can not see', () => {
    const t = model({ ...steps('      - run: kubectl apply -f k8s\n'), CODEOWNERS: '* @a\n' }).get('insider-change')!;
    assert.notEqual(t.risk, 'low');
    assert.ok(t.unknown.some(u => u.includes('branch-protection')));
  });

  it('lets nothing of the repository become markup', () => {
    const text = document(steps('      - name: "<img src=x> [a](javascript:x) | `b` **c** @octocat https://evil.example"\n        run: echo "${{ github.event.comment.body }}"\n        env:\n          "<b>|": ${{ secrets.A }}\n',
      'name: "<script>"\non: issue_comment\n'));
    assert.doesNotMatch(text, /<(?:img|script|b)[ >]|\]\(javascript/);
    for (const line of text.split('\n').filter(l => l.startsWith('| '))) assert.equal(line.split('|').length, 9, line);
  });

  it('is the same each time', () => {
    const files = steps('      - uses: octo/thing@v1\n');
    assert.equal(document(files), document(files));
  });
});
