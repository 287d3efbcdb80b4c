/**
 * Runs every rule over its fixtures: exact ranges both ways, and for each fix that the result is what the golden file says and does
 * no harm. `UPDATE_GOLDEN=1` writes golden files.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { RULES } from '../../rules/checks';
import { applyFixes } from '../../rules/engine/fix';
import { applyEdits, type SourceDocument } from '../../rules/workflow/document';
import { check, envOf, shown, type Checked } from '../support/check';
import { githubAccepts } from '../support/oracles';
import { fixtureRules, fixturesOf, type Fixture } from '../support/fixtures';

const LOOKED_UP = {
  'resolve-ref': { sha: '0123456789abcdef0123456789abcdef01234567', version: 'v9.8.7' },
  'resolve-image': { digest: `sha256:${'0123456789abcdef'.repeat(4)}` },
};
const update = process.env['UPDATE_GOLDEN'] === '1';

/** `ci.yml:3:7-3:12 high "ref"`: what a person needs to mend a marker. */
function describeRange(document: SourceDocument, start: number, end: number): string {
  const a = document.positionAt(start), b = document.positionAt(end);
  return `${a.line + 1}:${a.character + 1}-${b.line + 1}:${b.character + 1} ${JSON.stringify(document.text.slice(start, end))}`;
}

/** Lines as in the text without markers. */
function compare(fixture: Fixture, checked: Checked): void {
  const { document } = checked;
  const found = shown(checked, fixture.ruleId);
  const open = [...fixture.wants].filter(w => w.ruleId === fixture.ruleId);
  const complaints: string[] = [];
  for (const f of found) {
    const i = open.findIndex(w => w.start === f.range.start && w.end === f.range.end
      && (!w.severity || w.severity === f.severity) && (!w.messageId || w.messageId === f.messageId));
    if (i >= 0) open.splice(i, 1);
    else complaints.push(`not wanted: ${describeRange(document, f.range.start, f.range.end)} ${f.severity} ${f.messageId}: ${f.message}`);
  }
  for (const w of open) {
    complaints.push(`not found: ${describeRange(document, w.start, w.end)} ${w.severity ?? ''} ${w.messageId ?? ''} (marker at line ${w.line})`);
  }
  assert.deepEqual(complaints, []);
}

/** Findings by rule, so that two versions can be compared although everything has moved. */
function census({ findings }: Checked): Map<string, number> {
  const counts = new Map<string, number>();
  for (const f of findings) if (!f.suppressed) counts.set(f.ruleId, (counts.get(f.ruleId) ?? 0) + 1);
  return counts;
}

function commentsOf(document: SourceDocument): string[] {
  return document.comments.map(c => c.text).filter(t => t !== '');
}

async function checkFix(fixture: Fixture, before: Checked): Promise<void> {
  const options = (text: string) => ({ safety: 'unsafe' as const, rule: fixture.ruleId, env: envOf(fixture, text) });
  const result = applyFixes(fixture.path, fixture.text, options(fixture.text));
  assert.deepEqual(result.refused, [], 'a fix was refused');
  if (result.applied.length === 0) {
    assert.ok(!existsSync(fixture.golden), 'there is a golden file, but no fix was applied');
    return;
  }
  if (update) writeFileSync(fixture.golden, result.text);
  assert.ok(existsSync(fixture.golden), `no ${fixture.name}.golden.yml: run with UPDATE_GOLDEN=1 and read what it writes`);
  assert.equal(result.text, readFileSync(fixture.golden, 'utf8'), 'not what the golden file says');

  const after = check(fixture, result.text);
  assert.deepEqual(after.document.problems.map(p => p.message), before.document.problems.map(p => p.message), 'the result parses worse');
  const fixable = (c: Checked) => shown(c, fixture.ruleId).filter(f => f.fixes[0] && !f.fixes[0].needs);
  assert.deepEqual(fixable(after).map(f => f.message), [], 'a fixable finding is still there');
  const [was, is] = [census(before), census(after)];
  for (const [rule, count] of is) assert.ok(count <= (was.get(rule) ?? 0), `the fix brought a new ${rule}`);
  // A rule may remove comments where that is what it is for; every other comment stays.
  const category = RULES.find(r => r.id === fixture.ruleId)?.category;
  if (category !== 'governance') {
    const kept = commentsOf(after.document);
    for (const c of commentsOf(before.document)) {
      // A version behind a ref goes with the ref; what is written behind it stays.
      const said = category === 'supply-chain' ? c.replace(/^[vV]?\d+(?:\.\d+)*,?\s*/, '') : c;
      assert.ok(said === '' || kept.some(k => k.includes(said)), `the comment "${c}" is lost`);
    }
  }
  const again = applyFixes(fixture.path, result.text, options(result.text));
  assert.equal(again.text, result.text, 'applying again changes something');
  if ((await githubAccepts(fixture.path, fixture.text)).length === 0) {
    assert.deepEqual(await githubAccepts(fixture.path, result.text), [], 'GitHub\'s parser accepted the file before');
  }
}

/** Each fix alone, also those that are offered second or need a look-up: it parses, and one finding is gone. */
async function checkEachFix(fixture: Fixture, before: Checked): Promise<void> {
  const accepted = (await githubAccepts(fixture.path, fixture.text)).length === 0;
  for (const finding of shown(before, fixture.ruleId)) {
    for (const fix of finding.fixes) {
      const { config, repository } = envOf(fixture, fixture.text);
      const edits = fix.edits({ document: before.document, repository, config }, fix.needs && LOOKED_UP[fix.needs.kind]);
      const what = `"${fix.title}" on "${finding.message}"`;
      assert.ok(edits, `${what} can't be made`);
      const after = check(fixture, applyEdits(fixture.text, edits));
      assert.deepEqual(after.document.problems.map(p => p.message), before.document.problems.map(p => p.message), `${what}: parses worse`);
      const left = shown(after, fixture.ruleId).length;
      assert.ok(left < shown(before, fixture.ruleId).length, `${what}: the finding is still there`);
      if (accepted) assert.deepEqual(await githubAccepts(fixture.path, after.document.text), [], `${what}: GitHub's parser accepted the file before`);
      // What a made-up commit is known for says nothing about the fix.
      if (fix.needs) continue;
      const [was, is] = [census(before), census(after)];
      for (const [rule, count] of is) assert.ok(count <= (was.get(rule) ?? 0), `${what}: brought a new ${rule}`);
    }
  }
}

describe('rule fixtures', () => {
  for (const ruleId of fixtureRules()) {
    describe(ruleId, () => {
      it('is a rule', () => assert.ok(RULES.some(r => r.id === ruleId), `no rule is called ${ruleId}`));
      const texts = new Map<string, string>();
      for (const fixture of fixturesOf(ruleId)) {
        it(fixture.name, async () => {
          const twin = texts.get(fixture.path + fixture.text);
          assert.equal(twin, undefined, `the same case as ${twin}`);
          if (fixture.files.size === 0 && !fixture.config) texts.set(fixture.path + fixture.text, fixture.name);
          if (fixture.name.startsWith('valid')) assert.deepEqual(fixture.wants, [], 'a valid fixture has no markers');
          for (const w of fixture.wants) assert.equal(w.ruleId, ruleId, `line ${w.line}: markers here are about ${ruleId}`);
          const before = check(fixture, fixture.text);
          compare(fixture, before);
          await checkFix(fixture, before);
          await checkEachFix(fixture, before);
        });
      }
    });
  }
});
