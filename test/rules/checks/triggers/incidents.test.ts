/** The attacks that these rules are for, as they happened: named at the right line, quiet where the job is guarded, and gone after the fix. */
import assert from 'node:assert/strict';
import { applyFixes } from '../../../../rules/engine/fix';
import { RULES } from '../../../../rules/checks';
import { check, envOf } from '../../../support/check';

const PATH = '.github/workflows/incident.yml';
const KASE = { path: PATH, files: new Map([['.github/workflows/build.yml', 'name: Build\non: pull_request\npermissions: {}\njobs: {}\n']]) };
const TRIGGERS = new Set(RULES.filter(r => r.category === 'triggers').map(r => r.id));

/** What is shown of the triggers' rules: `rule:line`, absorbed findings left out. */
function found(text: string): string[] {
  const { document, findings } = check(KASE, text);
  return findings.filter(f => TRIGGERS.has(f.ruleId) && !f.suppressed && !f.absorbedBy).map(f => `${f.ruleId}:${document.positionAt(f.range.start).line + 1}`);
}

function fixed(text: string, rules: Iterable<string> = TRIGGERS): string {
  let is = text;
  // A fix may bring to light what the finding before it stood for.
  for (let i = 0; i < 4; i++) {
    const next = [...rules].reduce((t, rule) => applyFixes(PATH, t, { safety: 'unsafe', rule, env: envOf(KASE, t) }).text, is);
    if (next === is) break;
    is = next;
  }
  return is;
}

const PWN_REQUEST = `on:
  pull_request_target:
permissions:
  contents: write
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with:
          ref: \${{ github.event.pull_request.head.sha }}
      - run: npm install
      - run: npm run deploy-preview
        env:
          TOKEN: \${{ secrets.PREVIEW }}
`;

const ARTIFACT = `on:
  workflow_run:
    workflows: [Build]
    types: [completed]
permissions:
  contents: write
jobs:
  comment:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - uses: actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0
        with:
          run-id: \${{ github.event.workflow_run.id }}
          github-token: \${{ github.token }}
      - run: npm ci && npm run comment
`;

const COMMENT = `on: issue_comment
permissions:
  contents: write
jobs:
  deploy:
    if: github.event.issue.pull_request && github.event.comment.body == '/deploy'
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - run: npx wrangler deploy
        env:
          CLOUDFLARE_API_TOKEN: \${{ secrets.CLOUDFLARE }}
`;

const LABEL = `on:
  pull_request_target:
    types: [labeled, synchronize]
permissions: {}
jobs:
  test:
    if: contains(github.event.pull_request.labels.*.name, 'safe to test')
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          ref: \${{ github.event.pull_request.head.sha }}
          persist-credentials: false
          allow-unsafe-pr-checkout: true
      - run: make test
        env:
          KEY: \${{ secrets.KEY }}
`;

const DEPUTY = `on: pull_request_target
permissions:
  contents: write
  pull-requests: write
jobs:
  merge:
    if: github.actor == 'dependabot[bot]'
    runs-on: ubuntu-24.04
    steps:
      - run: gh pr review --approve "$PR" && gh pr merge --auto --squash "$PR"
        env:
          PR: \${{ github.event.pull_request.html_url }}
          GH_TOKEN: \${{ github.token }}
`;

describe('incidents', () => {
  it('names a pull request that is built with the secrets once, and is quiet about the base', () => {
    assert.deepEqual(found(PWN_REQUEST), ['pr-target-untrusted-checkout:11']);
    const { findings } = check(KASE, PWN_REQUEST);
    for (const weaker of ['checkout-guard-missing', 'checkout-persist-credentials']) {
      assert.deepEqual(findings.filter(f => f.ruleId === weaker).map(f => f.absorbedBy), ['pr-target-untrusted-checkout'], weaker);
    }
    assert.deepEqual(found(fixed(PWN_REQUEST)), []);
    assert.deepEqual(found(PWN_REQUEST.replace('    runs-on', '    if: github.event.pull_request.head.repo.full_name == github.repository\n    runs-on')), []);
  });

  it('names an artifact that replaces what is run, and is quiet once it lies elsewhere', () => {
    assert.deepEqual(found(ARTIFACT), ['workflow-run-untrusted-artifact:12']);
    assert.deepEqual(found(fixed(ARTIFACT)), []);
    assert.deepEqual(found(ARTIFACT.replace('    runs-on', '    if: github.event.workflow_run.event == \'push\'\n    runs-on')), []);
  });

  it('names a command that anybody gives, and is quiet once members give it', () => {
    assert.deepEqual(found(COMMENT), ['comment-command-unauthorized:6']);
    assert.deepEqual(found(fixed(COMMENT)), []);
    assert.deepEqual(found(COMMENT.replace('/deploy\'', '/deploy\' && github.event.comment.author_association == \'MEMBER\'')), []);
    assert.deepEqual(found(COMMENT.replace('/deploy\'', '/deploy\' && github.event.issue.author_association == \'MEMBER\'')), ['comment-command-unauthorized:6']);
  });

  it('names a label that counts for later commits, and has it count for its own', () => {
    assert.deepEqual(found(LABEL), ['label-gate-toctou:7']);
    // The fixes of what it stands for take the pull request's code away altogether.
    const after = fixed(LABEL, ['label-gate-toctou']);
    assert.match(after, /github\.event\.action == 'labeled'/);
    assert.ok(!found(after).some(f => f.startsWith('label-gate-toctou')), found(after).join());
    assert.ok(!found(LABEL.replace(', synchronize', '')).some(f => f.startsWith('label-gate-toctou')));
  });

  it('names a merge for whoever makes the bot act, and asks who opened the pull request', () => {
    assert.deepEqual(found(DEPUTY), ['automerge-confused-deputy:10']);
    assert.deepEqual(found(fixed(DEPUTY)), []);
    assert.deepEqual(found(DEPUTY.replace('    steps:\n', '    steps:\n      - uses: dependabot/fetch-metadata@08eff52bf64351f401fb50d4972fa95b9f2c2d1b # v2.4.0\n')), []);
  });
});
