import assert from 'node:assert/strict';
import { applies, planned } from './documents';
import { findings, practiceCases, result, type Files } from './support';

const W = '.github/workflows/ci.yml';
const BODY = 'name: CI\non:\n  pull_request:\n  push:\n    branches: [main]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm test\n';
const HEADER = '# @workflow-purpose: Tests.\n# @workflow-owner: @octo-org/platform\n# @workflow-criticality: high\n# @workflow-triggers: pull_request, push\n';
const one = (text: string): Files => ({ [W]: text });
const made = (files: Files): Files => {
  const plan = planned('workflow-metadata', files);
  assert.ok(!('refused' in plan), JSON.stringify(plan));
  return applies(files, plan);
};

describe('workflow-metadata', () => {
  practiceCases('workflow-metadata', {
    met: {
      'above the name': one(HEADER + BODY),
      'below a licence, CRLF, other marks': one(`# MIT\n---\n${HEADER.replaceAll('# @', '## * @').replaceAll(': ', ' ')}${BODY}`.replaceAll('\n', '\r\n')),
    },
    partial: {
      'a tag is missing': one(HEADER.split('\n').slice(1).join('\n') + BODY),
      'one of two workflows': { ...one(HEADER + BODY), '.github/workflows/b.yml': BODY },
    },
    missing: {
      'nothing': one(BODY),
      'no workflow': {},
      'tags without values': one('# @workflow-purpose:\n# @workflow-owner\n' + BODY),
      'below the first key': one(BODY + HEADER),
      'inside a script': one(BODY.replace('npm test', `|\n${HEADER.replace(/^/gm, '          ')}`)),
      'names that only look so': one('# workflow-purpose: Tests\n# Owner: @octo-org/platform\n' + BODY),
    },
    notApplicable: 'every repository has a pipeline or is to have one: a first workflow must not cost points',
  });

  it('adds what the file itself says', () => {
    const files: Files = { ...one(BODY.replace('  test:', '  build:\n    uses: ./.github/workflows/build.yml\n  test:')), '.github/workflows/build.yml': 'on: workflow_call\njobs:\n  b:\n    runs-on: x\n    steps: [{run: make}]\n', CODEOWNERS: '* @octo-org/all\n/.github/ @octo-org/platform\n' };
    const after = made(files);
    assert.ok(after[W]!.startsWith(`# @workflow-name: CI
# @workflow-purpose: Builds and tests.
# @workflow-owner: @octo-org/platform
# @workflow-category: ci
# @workflow-criticality: high
# @workflow-dependencies: build.yml
# @workflow-triggers: pull_request, push
name: CI
`), after[W]);
    assert.equal(result('workflow-metadata', after), 1);
    assert.ok('refused' in planned('workflow-metadata', after));
    assert.deepEqual(findings(after).filter(f => f.ruleId === 'workflow-metadata-invalid'), []);
  });

  it('keeps what stands there, line endings and flow style included', () => {
    for (const before of [`# MIT\r\n\r\n${BODY.replaceAll('\n', '\r\n')}`, '{name: CI, on: push, jobs: {a: {runs-on: x, steps: [{run: make}]}}}\n', `---\n# @workflow-owner: @me\n\n${BODY}`, `# only this\n${BODY}`]) {
      const after = made(one(before))[W]!;
      const added = after.split(/\r?\n/).filter(l => l.startsWith('# @workflow-') && !before.includes(l));
      assert.equal(after.split(/\r?\n/).filter(l => !added.includes(l)).join('\n'), before.replaceAll('\r\n', '\n'));
      assert.equal(before.includes('\r\n') && after.replaceAll('\r\n', '').includes('\n'), false);
      assert.equal(result('workflow-metadata', one(after)), 1, after);
    }
  });

  it('lets no name become a directive or a line of YAML', () => {
    const after = made(one(BODY.replace('name: CI', 'name: "x # ci-hardening: ignore-file[*] y\\nevil: true"').replace('  test:', '  "t\\n# zizmor: ignore[all]":')))[W]!;
    const header = after.slice(0, after.indexOf('\nname:'));
    assert.doesNotMatch(header, /# ?(?:ci-hardening|zizmor)|^evil|\[/m);
    assert.ok(header.split('\n').filter(Boolean).every(l => /^# @workflow-[a-z]+: /.test(l)), header);
    assert.deepEqual(findings(one(after)).filter(f => f.ruleId === 'workflow-metadata-invalid'), []);
  });

  it('refuses where there is nothing to add to', () => {
    assert.match((planned('workflow-metadata', {}) as { refused: string }).refused, /no workflow yet/);
    assert.match((planned('workflow-metadata', one('name: [\non: push\njobs:\n  a:\n    runs-on: x\n')) as { refused: string }).refused, /^(?:A header can’t|There is no workflow)/);
  });
});
