/** Files that are made to hurt: what the engine does stays near linear in them. Each case would take minutes where it didn't. */
import assert from 'node:assert/strict';
import { analyze, type EngineEnv } from '../../../rules/engine/analyze';
import { parseConfig } from '../../../rules/engine/config';
import { compileGlob } from '../../../rules/engine/glob';
import { RULES } from '../../../rules/checks';
import { DEFAULT_CONFIG, type AnyRule } from '../../../rules/engine/rule';
import { parseSource } from '../../../rules/workflow/parse';
import { everyExpression, timeLimit, tiny, TINY_RULES } from '../../support/tiny-rules';

const PATH = '.github/workflows/ci.yml';
const env = (rules: readonly AnyRule[]): EngineEnv => ({ rules, config: { ...DEFAULT_CONFIG, profile: 'strict' }, today: '2026-01-01' });
const run = (text: string, rules: readonly AnyRule[]) => {
  const analysis = analyze(parseSource(PATH, text), env(rules));
  assert.deepEqual(analysis.errors, []);
  return analysis.findings;
};

describe('hostile files', function () {
  this.timeout(60_000);

  it('of ten thousand mistyped suppressions', () => {
    const text = `on: push # ci-hardening: ignore[${Array.from({ length: 10_000 }, (_, i) => `${'unpinned-action'.repeat(4)}${i}`).join(',')}]\njobs: {}\n`;
    assert.equal(run(text, RULES).filter(f => f.messageId === 'unknown').length, 10_000);
  });

  it('of five thousand findings that absorb one another', () => {
    const greedy = tiny({
      ...everyExpression, id: 'greedy',
      create: c => ({ expression(s) { c.report({ at: s.span, messageId: 'found', data: { path: s.path }, absorbs: ['tiny-expression', 'greedy', 'other'] }); } }),
    });
    const text = `on: push\njobs:\n  a:\n    steps:\n${'      - run: ${{ a }}\n'.repeat(5000)}`;
    const findings = run(text, [everyExpression, greedy]);
    assert.equal(findings.length, 10_000);
    assert.equal(findings.filter(f => !f.absorbedBy).length, 1);
  });

  it('of many errors offer no fix', () => {
    const text = `on: push\njobs:\n  a:\n    runs-on: x\n${'  "b: [\n  - ]\n'.repeat(3000)}`;
    const document = parseSource(PATH, text);
    const world = { document, config: DEFAULT_CONFIG };
    const fixes = analyze(document, env([timeLimit])).findings.flatMap(f => f.fixes);
    assert.ok(fixes.length > 0);
    for (const x of fixes) assert.equal(x.edits(world), undefined);
  });

  it('that nest without end', () => {
    for (const text of [`a: ${'['.repeat(20_000)}`, `a: ${'{b: '.repeat(20_000)}`, Array.from({ length: 3000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')]) {
      run(`on: push\njobs:\n  j:\n    env:\n      ${text.replaceAll('\n', '\n      ')}\n`, TINY_RULES);
      run(text, TINY_RULES);
    }
  });

  it('with globs that would backtrack are told so', () => {
    for (const glob of ['*a'.repeat(40), '**/'.repeat(30), '(a+)+b', '+(a|aa)+(a|aa)b', '[a]+'.repeat(20), '{a,b}'.repeat(20), '{{{{a,b},c},d},e}', '', ' ', 'a'.repeat(400)]) {
      assert.equal(compileGlob(glob), undefined, glob);
    }
    const hard = compileGlob('**/*a*a*b/**/*a*a*b/**')!;
    assert.equal(hard(`${'a'.repeat(200)}/${'a'.repeat(200)}/${'a'.repeat(200)}`), false);
    assert.equal(parseConfig(`ignore:\n${'  - { rule: nope-nope-nope-nope }\n'.repeat(3000)}`, { rules: RULES }).problems.length, 3000);
  });

  it('with globs that mean something match it', () => {
    const cases: [glob: string, path: string, matches: boolean][] = [
      ['.github/workflows/*.yml', '.github/workflows/a.yml', true], ['.github/workflows/*.yml', '.github/workflows/a/b.yml', false],
      ['**/action.yml', 'action.yml', true], ['**/action.yml', 'a/b/action.yml', true], ['.github/', '.github/workflows/a.yml', true],
      ['./a.yml', 'a.yml', true], ['*.{yml,yaml}', 'a.yaml', true], ['[ab].yml', 'b.yml', true], ['[ab].yml', 'c.yml', false], ['A.yml', 'a.yml', false],
    ];
    for (const [glob, path, matches] of cases) assert.equal(compileGlob(glob)!(path), matches, `${glob} ${path}`);
  });
});
