import assert from 'node:assert/strict';
import { analyze, type EngineEnv } from '../../../rules/engine/analyze';
import { applyFixes, fixEdits } from '../../../rules/engine/fix';
import { DEFAULT_CONFIG, type AnyRule, type Fix, type World } from '../../../rules/engine/rule';
import { createRepository } from '../../../rules/repository';
import type { TextEdit } from '../../../rules/workflow/document';
import { parseSource } from '../../../rules/workflow/parse';
import { tiny, timeLimit } from '../../support/tiny-rules';

const PATH = '.github/workflows/ci.yml';
const env = (rules: readonly AnyRule[]): EngineEnv => ({ rules, config: DEFAULT_CONFIG, today: '2026-01-01' });
const fix = (text: string, rules: readonly AnyRule[], safety: 'safe' | 'unsafe' = 'unsafe', rule?: string) =>
  applyFixes(PATH, text, { safety, rule, env: env(rules) });

/** Each job whose name holds `word` is found; the fix is made of the name's place in the current document. */
function nameRule(id: string, word: string, make: (start: number, end: number, world: World) => readonly TextEdit[] | undefined, more: Partial<Fix> = {}): AnyRule {
  return tiny({
    id, fix: 'safe', messages: { found: 'Job {job} has {word} in its name.' },
    create: c => ({ job(job) {
      const name = job.name?.value;
      if (name?.kind !== 'scalar' || !name.value.includes(word)) return;
      c.report({ at: name, messageId: 'found', data: { job: job.id, word }, fixes: [{
        title: `Fix ${id}`, safety: 'safe', ...more,
        edits(world) {
          const now = world.document.workflow?.jobs.find(j => j.id === job.id)?.name?.value;
          if (!now) return undefined;
          const { start, end } = world.document.range(now);
          return make(start, end, world);
        },
      }] });
    } }),
  });
}
const jobs = (...names: string[]) => `on: push\njobs:\n${names.map((n, i) => `  j${i}:\n    name: ${n}\n    runs-on: x\n`).join('')}`;

