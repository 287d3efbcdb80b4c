import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DEFAULT_CONFIG } from '../../../rules/engine/rule';
import { hardenChoices, hardenPlan, type HardenChoice } from '../../../rules/harden';
import { loss } from '../../../rules/harden/state';
import { PRACTICES } from '../../../rules/practices';
import { SCORE_CATEGORIES, type Level } from '../../../rules/practices/practice';
import { createRepository } from '../../../rules/repository';
import { REPOSITORIES } from '../practices/repositories';
import { repository, scorecard, type Files } from '../practices/support';
import { assertSound, environment, hardened, withPlan } from './support';

const LEVELS: readonly Level[] = [2, 3, 4, 5];
const NODE: Files = { 'package.json': '{"name":"x","version":"1.0.0","scripts":{"test":"node --test"}}', 'package-lock.json': '{}', 'a.js': '', 'a.test.js': '' };
const CI = '.github/workflows/ci.yml';

describe('harden', () => {
  for (const [name, files] of Object.entries(REPOSITORIES)) {
    it(`“${name}”: to level 5 lowers nothing, keeps what is there, and is done once`, () => {
      const { plan } = assertSound(repository(files), { target: 5, unsafe: true });
      assert.ok(plan.after.score > plan.before.score);
    });
  }

  it('holds for any choice in any of them', () => {
    const names = Object.keys(REPOSITORIES), ids = PRACTICES.filter(p => p.scaffold).map(p => p.id);
    const choice: fc.Arbitrary<HardenChoice> = fc.oneof(
      fc.record({ target: fc.constantFrom(...LEVELS), unsafe: fc.boolean(), categories: fc.subarray([...SCORE_CATEGORIES], { minLength: 1 }) }),
      fc.record({ practices: fc.subarray(ids, { minLength: 1, maxLength: 6 }), unsafe: fc.boolean() }));
    fc.assert(fc.property(fc.constantFrom(...names), choice, (name, wanted) => {
      const { plan } = assertSound(repository(REPOSITORIES[name]!), wanted);
      if ('practices' in wanted) for (const s of plan.steps) if (s.kind === 'add') assert.ok(wanted.practices.includes(s.id));
      if ('target' in wanted) for (const s of plan.steps) assert.ok(s.level <= wanted.target && wanted.categories!.includes(s.category), s.id);
    }), { numRuns: 40 });
  });

  it('depends on contents alone, not on the order of names', () => {
    const files = REPOSITORIES['with secrets']!, names = Object.keys(files);
    const of = (list: readonly string[]) => hardenPlan(createRepository(list, p => files[p]), environment(), { target: 5 });
    const one = of(names), other = of([...names].reverse());
    assert.deepEqual(one.changes, other.changes);
    assert.deepEqual(one.steps, other.steps);
  });

  it('goes as far as is asked, and leaves categories alone that are there already', () => {
    const repo = repository(NODE);
    const two = hardened(repo, { target: 2 }).plan;
    assert.ok(two.steps.length > 0 && two.steps.every(s => s.level === 2));
    for (const c of two.after.categories.filter(c => c.applicable && c.name !== 'Organisation')) assert.ok(c.level >= 2, c.name);
    const there = withPlan(repo, two), reached = new Set(two.after.categories.filter(c => c.level >= 3).map(c => c.name));
    for (const s of hardened(there, { target: 3 }).plan.steps) assert.ok(!reached.has(s.category), s.id);
  });

  it('lets each step see what the earlier ones have added', () => {
    const { plan, progress } = hardened(repository(NODE), { target: 5 });
    assert.deepEqual(plan.steps.slice(0, 1).map(s => [s.id, s.files]), [['unit-tests', [CI]]], 'what tests comes first');
    const added = progress.findIndex(p => p.step.id === 'unit-tests'), bot = plan.changes.find(c => c.path === '.github/dependabot.yml');
    assert.ok(progress.slice(added + 1).some(p => p.step.files.includes(CI) && p.before.read(CI) !== p.after.read(CI)));
    assert.match(bot!.newText, /package-ecosystem: "?github-actions/);
    const ruleset = plan.changes.find(c => c.path === '.github/rulesets/default-branch.json');
    assert.match(ruleset!.newText, /"context"/, 'its checks are jobs that were added before');
  });

  it('makes safe fixes, and others only where they are asked for', () => {
    const files: Files = { ...NODE, [CI]: `name: CI
on: pull_request
permissions: write-all # for now
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: node --test
` };
    const safe = hardened(repository(files), { target: 3, categories: ['Security'] }).plan;
    const text = safe.changes.find(c => c.path === CI)!.newText;
    assert.match(text, /actions\/checkout@[0-9a-f]{40} # v4/);
    assert.match(text, /permissions: write-all # for now/);
    const left = safe.remaining.find(r => r.id === 'permissions-write-all');
    assert.match(left?.reason ?? '', /can change what a run does/);
    const unsafe = assertSound(repository(files), { target: 3, categories: ['Security'], unsafe: true }).plan;
    assert.doesNotMatch(unsafe.changes.find(c => c.path === CI)!.newText, /write-all/);
    assert.ok(unsafe.after.categories[0]!.score > safe.after.categories[0]!.score);
  });

  it('says why something is left', () => {
    const { plan } = hardened(repository({ ...NODE, Dockerfile: 'FROM node:24\n' }), { practices: ['branch-protection', 'migration-tests', 'scan-secrets'] });
    assert.deepEqual(plan.steps.map(s => s.id), ['scan-secrets', 'branch-protection']);
    assert.match(plan.remaining.find(r => r.id === 'branch-protection')!.reason, /up to GitHub/);
    const without = hardened(repository(NODE), { target: 5 }, { ...environment(), writer: undefined }).plan;
    assert.match(without.remaining.find(r => r.id === 'threat-model')?.reason ?? '', /\.$/);
    assert.ok(!without.steps.some(s => s.id === 'threat-model'));
  });

  it('leaves out what the configuration turns off', () => {
    const config = { ...DEFAULT_CONFIG, rules: { 'scan-secrets': { severity: 'off' as const } }, ignore: [{ rule: 'security-policy' }] };
    const { plan } = hardened(repository(NODE), { target: 5 }, environment(config));
    for (const id of ['scan-secrets', 'security-policy']) assert.ok(![...plan.steps, ...plan.remaining].some(s => s.id === id), id);
  });

  it('takes back what would cost points, and says which', () => {
    const good = scorecard({ ...NODE, 'SECURITY.md': 'Write to security@example.com. We answer within three days.\n' }), bad = scorecard(NODE);
    assert.equal(loss(bad, good), undefined);
    assert.match(loss(good, bad)!, /^It would lower the score of Organisation here: security-policy would be met less than now\.$/);
  });

  it('changes nothing where a file can’t be read', () => {
    const files: Readonly<Record<string, string | undefined>> = { ...NODE, '.github/dependabot.yml': undefined, [CI]: undefined };
    const repo = createRepository(Object.keys(files), p => files[p]);
    const { plan } = hardened(repo, { target: 5 });
    for (const path of ['.github/dependabot.yml', CI]) assert.ok(!plan.changes.some(c => c.path === path), path);
  });

  it('offers levels that something is below, and practices with their worth or why not', () => {
    const repo = repository(NODE), card = scorecard(NODE);
    const { targets, practices } = hardenChoices(repo, card, environment());
    assert.deepEqual(targets.map(t => [t.target, t.name]), [[2, 'Guarded'], [3, 'Managed'], [4, 'Hardened'], [5, 'Verified']]);
    const secrets = practices.find(p => p.id === 'scan-secrets')!;
    assert.deepEqual([secrets.category, secrets.level, secrets.refused], ['Security', 3, undefined]);
    assert.ok(practices.some(p => p.gain > 0));
    const open = practices.findIndex(p => p.refused !== undefined);
    assert.ok(open < 0 || practices.slice(open).every(p => p.refused !== undefined), 'what can’t be added comes last');
  });
});
