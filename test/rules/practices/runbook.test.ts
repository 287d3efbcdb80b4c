import assert from 'node:assert/strict';
import { createRepository } from '../../../rules/repository';
import { practice, practiceCases, repository, workflow, type Files } from './support';

const DEPLOYS: Files = { '.github/workflows/cd.yml': workflow('- run: kubectl apply -f k8s\n', { on: 'on:\n  push:\n    branches: [main]' }) };
const BOOK = '# Runbook\n\n1. Tell the one on call.\n2. Roll back: `helm rollback app`.\n';

describe('runbook', () => {
  practiceCases('runbook', {
    met: {
      'one page': { ...DEPLOYS, 'docs/runbook.md': BOOK },
      'a page, though nothing is deployed': { 'go.mod': '', 'INCIDENT_RESPONSE.md': BOOK },
      'two pages together': { ...DEPLOYS, 'docs/runbooks/rollback.md': '```sh\nkubectl rollout undo\n```\nRolling back.',
        'docs/runbooks/incident.md': 'Escalate to the lead.' },
    },
    partial: { 'nothing about getting back': { ...DEPLOYS, 'RUNBOOK.md': '1. Page the one on call.\n' } },
    missing: {
      'nothing': DEPLOYS,
      'a title alone (decoy)': { ...DEPLOYS, 'docs/runbook.md': '# Runbook\n\nTo do.\n' },
      'reports of what happened': { ...DEPLOYS, 'docs/postmortems/rollback-incident.md': BOOK },
      'in a comment': { ...DEPLOYS, 'docs/runbook.md': `<!--\n${BOOK}-->` },
    },
    notApplicable: {
      'nothing is deployed': { 'go.mod': '', '.github/workflows/ci.yml': workflow('- run: go test ./...\n') },
      'a page about a command of the product': { 'go.mod': '', 'docs/commands/rollback.md': BOOK },
      'a preview': { '.github/workflows/ci.yml': workflow('- run: kubectl apply -f k8s\n', { job: '    environment: preview\n' }) },
    },
  });

  it('does not know what a page says that can not be read, if its name speaks of a runbook', () => {
    const result = (page: string) => practice('runbook').evidence(createRepository([...Object.keys(DEPLOYS), page], f => DEPLOYS[f])).result;
    assert.deepEqual(['docs/runbooks/database.md', 'docs/operations/rollback.md', 'docs/operations/dashboard.md'].map(result), ['unknown', 'unknown', 0]);
    assert.equal(practice('runbook').evidence(repository({ ...DEPLOYS, 'docs/operations/releases.md': BOOK })).result, 1);
  });
  it('lists the jobs that deploy, and lets no name break its table', () => {
    const made = practice('runbook').scaffold!.plan(repository({ '.github/workflows/cd.yml':
      workflow('- run: kubectl apply -f k8s\n', { on: 'on: push', job: "    environment: 'a | `b` <c>'\n" }) }));
    assert.ok(!('refused' in made));
    assert.match(made.changes[0]!.newText, /^\| `check` \| `\.github\/workflows\/cd\.yml` \| a {2}b c \|$/m);
  });
});
