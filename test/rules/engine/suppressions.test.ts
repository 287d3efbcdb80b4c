import assert from 'node:assert/strict';
import { analyze, type EngineEnv } from '../../../rules/engine/analyze';
import { RULES } from '../../../rules/checks';
import { suppressionEdit, type SuppressionScope } from '../../../rules/engine/suppression-edit';
import { DEFAULT_CONFIG, type AnyRule, type Config } from '../../../rules/engine/rule';
import { applyEdits } from '../../../rules/workflow/document';
import { parseSource } from '../../../rules/workflow/parse';
import { everyExpression, neededJob, tiny, timeLimit } from '../../support/tiny-rules';

const PATH = '.github/workflows/ci.yml';
const meta = RULES.filter(r => r.id.endsWith('-suppression'));
const aliased = tiny({ ...everyExpression, id: 'tiny-aliased', aliases: { zizmor: ['template-injection'] } });

function run(text: string, rules: readonly AnyRule[] = [everyExpression], config: Partial<Config> = {}) {
  const env: EngineEnv = { rules: [...rules, ...meta], config: { ...DEFAULT_CONFIG, ...config }, today: '2026-06-15', knownIds: ['a-practice'] };
  const analysis = analyze(parseSource(PATH, text), env);
  assert.deepEqual(analysis.errors, []);
  return analysis;
}

/** `rule@line` (1-based) of what is shown, and of what is not. */
function sorted(text: string, rules?: readonly AnyRule[], config?: Partial<Config>) {
  const { findings, document } = run(text, rules, config);
  const name = (f: (typeof findings)[number]) => `${f.ruleId}@${document.positionAt(f.range.start).line + 1}`;
  return { shown: findings.filter(f => !f.suppressed).map(name), hidden: findings.filter(f => f.suppressed).map(name) };
}

const steps = (...lines: string[]) => `on: push\njobs:\n  a:\n    steps:\n${lines.map(l => `      ${l}\n`).join('')}`;
const EXPR = '${{ github.ref }}';

