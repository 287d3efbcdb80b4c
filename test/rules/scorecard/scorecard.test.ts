import assert from 'node:assert/strict';
import { RULES } from '../../../rules/checks';
import type { Finding } from '../../../rules/engine/finding';
import { PRACTICES } from '../../../rules/practices';
import { definePractice, SCORE_CATEGORIES, type PracticeDefinition } from '../../../rules/practices/practice';
import { computeScorecard, controlsOf, PRACTICE_CONTROLS, RULE_CONTROLS, SAME_AS_PRACTICE, SETTINGS_CONTROLS,
  levelText, type Tallied } from '../../../rules/scorecard';
import { repository, scorecard, type Files } from '../practices/support';

const ids = (table: typeof RULE_CONTROLS): string[] => Object.values(table)
  .flatMap(row => Object.values(row).flatMap(text => text.trim().split(/\s+/)));
const CI = 'name: CI\non: pull_request\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: go test ./...\n';
const DEPLOY = `${CI}  ship:\n    runs-on: ubuntu-latest\n    steps:\n      - run: kubectl apply -f k8s\n`;

function fake(id: string, of: Partial<PracticeDefinition>): PracticeDefinition {
  return definePractice({
    id, title: id, category: 'Security', level: 3, severity: 'medium', since: '0.1.0', docs: { summary: 'x.', why: 'y.', references: [] },
    applies: () => true, evidence: () => ({ result: 1, evidence: [], lookedFor: [] }), scaffold: null, ...of,
  });
}
function finding(ruleId: string, more: Partial<Finding> = {}): Finding {
  return {
    ruleId, messageId: 'm', message: 'wrong', severity: 'medium', confidence: 'high', reasons: [], path: '.github/workflows/ci.yml',
      range: { start: 3, end: 7 }, related: [],
    fixes: [], suppressed: null, key: 'k', ...more,
  };
}
const tallied = (ruleId: string, instances: number, violations: number, findings: readonly Finding[] = []): Tallied =>
  ({ findings, tallies: new Map([[ruleId, { instances, violations }]]) });

describe('table of controls', () => {
  it('names each thing once, in one of the six categories', () => {
    assert.deepEqual(Object.keys(RULE_CONTROLS), [...SCORE_CATEGORIES]);
    assert.deepEqual(Object.keys(PRACTICE_CONTROLS), [...SCORE_CATEGORIES]);
    for (const all of [ids(RULE_CONTROLS), ids(PRACTICE_CONTROLS)]) assert.equal(new Set(all).size, all.length);
    for (const [rule, practice] of Object.entries(SAME_AS_PRACTICE)) {
      assert.ok(ids(RULE_CONTROLS).includes(rule), rule);
      assert.ok(ids(PRACTICE_CONTROLS).includes(practice), practice);
    }
    for (const s of SETTINGS_CONTROLS) assert.equal(s.category, 'Organisation');
  });

  it('has only what the registries hold, each once, and agrees with what rules say about themselves', () => {
    const controls = controlsOf(RULES, PRACTICES);
    assert.equal(new Set(controls.map(c => c.id)).size, controls.length);
    for (const c of controls) assert.ok(c.rule ?? c.practice ?? c.settings, c.id);
    for (const p of PRACTICES) assert.ok(controls.some(c => c.id === p.id), p.id);
    for (const c of controls) if (c.rule && c.rule.level !== 0) assert.equal(c.level, c.rule.level, c.id);
  });

  it('counts a rule until the practice that says the same is there', () => {
    const rule = RULES.find(r => SAME_AS_PRACTICE[r.id] !== undefined);
    assert.ok(rule, 'no rule of the registry gives way to a practice');
    const practice = SAME_AS_PRACTICE[rule.id]!;
    assert.deepEqual(controlsOf([rule], []).filter(c => c.rule).map(c => c.id), [rule.id]);
    assert.deepEqual(controlsOf([rule], [fake(practice, {})]).filter(c => c.rule), []);
    assert.ok(controlsOf([rule], [fake(practice, {})]).find(c => c.id === practice)!.sameAs.includes(rule.id));
  });
});

