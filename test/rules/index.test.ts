/** The door: what the server and the command line call, with the product's own rules behind it. */
import assert from 'node:assert/strict';
import {
  analyze, analyzeRepository, applyFixes, completeConfig, configSchema, DEFAULT_CONFIG, parseConfig, parseSource, PRACTICES, RULES, suppressionEdit,
  applyEdits,
} from '../../rules';
import { createRepository } from '../../rules/repository';

const PATH = '.github/workflows/ci.yml';
const TEXT = 'on: push\njobs:\n  build:\n    runs-on: ubuntu-latest # ci-hardening: ignore[no-such-rule] x\n    steps:\n      - run: make\n';

describe('the rules\' door', () => {
  it('runs the registry where no rules are given', () => {
    const { findings, errors, tallies } = analyze(parseSource(PATH, TEXT), { config: { ...DEFAULT_CONFIG, profile: 'strict' } });
    assert.deepEqual(errors, []);
    assert.ok(findings.some(f => f.ruleId === 'invalid-suppression'));
    assert.deepEqual([...tallies.keys()].sort(), RULES.filter(r => r.scope !== 'repository').map(r => r.id));
    const alone = analyze(parseSource(PATH, TEXT), { config: DEFAULT_CONFIG, rules: [] });
    assert.deepEqual(alone.findings, []);
  });

  it('lets comments and ignore entries name practices', () => {
    const [practice] = PRACTICES;
    assert.ok(practice);
    const text = TEXT.replace('no-such-rule', practice.id);
    const { findings } = analyze(parseSource(PATH, text), { config: DEFAULT_CONFIG });
    assert.deepEqual(findings.filter(f => f.ruleId === 'invalid-suppression'), []);
    assert.deepEqual(parseConfig(`ignore:\n  - rule: ${practice.id}\n`).problems, []);
  });

  it('runs repository rules over a checkout', () => {
    const repository = createRepository([PATH], () => TEXT);
    const { errors, tallies } = analyzeRepository(repository, { config: DEFAULT_CONFIG });
    assert.deepEqual(errors, []);
    for (const id of tallies.keys()) assert.equal(RULES.find(r => r.id === id)?.scope, 'repository');
  });

  it('fixes, suppresses, and knows its config file', () => {
    const unused = TEXT.replace('no-such-rule', 'secrets-inherit');
    const result = applyFixes(PATH, unused, { safety: 'safe', rule: 'unused-suppression', env: { config: DEFAULT_CONFIG } });
    assert.equal(result.text, TEXT.replace(/ # ci-hardening.*/, ''));
    const analysis = analyze(parseSource(PATH, TEXT), { config: DEFAULT_CONFIG });
    const finding = analysis.findings.find(f => f.ruleId === 'invalid-suppression')!;
    const edits = suppressionEdit(analysis.document, finding, 'file', 'known');
    assert.ok(applyEdits(TEXT, edits!).startsWith('# ci-hardening: ignore-file[invalid-suppression] known\n'));
    assert.ok(completeConfig('rules:\n  ', 9).some(c => c.label === 'unused-suppression'));
    assert.equal(Object.keys((configSchema() as { properties: { rules: { properties: object } } }).properties.rules.properties).length, RULES.length);
  });
});
