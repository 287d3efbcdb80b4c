import assert from 'node:assert/strict';
import { RULES } from '../../../rules/checks';
import { PRACTICES } from '../../../rules/practices';
import { assess, complianceDocument, complianceMap } from '../../../rules/reports';
import { controlsFor, requirementId } from '../../../rules/reports/compliance';
import { STANDARDS } from '../../../rules/reports/compliance/requirements';
import { PRACTICE_CONTROLS, RULE_CONTROLS } from '../../../rules/scorecard';
import { repository, type Files } from '../practices/support';

const W = '.github/workflows/ci.yml';
const map = (files: Files) => {
  const repo = repository(files), a = assess(repo, { today: '2026-01-01' });
  return new Map(complianceMap(repo, a.card, a.findings).flatMap(s => s.requirements.map(r => [r.id, r] as const)));
};

describe('the map of standards', () => {
  const planned = [RULE_CONTROLS, PRACTICE_CONTROLS].flatMap(table => Object.values(table).flatMap(row => Object.values(row).flatMap(ids => ids.trim().split(/\s+/))));
  const known = new Set([...RULES.map(r => r.id), ...PRACTICES.map(p => p.id), ...planned]);

  it('has nine standards, each requirement once, named, and only controls that there are or are to be', () => {
    assert.equal(STANDARDS.length, 9);
    for (const s of STANDARDS) {
      assert.equal(new Set(s.requirements.map(r => r.id)).size, s.requirements.length, s.name);
      for (const r of s.requirements) {
        assert.match(r.name, /^[A-Z].{4,}[^.]$/, r.id);
        for (const c of r.controls) assert.ok(known.has(c), `${r.id}: ${c}`);
      }
    }
  });

  it('takes in what rules say of themselves', () => {
    assert.ok(controlsFor(STANDARDS[0]!.requirements[3]!).includes('script-injection-run'));
    assert.deepEqual(['SEC-4', 'CIS 2.3.6', 'SLSA Dep L1', 'SLSA Build L3', 'OSPS-AC-04.02'].map(requirementId), ['CICD-SEC-4', '2.3.6', 'Dependency L1', 'Build L3', 'OSPS-AC-04.02']);
    const ids = new Set(STANDARDS.flatMap(s => s.requirements.map(r => r.id)));
    const lost = [...new Set(RULES.flatMap(r => (r.docs.standards ?? []) as readonly string[]))].filter(s => /^(?:SEC-|CIS |OSPS-|SLSA )/.test(s) && !ids.has(requirementId(s)));
    assert.deepEqual(lost, []);
  });

  it('tells evidence, gaps, what settings say, and what is not covered', () => {
    const m = map({ [W]: 'on: issue_comment\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    timeout-minutes: 5\n    steps:\n      - run: echo "${{ github.event.comment.body }}"\n', CODEOWNERS: '* @a\n' });
    const injection = m.get('CICD-SEC-4')!;
    assert.equal(injection.standing, 'gap');
    assert.deepEqual(injection.controls.find(c => c.id === 'script-injection-run'), { id: 'script-injection-run', standing: 'gap', text: 'the one place does not comply', places: [{ path: W, line: 8 }] });
    assert.equal(m.get('1.1.6')!.standing, 'evidence');
    assert.deepEqual(m.get('1.1.6')!.controls[0]!.places, [{ path: 'CODEOWNERS', line: 1 }]);
    assert.equal(m.get('1.1.9')!.standing, 'unknown');
    assert.equal(m.get('OSPS-AC-01.01')!.standing, 'not covered');
    assert.equal(m.get('1.5.4')!.standing, 'not applicable');
    assert.equal(m.get('A.8.13')!.standing, PRACTICES.some(p => p.id === 'pre-deploy-backup') ? 'not applicable' : 'not covered');
  });

  it('claims nothing for an empty repository but what was looked for', () => {
    for (const r of map({}).values()) assert.ok(r.standing !== 'evidence' || r.controls.every(c => c.text !== ''), r.id);
    assert.equal([...map({}).values()].some(r => r.standing === 'evidence'), false);
  });

  it('has rows of four cells, whatever names say', () => {
    const repo = repository({ '.github/workflows/a|b.yml': 'name: "|<b>|"\non: issue_comment\njobs:\n  "a":\n    runs-on: x\n    steps:\n      - name: "| <img src=x> `"\n        run: echo "${{ github.event.comment.body }}"\n' });
    const a = assess(repo, { today: '2026-01-01' });
    const text = complianceDocument(repo, a.card, a.findings);
    for (const line of text.split('\n').filter(l => l.startsWith('| `'))) assert.equal(line.split('|').length, 6, line);
    assert.doesNotMatch(text, /<img|<b>/);
  });
});