describe('scorecard of a repository', () => {
  const rule = RULES.find(r => r.id === 'permissions-write-all')!;
  const only = (analyses: readonly Tallied[]) => computeScorecard(repository({}), analyses,
    { rules: [rule], practices: [] }).controls.find(c => c.control.id === rule.id)!;

  it('takes a rule’s result from its instances', () => {
    const wrong = finding(rule.id);
    const v = only([tallied(rule.id, 3, 1, [wrong, finding(rule.id, { suppressed: { kind: 'comment', reason: '' } })]),
      tallied(rule.id, 1, 0)]);
    assert.deepEqual([v.verdict, v.result], ['partial', 0.75]);
    assert.deepEqual(v.evidence, [{ path: wrong.path, start: 3, end: 7, text: 'wrong' }]);
    assert.equal(only([tallied(rule.id, 2, 0)]).verdict, 'met');
    assert.equal(only([tallied(rule.id, 2, 2)]).verdict, 'missing');
    assert.equal(only([tallied(rule.id, 0, 0)]).verdict, 'not-applicable');
    assert.equal(only([]).verdict, 'not-applicable');
  });

  it('survives a practice that throws, and says so', () => {
    const broken = fake('scan-sast', { evidence: () => { throw new Error('oops'); } });
    const sc = computeScorecard(repository({}), [], { rules: [], practices: [broken] });
    assert.deepEqual(sc.errors, [{ id: 'scan-sast', message: 'oops' }]);
    assert.equal(sc.controls.find(c => c.control.id === 'scan-sast')!.verdict, 'unknown');
  });

  it('keeps what only GitHub knows open, in Organisation alone', () => {
    // Who approves is asked where there is an environment, and more than proposals go through it.
    const sc = scorecard({ '.github/workflows/ci.yml': DEPLOY.replace('on: pull_request', 'on: push').replace('ship:\n', 'ship:\n    environment: production\n') });
    const unknown = sc.controls.filter(c => c.verdict === 'unknown');
    assert.deepEqual(unknown.map(c => c.control.id), ['branch-protection', 'environment-approval']);
    for (const c of sc.categories) if (c.name !== 'Organisation') assert.equal(c.interval[0], c.interval[1], c.name);
    assert.ok(sc.interval[0] < sc.interval[1]);
    assert.match(sc.headline, /^\d+ \(\d+–\d+, 2 of \d+ controls need a GitHub token\)$/);
    const known = computeScorecard(repository({}), [], { settings: { 'branch-protection': { result: 1, evidence: [], lookedFor: [] } } });
    assert.equal(known.controls.find(c => c.control.id === 'branch-protection')!.verdict, 'met');
    assert.match(known.headline, /^\d+$/);
    assert.equal(scorecard({ '.github/workflows/ci.yml': CI }).controls.find(c => c.control.id === 'environment-approval')!.verdict,
      'not-applicable');
  });

  it('counts jobs without permissions, however many findings tell of them', () => {
    const job = (id: string, more = ''): string => `  ${id}:\n    runs-on: ubuntu-latest\n${more}    steps:\n      - run: make\n`, own = '    permissions: {}\n';
    const share = (...jobs: string[]): readonly [number | null, string[]] => {
      const found = scorecard({ '.github/workflows/ci.yml': `on: push\njobs:\n${jobs.join('')}` }).controls.find(c => c.control.id === 'permissions-missing')!;
      return [found.result, [...found.lookedFor]];
    };
    assert.deepEqual(share(job('a'), job('b'), job('c')), [0, ['0 of 3 places comply']], 'one finding for the workflow');
    assert.deepEqual(share(job('a'), job('b'), job('c'), job('d', own)), [0.25, ['1 of 4 places comply']], 'a finding for each of three jobs');
    assert.deepEqual(share(job('a', own), job('b', own)), [1, ['2 of 2 places comply']]);
  });

  it('says which level is possible where something is unknown', () => {
    assert.equal(levelText({ level: 2, levels: [2, 5] }), 'level 2 Guarded, 5 Verified at best');
    assert.equal(levelText({ level: 3, levels: [3, 3] }), 'level 3 Managed');
  });

  it('says what holds the level back, and what to do about it', () => {
    const sc = scorecard({ '.github/workflows/ci.yml': CI, 'go.mod': '', 'a.go': '' });
    assert.equal(sc.level, 1);
    assert.match(sc.heldBackBy!, /points? reach(?:es)? level 2 \(Guarded\); the best next step is “.+”\.$/);
    assert.deepEqual([...sc.actions].sort((a, b) => b.gain / b.effort - a.gain / a.effort).map(a => a.gain / a.effort),
      sc.actions.map(a => a.gain / a.effort));
    const kinds = new Map(sc.actions.map(a => [a.controlId, a.kind]));
    assert.equal(kinds.get('scan-secrets'), 'add');
    assert.equal(kinds.get('branch-protection'), 'manual');
    assert.deepEqual(['scan-secrets', 'timeouts'].map(id => sc.actions.find(x => x.controlId === id)!.edits), [undefined, true]);
    assert.equal(sc.actions.find(a => a.controlId === 'scan-secrets')!.title, 'Add a secret-scan job');
    const partly = scorecard({ '.github/workflows/ci.yml': CI, 'go.mod': '', 'a.go': '', '.github/dependabot.yml': 'version: 2\nupdates:\n  - package-ecosystem: gomod\n    directory: /\n    schedule:\n      interval: weekly\n' });
    assert.equal(partly.actions.find(a => a.controlId === 'update-bot')!.title, 'Complete update bot', 'what is there is not to be added');
    const left = partly.actions.find(a => a.controlId === 'fast-feedback')!;
    assert.deepEqual([left.title, left.kind, left.effort], ['Limit the checks to 10 minutes, where their runs end by then', 'manual', 3], 'the scaffold can’t do it');
    const full = PRACTICES.map(p => ({ ...p, applies: () => true,
      evidence: () => ({ result: p.category === 'Security' ? 0 : 1, evidence: [], lookedFor: ['x'] }) }));
    const lagging = computeScorecard(repository({}), [], { rules: [],
      practices: [...full, fake('branch-protection', { category: 'Organisation', level: 2 })] });
    assert.match(lagging.heldBackBy!, /^Security is at level 2 and holds the overall level at 3: open there are dependency-review, scan-dependencies and scan-sast and more\.$/);
    assert.equal(lagging.level, 3);
  });

  it('lists targets that are not reached', () => {
    const sc = computeScorecard(repository({}), [], { targets: { Security: { level: 3, by: '2030-01-01' }, overall: { level: 1 },
      Nonsense: { level: 5 } } });
    assert.deepEqual(sc.gaps, [{ name: 'Security', current: 2, target: 3, by: '2030-01-01' }]);
  });

  it('rises, and never falls, as a repository improves step by step', () => {
    const steps: Files[] = [
      { 'go.mod': '', 'go.sum': '', 'a.go': '', 'a_test.go': '',
        '.github/workflows/ci.yml': 'on: pull_request\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: go test ./... || true\n' },
    ];
    const change = (path: string, edit: (text: string) => string): void => { const last = steps.at(-1)!; steps.push({ ...last,
      [path]: edit(last[path] ?? '') }); };
    const ci = '.github/workflows/ci.yml';
    change(ci, t => t.replace(' || true', ''));
    change(ci, t => t.replace('runs-on: ubuntu-latest\n', 'runs-on: ubuntu-latest\n    timeout-minutes: 10\n'));
    change(ci, t => t.replace('jobs:', 'permissions: {}\njobs:'));
    change(ci, t => t.replace('jobs:', 'concurrency:\n  group: x\n  cancel-in-progress: true\njobs:'));
    change('SECURITY.md', () => 'security@example.org');
    change('.github/CODEOWNERS', () => '* @a');
    change(ci, t => `${t}      - run: golangci-lint run\n`);
    const scores = steps.map(s => scorecard(s).score);
    scores.forEach((s, i) => { if (i > 0) assert.ok(s > scores[i - 1]! - 1e-9, `step ${i}: ${scores.join(' ')}`); });
    assert.ok(scores.at(-1)! > 2 * scores[0]!, scores.join(' '));
  });
});