describe('suppression comments', () => {
  it('cover their line, and the line below where they stand alone', () => {
    const text = steps('- name: x', `  run: ${EXPR} # ci-hardening: ignore[tiny-expression] why`, `- id: ${EXPR}`, '  # ci-hardening: ignore[tiny-expression]', `  run: ${EXPR}`);
    assert.deepEqual(sorted(text), { shown: ['tiny-expression@7'], hidden: ['tiny-expression@6', 'tiny-expression@9'] });
    assert.deepEqual(run(text).findings[0]!.suppressed, { kind: 'comment', reason: 'why' });
  });

  it('cover the whole step from its first line or from above it', () => {
    const text = steps('- name: x # ci-hardening: ignore[tiny-expression]', `  run: ${EXPR}`, '# ci-hardening: ignore[tiny-expression]', '# and more words', '- name: y', `  run: ${EXPR}`, `- run: ${EXPR}`);
    assert.deepEqual(sorted(text), { shown: ['tiny-expression@11'], hidden: ['tiny-expression@6', 'tiny-expression@10'] });
  });

  it('cover the whole job from its key or from above it, and no other', () => {
    const job = (id: string) => `  ${id}:\n    steps:\n      - run: ${EXPR}\n`;
    const text = `on: push\njobs:\n${job('a').replace('a:', 'a: # ci-hardening: ignore[tiny-expression]')}  # ci-hardening: ignore[tiny-expression]\n${job('b')}${job('c')}`;
    assert.deepEqual(sorted(text), { shown: ['tiny-expression@12'], hidden: ['tiny-expression@5', 'tiny-expression@9'] });
  });

  it('cover a script from above its key, as nothing in a script is a comment', () => {
    const text = steps('- name: x', '  # ci-hardening: ignore[tiny-expression]', '  run: |', '    # ci-hardening: ignore[tiny-expression]', `    a`, `    ${EXPR}`, '- run: |', '    # ci-hardening: ignore[tiny-expression]', `    ${EXPR}`);
    assert.deepEqual(sorted(text), { shown: ['tiny-expression@13'], hidden: ['tiny-expression@10'] });
  });

  it('cover the file only from its top', () => {
    const body = steps(`- run: ${EXPR}`);
    assert.deepEqual(sorted(`# CI\n\n# ci-hardening: ignore-file[tiny-expression] why\n${body}`).hidden, ['tiny-expression@8']);
    assert.deepEqual(sorted(body.replace('jobs:', '# ci-hardening: ignore-file[tiny-expression] why\njobs:')).shown, ['invalid-suppression@2', 'tiny-expression@6']);
  });

  it('name rules one by one', () => {
    const text = steps(`- run: ${EXPR} # v1 # ci-hardening: ignore[tiny-expression, tiny-time-limit] x`).replace('  a:', '  a: # ci-hardening: ignore[ tiny-time-limit ]');
    assert.deepEqual(sorted(text, [everyExpression, timeLimit]), { shown: ['unused-suppression@5'], hidden: ['tiny-time-limit@3', 'tiny-expression@5'] });
  });

  it('are reported where they do nothing, name nothing, or have ended', () => {
    const text = steps(
      '- run: a # ci-hardening: ignore[tiny-expression]', '- run: b # ci-hardening: ignore[tiny-expresion]', '- run: c # ci-hardening: ignore all of it',
      `- run: ${EXPR} # ci-hardening: ignore[tiny-expression] until 2026-06-14`, `- run: ${EXPR} # ci-hardening: ignore[tiny-expression] until 2026-06-15`,
      '- run: d # ci-hardening: ignore[a-practice] known, judged elsewhere',
    );
    assert.deepEqual(sorted(text), {
      shown: ['unused-suppression@5', 'invalid-suppression@6', 'invalid-suppression@7', 'tiny-expression@8', 'expired-suppression@8'], hidden: ['tiny-expression@9'],
    });
    assert.match(run(text).findings.find(f => f.messageId === 'unknown')!.message, /Did you mean `tiny-expression`/);
  });

  it('are not called unused for rules that are off, threw, or in a file that does not parse', () => {
    const comment = '- run: a # ci-hardening: ignore[tiny-expression]';
    assert.deepEqual(sorted(steps(comment), [everyExpression], { rules: { 'tiny-expression': { severity: 'off' } } }).shown, []);
    const throws = tiny({ id: 'tiny-expression', messages: {}, create: () => ({ job() { throw new Error('x'); } }) });
    const analysis = analyze(parseSource(PATH, steps(comment)), { rules: [throws, ...meta], config: DEFAULT_CONFIG });
    assert.deepEqual([analysis.findings, analysis.errors.length], [[], 1]);
    assert.deepEqual(sorted(steps(comment, '- run: "open')).shown, []);
  });

  it('of zizmor are honoured through aliases, anywhere in the step, and never reported', () => {
    const text = steps('- name: x', `  run: ${EXPR}`, '  shell: sh # zizmor: ignore[template-injection,other] ok', `- run: ${EXPR} # zizmor: ignore[other]`, '- run: a # zizmor: ignore[template-injection]');
    assert.deepEqual(sorted(text, [aliased, everyExpression]), { shown: ['tiny-expression@6', 'tiny-aliased@8', 'tiny-expression@8'], hidden: ['tiny-aliased@6'] });
  });

  it('of the configuration count by rule, path and date', () => {
    const text = steps(`- run: ${EXPR}`);
    const hidden = (entry: Config['ignore'][number]) => sorted(text, [everyExpression], { ignore: [entry] }).hidden.length;
    assert.equal(hidden({ rule: 'tiny-expression' }), 1);
    assert.equal(hidden({ rule: '*', path: '.github/workflows/*.yml', reason: 'legacy' }), 1);
    assert.equal(hidden({ rule: '*', path: '.github/' }), 1);
    assert.equal(hidden({ rule: 'other' }), 0);
    assert.equal(hidden({ rule: '*', path: 'ci.yml' }), 0);
    assert.equal(hidden({ rule: '*', until: '2026-06-15' }), 1);
    assert.equal(hidden({ rule: '*', until: '2026-06-14' }), 0);
    const hostile = `.github/workflows/${'*a'.repeat(60)}`;
    assert.equal(hidden({ rule: '*', path: hostile }), 0);
  });
});