describe('applyFixes', () => {
  it('applies what it may, and leaves unsafe fixes to those who ask for them', () => {
    const text = jobs('a', 'b');
    assert.deepEqual(fix(text, [timeLimit], 'safe'), { text, applied: [], refused: [] });
    const result = fix(text, [timeLimit]);
    assert.equal(result.text, text.replaceAll('    name', '    timeout-minutes: 10\n    name'));
    assert.deepEqual(result.applied, [{ ruleId: 'tiny-time-limit', title: 'Add a time limit' }, { ruleId: 'tiny-time-limit', title: 'Add a time limit' }]);
    assert.deepEqual(fix(result.text, [timeLimit]), { text: result.text, applied: [], refused: [] });
  });

  it('keeps overlapping fixes for the next pass, and goes on to a fixed point', () => {
    const chain = ['a', 'b', 'c'].map((c, i) => nameRule(`chain-${c}`, c, (start, end) => [{ start, end, newText: 'bcd'[i]! }]));
    const whole = nameRule('whole', 'ab', (start, end) => [{ start, end, newText: 'b' }]);
    const result = fix(jobs('a', 'ab'), [...chain, whole]);
    assert.equal(result.text, jobs('d', 'd'));
    assert.deepEqual(result.refused, []);
  });

  it('stops after ten passes where two rules undo each other', () => {
    const ping = nameRule('ping', 'a', (start, end) => [{ start, end, newText: 'b' }]);
    const pong = nameRule('pong', 'b', (start, end) => [{ start, end, newText: 'a' }]);
    const result = fix(jobs('a'), [ping, pong]);
    assert.equal(result.applied.length, 10);
    assert.equal(result.text, jobs('a'));
  });

  it('finds the one that does harm, refuses it, and applies the others', () => {
    const good = nameRule('good', 'x', (start, end) => [{ start, end, newText: 'ok' }]);
    const useless = nameRule('useless', 'stay', (start, end) => [{ start, end, newText: 'stays' }]);
    const breaking = nameRule('breaking', 'open', (start, end) => [{ start, end, newText: '"never closed' }]);
    const throws = nameRule('throws', 'boom', () => { throw new Error('no way'); });
    const nothing = nameRule('nothing', 'same', (start, end, { document }) => [{ start, end, newText: document.text.slice(start, end) }]);
    const result = fix(jobs('x', 'stay', 'x', 'open', 'boom', 'x', 'same'), [breaking, good, nothing, throws, useless]);
    assert.equal(result.text, jobs('ok', 'stay', 'ok', 'open', 'boom', 'ok', 'same'));
    assert.deepEqual(result.applied.map(a => a.ruleId), ['good', 'good', 'good']);
    assert.deepEqual(result.refused.map(r => [r.ruleId, r.reason]).sort(), [
      ['breaking', 'The result would not parse as well as before.'], ['nothing', 'It changes nothing.'],
      ['throws', 'It failed: no way'], ['useless', 'The finding would still be there.'],
    ]);
  });

  it('leaves out suppressed findings, other rules, and fixes that need the network', () => {
    const online = nameRule('online', 'x', (start, end) => [{ start, end, newText: 'ok' }], { needs: { kind: 'resolve-ref', owner: 'a', repo: 'b', ref: 'v1' } });
    const text = jobs('x').replace('x\n', 'x # ci-hardening: ignore[tiny-time-limit] no\n').replace('  j0:', '  j0: # ci-hardening: ignore[tiny-time-limit]');
    assert.equal(fix(text, [online, timeLimit]).text, text);
    assert.equal(fix(jobs('a'), [timeLimit], 'unsafe', 'other').text, jobs('a'));
  });

  it('fixes an absorbed finding only when asked for its rule', () => {
    const strong = tiny({ id: 'strong', messages: { found: 'x.' }, create: c => ({ job(j) { c.report({ at: j.entry.key, messageId: 'found', absorbs: ['tiny-time-limit'] }); } }) });
    assert.equal(fix(jobs('a'), [strong, timeLimit]).text, jobs('a'));
    assert.notEqual(fix(jobs('a'), [strong, timeLimit], 'unsafe', 'tiny-time-limit').text, jobs('a'));
  });

  it('fixes findings of repository rules in the file at hand', () => {
    const wide = tiny({ ...nameRule('wide', 'x', (start, end) => [{ start, end, newText: 'ok' }]), scope: 'repository' });
    const text = jobs('x');
    const repository = createRepository([PATH, '.github/workflows/other.yml'], () => text);
    assert.equal(applyFixes(PATH, text, { safety: 'safe', env: { ...env([wide]), repository } }).text, jobs('ok'));
  });

  it('takes broken, empty and strange files as they are', () => {
    for (const text of ['', 'a', 'jobs:\n  a:\n    "', '\uFEFFon: push\r\njobs:\r\n  a:\r\n    runs-on: x\r\n']) {
      const result = fix(text, [timeLimit]);
      assert.equal(parseSource(PATH, result.text).problems.length, parseSource(PATH, text).problems.length);
    }
  });
});

describe('fixEdits', () => {
  it('answers for the document of the analysis only', () => {
    const document = parseSource(PATH, jobs('a'));
    const analysis = analyze(document, env([timeLimit]));
    const [finding] = analysis.findings;
    const world = { document, config: DEFAULT_CONFIG };
    assert.equal(fixEdits(analysis, finding!, finding!.fixes[0]!, world)?.length, 1);
    assert.equal(fixEdits(analysis, finding!, finding!.fixes[0]!, { ...world, document: parseSource(PATH, jobs('b')) }), undefined);
    assert.equal(fixEdits(analysis, { ...finding! }, finding!.fixes[0]!, world), undefined);
  });
});
