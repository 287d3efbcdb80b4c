import assert from 'node:assert/strict';
import { passage } from '../../../../rules/checks/shared/guards';
import { parseSource } from '../../../../rules/workflow/parse';

function outsider(condition: string, event = 'pull_request_target'): string {
  const text = `on: ${event}\njobs:\n  a:\n    if: ${JSON.stringify(condition)}\n    runs-on: x\n    steps: []\n`;
  return passage(parseSource('.github/workflows/a.yml', text).workflow!.jobs[0]!.if, event).outsider;
}

const MEMBERS = 'fromJSON(\'["OWNER", "MEMBER"]\')';

describe('guards', () => {
  const cases: Record<'no' | 'weak' | 'yes', string[]> = {
    no: [
      'github.event.pull_request.head.repo.full_name == github.repository', '${{ github.repository == github.event.pull_request.head.repo.full_name }}',
      '!github.event.pull_request.head.repo.fork', 'github.event.pull_request.head.repo.fork == false', '!(github.event.pull_request.head.repo.fork)',
      '!(github.event.pull_request.head.repo.full_name != github.repository) && success()', 'github.event.pull_request.head.repo.owner.login == \'me\'',
      `contains(${MEMBERS}, github.event.pull_request.author_association)`, 'github.event.comment.author_association == \'OWNER\' || github.event.comment.author_association == \'MEMBER\'',
      'github.event.pull_request.user.login == \'dependabot[bot]\'', 'contains(fromJSON(\'["ann","bob"]\'), github.actor)', 'github.event.pull_request.merged', 'github.event.pull_request.merged == true && always()',
      'github.event_name == \'push\'', 'contains(fromJSON(\'["push","schedule"]\'), github.event_name)', 'github.event_name != \'pull_request_target\'', 'false',
      'github.event.pull_request.merged && contains(github.event.pull_request.labels.*.name, \'x\')', 'github.event.workflow_run.event == \'push\'', 'github.event.workflow_run.event != \'pull_request\'',
      'needs.check.outputs.allowed', 'needs.check.outputs.is-member == \'true\'', 'steps.perm.outputs.user-permission == \'admin\' || steps.perm.outputs.user-permission == \'write\'',
      'needs.check.outputs.authorized != \'false\'', 'contains(fromJSON(\'["admin","write"]\'), steps.p.outputs.permission)', 'github.actor == github.repository_owner',
      'github.repository_owner == github.event.comment.user.login', 'github.event.pull_request.user.login == \'dependabot[bot]\' && github.actor == \'dependabot[bot]\'',
    ],
    weak: [
      'startsWith(github.actor, \'dependabot\') || endsWith(github.triggering_actor, \'[bot]\')', 'contains(github.actor, \'[bot]\')', 'github.actor_id == 49699333',
      'contains(fromJSON(\'["dependabot[bot]","renovate[bot]"]\'), github.actor)', 'github.event.workflow_run.actor.login == \'dependabot[bot]\'', 'github.event.sender.login == \'renovate[bot]\'',
      'contains(github.event.pull_request.labels.*.name, \'safe\')', 'github.event.label.name == \'safe\'', 'github.actor == \'dependabot[bot]\'', 'github.event.action == \'labeled\'',
      'github.event.pull_request.head.repo.full_name == github.repository || contains(github.event.pull_request.labels.*.name, \'safe\')',
    ],
    yes: [
      'needs.check.outputs.allowed == \'false\'', 'needs.check.outputs.permission == \'read\'', 'steps.changes.outputs.src == \'true\'', 'startsWith(github.actor, \'a\') == false',
      '', 'always()', 'github.event.pull_request.draft == false', 'github.event.pull_request.head.repo.full_name != github.repository', 'github.event.pull_request.head.repo.fork',
      'github.event.pull_request.head.repo.full_name == github.repository || needs.check.outputs.ok', 'contains(github.event.comment.body, \'/test\')', 'github.ref == \'refs/heads/main\'',
      'github.actor != \'dependabot[bot]\'', 'contains(fromJSON(\'["OWNER","CONTRIBUTOR"]\'), github.event.pull_request.author_association)', 'github.event.pull_request.author_association != \'NONE\'',
      // Text around the braces: true whatever it says.
      '${{ github.event.pull_request.head.repo.full_name == github.repository }} && true', '!${{ github.event.pull_request.head.repo.fork }}', 'github.event.workflow_run.head_branch == \'main\'',
      'github.event.pull_request.head.repo.full_name ==', 'github.event_name == \'pull_request_target\'', 'github.event.pull_request.head.repo.full_name == github.head_ref',
    ],
  };
  for (const [expected, conditions] of Object.entries(cases)) {
    for (const condition of conditions) it(`${condition || 'nothing'}: ${expected}`, () => assert.equal(outsider(condition), expected));
  }

  it('tells who comments from who opened the issue', () => {
    const guards = (condition: string, event: string): readonly string[] => {
      const text = `on: ${event}\njobs:\n  a:\n    if: ${JSON.stringify(condition)}\n    runs-on: x\n    steps: []\n`;
      return passage(parseSource('.github/workflows/a.yml', text).workflow!.jobs[0]!.if, event).guards;
    };
    assert.deepEqual(guards('github.event.issue.author_association == \'OWNER\'', 'issue_comment'), ['opener']);
    assert.deepEqual(guards('github.event.issue.user.login == \'me\'', 'issue_comment'), ['opener']);
    assert.deepEqual(guards('github.event.issue.author_association == \'OWNER\'', 'issues'), ['association']);
    assert.deepEqual(guards('github.event.comment.author_association == \'OWNER\'', 'issue_comment'), ['association']);
    assert.deepEqual(guards('github.event.issue.user.login == \'me\' && github.event.comment.author_association == \'OWNER\'', 'issue_comment'), ['association']);
  });
});
