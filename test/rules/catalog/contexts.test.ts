import assert from 'node:assert/strict';
import { payloadKind, severityOfEvents, taintOf } from '../../../rules/catalog/contexts';
import { parseExpression } from '../../../rules/workflow/expressions';

const taint = (source: string, events?: string[]): string[] => taintOf(parseExpression(source).root, events).map(t => `${t.kind} ${t.path}`);

describe('taintOf', () => {
  it('names what outsiders write', () => {
    assert.deepEqual(taint('github.event.issue.title'), ['text github.event.issue.title']);
    assert.deepEqual(taint('GitHub.Event[\'Comment\'].BODY'), ['text github.event.comment.body']);
    assert.deepEqual(taint('github.head_ref'), ['ref github.head_ref']);
    assert.deepEqual(taint('github.event.head_commit.author.email'), ['email github.event.head_commit.author.email']);
    assert.deepEqual(taint('github.event.commits[0].message'), ['text github.event.commits.*.message']);
    assert.deepEqual(taint('github.event.*.body'), ['text github.event.*.body']);
  });

  it('leaves alone what can\'t carry code', () => {
    for (const source of ['github.actor', 'github.sha', 'github.event.pull_request.number', 'github.event.pull_request.head.sha', 'github.run_id', 'github.ref_type', 'github.event_name',
      'github.event.pull_request.head.repo.full_name', 'github.event.pull_request.merged', 'github.event', 'github.event.issue', 'github.repository', 'env.TITLE', 'steps.a.outputs.b',
      'inputs.title', '\'github.head_ref\'', 'github.event.pull_request.base.ref']) assert.deepEqual(taint(source), [], source);
  });

  it('follows what passes text on', () => {
    assert.deepEqual(taint('github.head_ref || github.ref_name'), ['ref github.head_ref']);
    assert.deepEqual(taint('github.event_name == \'issues\' && github.event.issue.body || \'\''), ['text github.event.issue.body']);
    assert.deepEqual(taint('format(\'{0}/{1}\', github.ref, github.head_ref)'), ['ref github.head_ref']);
    assert.deepEqual(taint('join(github.event.commits.*.message, \' \')'), ['text github.event.commits.*.message']);
    assert.deepEqual(taint('case(github.head_ref == \'x\', github.sha, github.event.issue.title)'), ['text github.event.issue.title']);
    assert.deepEqual(taint('toJSON(github.event.issue)'), ['serialised github.event.issue']);
    assert.deepEqual(taint('toJSON(github)'), ['serialised github']);
    assert.deepEqual(taint('toJSON(github.event.issue.title)'), ['text github.event.issue.title']);
    assert.deepEqual(taint('fromJSON(toJSON(github.event)).issue.title'), ['serialised github.event']);
    assert.deepEqual(taint('github.head_ref || github.head_ref'), ['ref github.head_ref']);
  });

  it('ends at truth values, numbers and hashes', () => {
    for (const source of ['contains(github.event.issue.title, \'x\')', 'startsWith(github.head_ref, \'x\')', 'github.head_ref == \'main\'', '!github.head_ref', 'github.head_ref && \'yes\' || \'no\'',
      'hashFiles(github.head_ref)', 'endsWith(toJSON(github), \'x\')', 'case(github.head_ref == \'x\', 1, 2)', 'toJSON(github.sha)', 'toJSON(github.event.inputs)']) {
      assert.deepEqual(taint(source), [], source);
    }
  });

  it('looks at what the events carry', () => {
    assert.deepEqual(taint('github.event.pull_request.title', ['push']), []);
    assert.deepEqual(taint('github.head_ref', ['push', 'pull_request']), ['ref github.head_ref']);
    assert.deepEqual(taint('github.head_ref', ['workflow_call']), ['ref github.head_ref']);
    assert.deepEqual(taint('toJSON(github.event)', ['schedule']), []);
    const [found] = taintOf(parseExpression('toJSON(github.event)').root, ['push', 'issues', 'schedule']);
    assert.deepEqual([found!.events, found!.who], [['push', 'issues'], 'anyone who sets off the event']);
  });

  it('says where it stands and who writes it', () => {
    const [found] = taintOf(parseExpression(' \'\' || github.head_ref', 10).root, ['pull_request']);
    assert.deepEqual([found!.start, found!.end, found!.who, found!.events], [17, 32, 'anyone who opens a pull request', ['pull_request']]);
  });
});

describe('the table of payloads', () => {
  const kinds: Readonly<Record<string, readonly string[]>> = {
    'text github': ['pull_request_target event.pull_request.body', 'pull_request event.pull_request.head.repo.description', 'discussion_comment event.comment.body',
      'pull_request_review_comment event.comment.diff_hunk', 'fork event.forkee.description', 'status event.commit.commit.message', 'gollum event.pages.*.page_name',
      'workflow_run event.workflow_run.display_title', 'merge_group event.merge_group.head_commit.message', 'issues event.changes.title.from', 'push event.head_commit.author.name'],
    'ref github': ['pull_request event.pull_request.head.label', 'workflow_run event.workflow_run.pull_requests.*.head.ref', 'merge_group event.merge_group.head_ref',
      'pull_request_review head_ref', 'fork event.forkee.default_branch'],
    'path github': ['push event.commits.*.added', 'pull_request_review_comment event.comment.path', 'workflow_run event.workflow.path'],
    'email github': ['push event.commits.*.committer.email', 'workflow_run event.workflow_run.head_commit.author.email'],
  };

  it('says on which event an outsider writes what', () => {
    for (const [kind, lines] of Object.entries(kinds)) {
      for (const line of lines) {
        const [event, path] = line.split(' ') as [string, string];
        const source = path === 'event.commits.*.added' ? `github.${path}.*` : `github.${path}`;
        assert.deepEqual(taint(source, [event]), [`${kind}.${source.slice('github.'.length)}`], line);
        assert.deepEqual(taint(source, ['schedule', 'workflow_dispatch']), [], line);
      }
    }
  });

  it('leaves out what the reviewed table takes away', () => {
    for (const source of ['github.event.pull_request.merge_commit_sha', 'github.event.label.name', 'github.event.issue.labels.*.name', 'github.event.issue.milestone.title', 'github.event.release.body',
      'github.event.repository.description', 'github.event.workflow_run.head_sha', 'github.event.workflow_run.id', 'github.event.issue.user.login', 'github.event.comment.author_association',
      'github.event.pull_request.html_url', 'github.event.ref_type', 'github.event.pull_request.base.ref', 'github.event.no.such.path']) assert.deepEqual(taint(source), [], source);
  });

  it('tells text from names and from what is fixed', () => {
    assert.equal(payloadKind('label', ['label', 'name']), 'text');
    assert.equal(payloadKind('issues', ['issue', 'labels', '*', 'name']), 'text');
    assert.equal(payloadKind('issues', ['issue', 'user', 'login']), 'structured');
    assert.equal(payloadKind('pull_request', ['pull_request', 'number']), 'fixed');
    assert.equal(payloadKind('pull_request', ['pull_request', 'merge_commit_sha']), 'fixed');
    assert.equal(payloadKind('schedule', ['schedule']), 'fixed');
  });
});

describe('severityOfEvents', () => {
  it('moves with the privilege of the trigger', () => {
    assert.equal(severityOfEvents(['push', 'issue_comment'])?.by, 1);
    assert.equal(severityOfEvents(['push', 'schedule'])?.by, -1);
    assert.equal(severityOfEvents(['push', 'pull_request']), undefined);
    assert.equal(severityOfEvents([]), undefined);
  });
});