describe('suppressionEdit', () => {
  function suppress(text: string, scope: SuppressionScope, rule: AnyRule = everyExpression, reason = 'why'): string | undefined {
    const { findings, document } = run(text, [rule]);
    const finding = findings.find(f => f.ruleId === rule.id && !f.suppressed)!;
    const edits = suppressionEdit(document, finding, scope, reason);
    if (!edits) return undefined;
    const result = applyEdits(text, edits);
    const after = run(result, [rule]).findings;
    assert.deepEqual(after.filter(f => f.ruleId.endsWith('-suppression') && f.messageId !== 'unused'), []);
    const same = after.filter(f => f.ruleId === rule.id && !f.suppressed);
    assert.ok(same.length < findings.filter(f => f.ruleId === rule.id && !f.suppressed).length, `it is still shown in\n${result}`);
    return result;
  }
  const WHY = '# ci-hardening: ignore[tiny-expression] why';

  it('writes behind the line, above the step, above the job, and on top of the file', () => {
    const text = steps('- name: x', `  run: ${EXPR} # note`);
    assert.equal(suppress(text, 'line'), steps('- name: x', `  run: ${EXPR} # note ${WHY}`));
    assert.equal(suppress(text, 'step'), steps(WHY, '- name: x', `  run: ${EXPR} # note`));
    assert.equal(suppress(text, 'job'), text.replace('  a:', `  ${WHY}\n  a:`));
    assert.equal(suppress(text, 'file'), `# ci-hardening: ignore-file[tiny-expression] why\n${text}`);
  });

  it('adds to what is there', () => {
    assert.equal(suppress(steps(`- run: ${EXPR} # ci-hardening: ignore[a-practice] old`), 'line', everyExpression, ''),
      steps(`- run: ${EXPR} # ci-hardening: ignore[a-practice, tiny-expression] old`));
    assert.equal(suppress(steps('# ci-hardening: ignore[a-practice] old', `- run: ${EXPR}`), 'step'), steps('# ci-hardening: ignore[a-practice, tiny-expression] old', `- run: ${EXPR}`));
    assert.equal(suppress(`# ci-hardening: ignore-file[a-practice]\n${steps(`- run: ${EXPR}`)}`, 'file'), `# ci-hardening: ignore-file[a-practice, tiny-expression]\n${steps(`- run: ${EXPR}`)}`);
  });

  it('never writes into a script or a text over several lines', () => {
    assert.equal(suppress(steps('- name: x', '  run: |', `    echo ${EXPR}`, '    b'), 'line'), steps('- name: x', `  ${WHY}`, '  run: |', `    echo ${EXPR}`, '    b'));
    assert.equal(suppress(steps('- name: x', `  run: "a ${EXPR}`, '    b"'), 'line'), steps('- name: x', `  ${WHY}`, `  run: "a ${EXPR}`, '    b"'));
    assert.equal(suppress(steps('- name: x', '  run: a', `    ${EXPR}`, '    b'), 'line'), steps('- name: x', `  ${WHY}`, '  run: a', `    ${EXPR}`, '    b'));
  });

  it('keeps line endings and a byte order mark', () => {
    const text = `\uFEFF${steps(`- run: ${EXPR}`).replaceAll('\n', '\r\n')}`;
    assert.equal(suppress(text, 'file'), `\uFEFF# ci-hardening: ignore-file[tiny-expression] why\r\n${text.slice(1)}`);
    assert.equal(suppress(text, 'step'), text.replace('      - run', `      ${WHY}\r\n      - run`));
  });

  it('has no answer where the scope does not apply', () => {
    const text = `on: push\nrun-name: ${EXPR}\njobs:\n  a:\n    needs: a\n`;
    assert.equal(suppress(text, 'step'), undefined);
    assert.equal(suppress(text, 'job'), undefined);
    assert.equal(suppress(text, 'line'), text.replace(EXPR, `${EXPR} ${WHY}`));
    assert.equal(suppress(text, 'step', neededJob), undefined);
  });

  it('takes line breaks out of a reason', () => {
    assert.equal(suppress(steps(`- run: ${EXPR}`), 'line', everyExpression, 'a\nb: c'), steps(`- run: ${EXPR} # ci-hardening: ignore[tiny-expression] a b: c`));
  });
});
