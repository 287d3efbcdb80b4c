import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RELEASE_CHECK } from '../../../rules/practices/automation/release-automation';
import { practiceCases, workflow, type Files } from './support';

const LIB: Files = { 'go.mod': 'module x\n' };
const on = (steps: string, events: string, job = ''): Files => ({ ...LIB, '.github/workflows/r.yml': workflow(steps, { on: `on: ${events}`, job }) });

describe('release-automation', () => {
  practiceCases('release-automation', {
    met: {
      'GoReleaser': on('- uses: goreleaser/goreleaser-action@v6\n', 'push'),
      'a command': on('- run: gh release create "$TAG"\n', 'workflow_dispatch'),
      'an image that pull requests only build': on("- uses: docker/build-push-action@v6\n  with:\n    push: ${{ github.event_name != 'pull_request' }}\n    tags: o/app:latest\n", '[push, pull_request]'),
      'a script that is called so': on('- run: python scripts/release.py\n', 'workflow_dispatch'),
      'semantic-release': on('- run: npx semantic-release\n', 'push'),
    },
    partial: 'there is a release by a workflow, or there is none',
    missing: {
      'nothing': LIB,
      'documentation': { ...LIB, '.github/workflows/documentation.yml': workflow('- name: Publish documentation\n  run: ./publish.sh\n', { on: 'on: push' }) },
      'a build': on('- run: go build\n', 'push'),
      'a rehearsal on pull requests': on('- run: npx semantic-release --dry-run\n', 'pull_request'),
      'an image that each pull request pushes for its tests': on('- uses: docker/build-push-action@v6\n  with:\n    push: true\n    tags: cache/app:${{ github.sha }}\n', '[push, pull_request]'),
      'a pull request after a release': on('- run: python scripts/release.py --begin-notes\n- run: gh pr create --fill\n', '{release: {types: [published]}}'),
      'turned off': on('- run: gh release create "$TAG"\n', 'push', '    if: false\n'),
      'a name alone (decoy)': on('- name: Make things with gh release create\n  run: echo later\n', 'push'),
    },
    notApplicable: { 'there is nothing to release': { 'README.md': '' } },
  });

  it('releases what is on the default branch and has passed, and nothing else', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'release-'));
    try {
      writeFileSync(path.join(folder, 'gh'), '#!/bin/sh\ncase "$*" in *compare*) printf "%s" "$STATUS";; *check-runs*) printf "%b" "$FAILED";; esac\n');
      chmodSync(path.join(folder, 'gh'), 0o755);
      const run = (STATUS: string, FAILED = '') => spawnSync('bash', ['-c', RELEASE_CHECK.join('\n')], { encoding: 'utf8',
        env: { PATH: `${folder}:/usr/bin:/bin`, STATUS, FAILED, GITHUB_REPOSITORY: 'o/r', GITHUB_SHA: 'c'.repeat(40), DEFAULT_BRANCH: 'main' } });
      assert.equal(run('identical').status, 0);
      assert.equal(run('behind').status, 0);
      assert.deepEqual([run('diverged').status, run('ahead').stdout], [1, '::error::The tag is not on main (ahead).\n']);
      assert.deepEqual([run('behind', 'test').status, run('behind', 'test\\nlint').stdout], [1, '::error::These checks of the commit have failed: test, lint\n']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
