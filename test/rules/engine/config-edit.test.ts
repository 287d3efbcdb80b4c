import assert from 'node:assert/strict';
import { applyEdits, ignoreEdit, parseConfig, severityEdit } from '../../../rules';

const set = (text: string | undefined, severity: 'off' | 'low' = 'off'): string => {
  const edits = severityEdit(text, 'unpinned-action', severity);
  assert.ok(edits, 'an edit is made');
  const after = applyEdits(text ?? '', edits);
  const { problems, config } = parseConfig(after);
  assert.deepEqual(problems, [], after);
  assert.equal(config.rules['unpinned-action']?.severity, severity, after);
  return after;
};

describe('edits of the configuration file', () => {
  it('make a file where there is none', () => {
    assert.equal(set(undefined), 'rules:\n  unpinned-action: off\n');
  });

  it('keep comments, order and line endings', () => {
    assert.equal(set('# ours\r\n'), '# ours\r\nrules:\r\n  unpinned-action: off\r\n');
    assert.equal(set('# ours'), '# ours\nrules:\n  unpinned-action: off\n');
    assert.equal(set('profile: strict # why not\r\nignore:\r\n  - rule: timeout-missing\r\n'),
      'profile: strict # why not\r\nrules:\r\n  unpinned-action: off\r\nignore:\r\n  - rule: timeout-missing\r\n');
  });

  it('add to rules, and replace what is said of one', () => {
    assert.equal(set('rules:\n    timeout-missing: off # slow\n'), 'rules:\n    timeout-missing: off # slow\n    unpinned-action: off\n');
    assert.equal(set('rules:\n  unpinned-action: high # for now\n', 'low'), 'rules:\n  unpinned-action: low # for now\n');
    assert.equal(set('rules: { unpinned-action: high }\n', 'low'), 'rules: { unpinned-action: low }\n');
    assert.equal(set('rules:\n'), 'rules:\n  unpinned-action: off\n');
  });

  it('keep the options of a rule', () => {
    const text = 'rules:\n  timeout-missing:\n    options: {}\n';
    const after = applyEdits(text, severityEdit(text, 'timeout-missing', 'low') ?? assert.fail('no edit'));
    assert.equal(after, 'rules:\n  timeout-missing:\n    severity: low\n    options: {}\n');
  });

  it('change nothing in what they can\'t read', () => {
    for (const text of ['rules: [\n', '- a\n', 'just words\n', 'rules: none\n', 'rules:\n  unpinned-action: low\n  unpinned-action: high\n']) {
      assert.equal(severityEdit(text, 'unpinned-action', 'off'), undefined, text);
    }
    assert.deepEqual(severityEdit('rules:\n  unpinned-action: off\n', 'unpinned-action', 'off'), []);
  });

  it('ignore what has no severity', () => {
    const add = (text: string | undefined): string => applyEdits(text ?? '', ignoreEdit(text, 'scan-secrets') ?? assert.fail('no edit'));
    assert.equal(add(undefined), 'ignore:\n  - rule: scan-secrets\n');
    assert.equal(add('ignore:\n  - rule: timeout-missing\n    reason: slow\n'), 'ignore:\n  - rule: timeout-missing\n    reason: slow\n  - rule: scan-secrets\n');
    assert.equal(ignoreEdit('ignore: all\n', 'scan-secrets'), undefined);
  });
});
