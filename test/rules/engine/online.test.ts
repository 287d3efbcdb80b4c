import assert from 'node:assert/strict';
import { analyze, applyFixes, DEFAULT_CONFIG, parseSource, pinKey, type OnlineFacts, type PinFacts } from '../../../rules';

const A = 'a'.repeat(40);
const text = (comment = ''): string => `on: push\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 5\n    steps:\n      - uses: o/r@${A}${comment}\n`;
const config = { ...DEFAULT_CONFIG, profile: 'strict' as const };
const facts = (of: PinFacts): OnlineFacts => new Map([[pinKey('O', 'R', A), of]]);
const ABOUT = /^(?:pin-impostor-commit|pin-too-fresh|ref-ambiguous)$/;

describe('rules that need to have asked the network', () => {
  const document = parseSource('.github/workflows/a.yml', text());
  const found = (online?: OnlineFacts, today = '2026-10-01', previous?: ReturnType<typeof analyze>): string[] =>
    analyze(document, { config, online, today }, previous).findings.map(f => f.ruleId).filter(id => ABOUT.test(id));

  it('are silent without, and count nothing', () => {
    const { findings, tallies } = analyze(document, { config });
    assert.deepEqual(findings.filter(f => ABOUT.test(f.ruleId)), []);
    for (const id of ['pin-impostor-commit', 'pin-too-fresh', 'ref-ambiguous']) assert.deepEqual(tallies.get(id), { instances: 0, violations: 0 });
  });

  it('speak when facts have come, and are silent again when they have gone', () => {
    const silent = analyze(document, { config });
    assert.deepEqual(found(facts({ exists: true, reachable: false }), undefined, silent), ['pin-impostor-commit']);
    const told = analyze(document, { config, online: facts({ exists: true, reachable: false }) }, silent);
    assert.deepEqual(found(facts({ exists: true, reachable: true }), undefined, told), []);
    assert.deepEqual(found(undefined, undefined, told), []);
  });

  it('look at the day anew', () => {
    const online = facts({ version: 'v1.0.0', published: '2026-09-28T00:00:00Z' });
    const early = analyze(document, { config, online, today: '2026-10-01' });
    assert.deepEqual(found(online, '2026-10-01'), ['pin-too-fresh']);
    assert.deepEqual(found(online, '2026-10-06', early), []);
  });

  it('leave comments about them alone, whether they were asked or not', () => {
    const silenced = parseSource('.github/workflows/a.yml', text(' # ci-hardening: ignore[pin-impostor-commit] ours'));
    const unused = (online?: OnlineFacts): number => analyze(silenced, { config, online }).findings.filter(f => f.ruleId === 'unused-suppression').length;
    assert.equal(unused(), 0);
    assert.equal(unused(facts({ exists: true, reachable: false })), 0);
    assert.equal(unused(facts({ exists: true, reachable: true })), 0);
  });

  it('keep what was asked while fixes are made', () => {
    const online = facts({ exists: true, reachable: false });
    const result = applyFixes('.github/workflows/a.yml', text(), { safety: 'unsafe', rule: 'pin-impostor-commit', env: { config, online } });
    assert.deepEqual([result.text, result.applied], [text(), []]);
  });
});
