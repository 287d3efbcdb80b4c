import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseSource } from '../../../rules/workflow/parse';
import { ALERT_SCRIPT } from '../../../rules/practices/shared/notify-job';
import { applied } from './plans';
import { practice, practiceCases, repository, verdict, workflow, type Files } from './support';

const PATH = '.github/workflows/cd.yml';
const PUSH = 'on:\n  push:\n    branches: [main]';
const cd = (steps: string, more = ''): Files => ({ [PATH]: workflow(`- run: kubectl apply -f k8s\n${steps}`, { on: PUSH }) + more });
const behind = (condition: string): string => `  tell:\n    needs: check\n${condition}    runs-on: x\n    steps:\n      - uses: slackapi/slack-github-action@v2\n`;

describe('notifications', () => {
  practiceCases('notifications', {
    met: {
      'a step that runs on failure': cd('- if: failure()\n  uses: slackapi/slack-github-action@v2\n'),
      'a command': cd('- if: ${{ always() }}\n  run: curl -d "{}" "$SLACK_WEBHOOK_URL"\n'),
      'a job behind it': cd('', behind("    if: ${{ !cancelled() && needs.check.result == 'failure' }}\n")),
      'a workflow that follows': { ...cd(''), '.github/workflows/n.yml': workflow('- run: gh issue create --title x\n', { on: 'on:\n  workflow_run:\n    workflows: [CI]' }) },
    },
    partial: { 'nothing about the nights': { ...cd('- if: failure()\n  uses: slackapi/slack-github-action@v2\n'),
      '.github/workflows/n.yml': workflow('- run: pytest\n', { on: 'on:\n  schedule: [{cron: 1 2 * * *}]' }) } },
    missing: {
      'nothing': cd(''),
      'after success alone': cd('- uses: slackapi/slack-github-action@v2\n'),
      'a job that is skipped after a failure': cd('', behind('')),
      'a name alone (decoy)': cd('- name: Notify Slack\n  if: failure()\n  run: echo slack\n'),
      'a nightly test': { '.github/workflows/n.yml': workflow('- run: pytest\n', { on: 'on:\n  schedule: [{cron: 1 2 * * *}]' }) },
    },
    notApplicable: {
      'nothing is deployed': { '.github/workflows/ci.yml': workflow('- run: make\n') },
      'a schedule that tidies up': { '.github/workflows/s.yml': workflow('- uses: actions/stale@v9\n', { on: 'on:\n  schedule: [{cron: 1 2 * * *}]' }) },
    },
  });

  it('asks once for a deployment that another workflow calls', () => {
    const files: Files = { '.github/workflows/release.yml': 'on: release\njobs:\n  go:\n    uses: ./.github/workflows/cd.yml\n',
      [PATH]: workflow('- run: kubectl apply -f k8s\n', { on: 'on: workflow_call' }) };
    assert.deepEqual(verdict('notifications', files)!.lookedFor, [`a message to somebody when check in ${PATH} fails`]);
  });

  it('adds a job that waits for what deploys, with no right but to write issues', () => {
    const files = cd('', '  other:\n    runs-on: x\n    steps:\n      - run: make\n');
    const made = practice('notifications').scaffold!.plan(repository(files));
    assert.ok(!('refused' in made));
    const job = parseSource(PATH, made.changes[0]!.newText).workflow!.jobs.find(j => j.id === 'notify')!;
    assert.deepEqual(job.needs.map(n => n.value), ['check']);
    assert.deepEqual(job.permissions!.scopes.map(s => `${s.name}: ${s.access}`), ['issues: write']);
    assert.ok('refused' in practice('notifications').scaffold!.plan(repository(applied(files, made))));
  });

  it('opens one issue, and adds to it from then on', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'alert-')), log = path.join(folder, 'log');
    try {
      writeFileSync(path.join(folder, 'gh'), '#!/bin/sh\n[ "$2" = list ] && printf "%s" "$OPEN" || echo "$@" >> "$LOG"\n');
      chmodSync(path.join(folder, 'gh'), 0o755);
      for (const OPEN of ['', '12']) {
        execFileSync('bash', ['-e', '-c', ALERT_SCRIPT], { env: { PATH: `${folder}:/usr/bin:/bin`, LOG: log, OPEN, GITHUB_REPOSITORY: 'o/r', TITLE: 'CD has "failed"', RUN_URL: 'https://x/1' } });
      }
      assert.equal(readFileSync(log, 'utf8'), 'issue create --repo o/r --title CD has "failed" --body It failed in https://x/1\nissue comment 12 --repo o/r --body Again: https://x/1\n');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
