/** The day decides, not the clock of whoever runs the test; and a kept result does not outlive its day. */
import assert from 'node:assert/strict';
import { analyze } from '../../../../rules/engine/analyze';
import { DEFAULT_CONFIG } from '../../../../rules/engine/rule';
import { parseSource } from '../../../../rules/workflow/parse';
import rule from '../../../../rules/checks/runners/runner-image-retired';

const document = parseSource('.github/workflows/ci.yml', 'on: push\njobs:\n  a:\n    runs-on: ubuntu-22.04\n    steps:\n      - run: make\n');
const rules = [rule];
const on = (today: string): { rules: typeof rules; config: typeof DEFAULT_CONFIG; today: string } => ({ rules, config: DEFAULT_CONFIG, today });
const stages = (today: string): string[] => analyze(document, on(today)).findings.map(f => `${f.messageId} ${f.severity}`);

describe('runner-image-retired', () => {
  it('says nothing before the end is announced', () => assert.deepEqual(stages('2026-09-16'), []));
  it('says that it ends from the day of the announcement', () => assert.deepEqual(stages('2026-09-17'), ['announced low']));
  it('says so up to the day before', () => assert.deepEqual(stages('2027-04-16'), ['announced low']));
  it('says that it is gone from its day on', () => assert.deepEqual(stages('2027-04-17'), ['retired medium']));

  it('looks again when the day has come', () => {
    const before = analyze(document, on('2027-04-16'));
    const after = analyze(document, on('2027-04-17'), before);
    assert.deepEqual(after.findings.map(f => f.messageId), ['retired']);
  });
});
