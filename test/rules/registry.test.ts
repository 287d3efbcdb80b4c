/** Nothing half done: each rule has its documentation, fixtures on both sides, a golden file per fix, and says what it says in full. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { RULES } from '../../rules/checks';
import type { AnyRule } from '../../rules/engine/rule';
import { check, shown } from '../support/check';
import { readProse } from '../support/examples';
import { fixturesOf } from '../support/fixtures';
import { keepsState } from '../support/rule-state';

const root = path.resolve(__dirname, '../..');
const HEADINGS = ['What it finds', 'Why it matters', 'What to do', 'Incorrect', 'Correct'];
const MIN_CASES = 4;

function generator(name: string): { status: number | null; output: string } {
  const run = spawnSync(process.execPath, [path.join(root, 'scripts', name), '--check'], { cwd: root, encoding: 'utf8' });
  return { status: run.status, output: run.stdout + run.stderr };
}

describe('registry', () => {
  it('lists every rule and practice file, and nothing else', () => assert.deepEqual(generator('generate-registry.mjs'), { status: 0, output: '' }));

  it('is sorted by id, without duplicates', () => {
    const ids = RULES.map(r => r.id);
    assert.deepEqual(ids, [...new Set(ids)].sort());
  });

  for (const rule of RULES) describe(rule.id, () => checkRule(rule));
});

function checkRule(rule: AnyRule): void {
  const file = path.join(root, 'rules/checks', rule.category, `${rule.id}.ts`);
  const messages = Object.entries(rule.messages as Record<string, string>);

  it('stands in the folder of its category under its id', () => {
    assert.match(rule.id, /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/);
    assert.ok(existsSync(file), `${path.relative(root, file)} does not exist`);
  });

  it('describes itself in full sentences', () => {
    for (const text of [rule.docs.summary, rule.docs.why]) assert.match(text, /^[A-Z`].*\.$/s);
    for (const url of rule.docs.references) assert.match(url, /^https:\/\//);
    assert.match(rule.since, /^\d+\.\d+\.\d+$/);
    for (const names of Object.values(rule.aliases ?? {}) as (readonly string[])[]) assert.ok(names.length > 0 && names.every(n => n !== ''));
  });

  it('has messages that say what is wrong and what to do', () => {
    assert.ok(messages.length > 0);
    for (const [id, text] of messages) {
      assert.match(text, /[.?}]$/, `${id} ends without a full stop`);
      assert.doesNotMatch(text, /\bmight\b/i, `${id} is not sure of itself`);
    }
  });

  it('says whether it keeps something from one visit to the next', () => {
    const kept = keepsState(readFileSync(file, 'utf8'));
    if (kept !== undefined) assert.equal(rule.keepsState ?? false, kept);
  });

  it('stays in its scope', () => {
    let visitors: Record<string, unknown> = {};
    const options = Object.fromEntries(Object.entries((rule.options ?? {}) as Record<string, { default: unknown }>).map(([k, o]) => [k, o.default]));
    visitors = rule.create({
      options, instance() {}, report() { throw new Error('a rule reports from its visitors'); },
      query() { throw new Error('a rule asks from its visitors'); },
    }) as Record<string, unknown>;
    if (rule.scope === 'job') assert.deepEqual(['workflow', 'repository'].filter(k => k in visitors), []);
    if (rule.scope !== 'repository') assert.ok(!('repository' in visitors));
  });

  it('has prose with every heading, and examples that are as it says', () => {
    const prosePath = file.replace(/\.ts$/, '.md');
    assert.ok(existsSync(prosePath), `${path.relative(root, prosePath)} does not exist`);
    const prose = readProse(readFileSync(prosePath, 'utf8'));
    assert.equal(prose.title, rule.id);
    assert.deepEqual(prose.headings.filter(h => HEADINGS.includes(h)), HEADINGS);
    // What such a rule looks at is more than one file can show.
    if (rule.scope === 'repository') return;
    for (const example of prose.examples) {
      const found = shown(check(example, example.text), rule.id);
      const where = `${path.relative(root, prosePath)}:${example.line}`;
      if (example.section === 'Incorrect') assert.notDeepEqual(found, [], `${where} finds nothing in\n${example.text}`);
      else assert.deepEqual(found.map(f => f.message), [], `${where} in\n${example.text}`);
    }
    for (const section of ['Incorrect', 'Correct']) assert.ok(prose.examples.some(e => e.section === section), `no \`\`\`yaml under "${section}"`);
  });

  it(`has at least ${MIN_CASES} cases on each side, and shows every message`, () => {
    const fixtures = fixturesOf(rule.id);
    const valid = fixtures.filter(f => f.name.startsWith('valid'));
    const wants = fixtures.flatMap(f => f.wants);
    const right = valid.reduce((n, f) => {
      const { document: d } = check(f, f.text);
      const jobs = d.workflow?.jobs ?? [];
      return n + 1 + jobs.length + jobs.reduce((m, j) => m + j.steps.length, 0) + (d.action?.steps.length ?? 0) + (d.dependabot?.updates.length ?? 0);
    }, 0);
    assert.ok(valid.length > 0 && right >= MIN_CASES, `${right} right cases in ${valid.length} valid files`);
    assert.ok(wants.length >= MIN_CASES, `${wants.length} markers`);
    const seen = new Set(fixtures.flatMap(f => shown(check(f, f.text), rule.id)).map(f => f.messageId));
    assert.deepEqual(messages.map(([id]) => id).filter(id => !seen.has(id)), [], 'messages that no fixture shows');
  });

  it('has the fixes that it promises, each with a golden file', () => {
    const fixtures = fixturesOf(rule.id);
    const fixes = fixtures.flatMap(f => shown(check(f, f.text), rule.id)).flatMap(f => f.fixes);
    const best = fixes.some(f => f.safety === 'safe') ? 'safe' : fixes.length > 0 ? 'unsafe' : 'none';
    assert.equal(best, rule.fix, 'the best fix that the fixtures show');
    for (const fix of fixes) assert.match(fix.title, /^[A-Z].*[^.]$/);
    // The fixture runner asks for the golden file of each case; here it is that there is one at all.
    if (fixes.some(f => f.preferred && !f.needs)) assert.ok(fixtures.some(f => existsSync(f.golden)), 'no golden file');
  });
}
