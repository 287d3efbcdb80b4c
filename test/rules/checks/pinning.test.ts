import assert from 'node:assert/strict';
import { analyze, applyEdits, DEFAULT_CONFIG, fixEdits, parseSource, type Finding, type ResolvedRef } from '../../../rules';

const SHA = '0123456789abcdef0123456789abcdef01234567';
const workflow = (uses: string): string => `on: push\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: ${uses}\n`;

function pinned(uses: string, resolved: ResolvedRef | undefined): { readonly finding: Finding; readonly line: string | undefined } {
  const document = parseSource('.github/workflows/ci.yml', workflow(uses));
  const env = { config: DEFAULT_CONFIG, today: '2026-11-21' };
  const analysis = analyze(document, env);
  const finding = analysis.findings.find(f => f.ruleId === 'unpinned-action');
  assert.ok(finding);
  const [fix] = finding.fixes;
  assert.ok(fix);
  const edits = fixEdits(analysis, finding, fix, { document, config: DEFAULT_CONFIG }, resolved);
  return { finding, line: edits && applyEdits(document.text, edits).split('\n')[6] };
}

describe('pinning what the catalogue does not know', () => {
  it('asks for the ref and writes the answer', () => {
    const { finding, line } = pinned('octo-org/deploy@v2', { sha: SHA, version: 'v2.3.4' });
    assert.deepEqual(finding.fixes[0]?.needs, { kind: 'resolve-ref', owner: 'octo-org', repo: 'deploy', ref: 'v2' });
    assert.equal(line, `      - uses: octo-org/deploy@${SHA} # v2.3.4`);
  });

  it('names the branch where there is no version, and leaves a comment that is there', () => {
    assert.equal(pinned('octo-org/deploy@main', { sha: SHA }).line, `      - uses: octo-org/deploy@${SHA} # main`);
    assert.equal(pinned('octo-org/deploy@main # always the newest', { sha: SHA }).line, `      - uses: octo-org/deploy@${SHA} # always the newest`);
  });

  it('changes nothing without an answer', () => {
    assert.equal(pinned('octo-org/deploy@v2', undefined).line, undefined);
    assert.equal(pinned('octo-org/deploy@v2', { sha: 'HEAD', version: 'v2' }).line, undefined);
  });

  it('refuses an answer that is known to be bad', () => {
    assert.equal(pinned('reviewdog/action-setup@v9', { sha: 'f0d342d24037bb11d26b9bd8496e0808ba32e9ec' }).line, undefined);
    assert.equal(pinned('embano1/wip@v1.2', { sha: SHA, version: 'v1.2.0' }).line, undefined);
    assert.notEqual(pinned('embano1/wip@v2', { sha: SHA, version: 'v2.0.0' }).line, undefined);
  });

  it('does not touch a ref that is written with escapes', () => {
    const { finding, line } = pinned('"octo-org/deploy@\\x76\\x32"', { sha: SHA, version: 'v2.0.0' });
    assert.equal(finding.messageId, 'tag');
    assert.equal(line, undefined);
  });
});
