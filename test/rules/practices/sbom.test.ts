import assert from 'node:assert/strict';
import { createRepository } from '../../../rules/repository';
import { practice, practiceCases, result, verdict, workflow, type Files } from './support';

const CI = '.github/workflows/ci.yml';
const go = (steps: string, extra?: Parameters<typeof workflow>[1]): Files => ({ 'go.mod': '', [CI]: workflow(steps, extra) });
const RELEASE = { on: 'on:\n  push:\n    tags: ["v*"]' };

describe('sbom', () => {
  practiceCases('sbom', {
    met: {
      'an action that keeps it': go('- uses: anchore/sbom-action@v0\n', RELEASE),
      'Syft and an artifact': go('- run: syft . -o spdx-json=s.json\n- uses: actions/upload-artifact@v4\n  with: {path: s.json}\n'),
      'Docker’s, pushed': { Dockerfile: 'FROM x', [CI]: workflow('- uses: docker/build-push-action@v6\n  with:\n    push: true\n    sbom: true\n', RELEASE) },
      'GoReleaser’s settings': { ...go('- uses: goreleaser/goreleaser-action@v6\n', RELEASE), '.goreleaser.yml': 'version: 2\nsboms:\n  - artifacts: archive\n' },
      'npm’s, on the release': { 'package.json': '{}', [CI]: workflow('- run: npm sbom --sbom-format spdx > s.json\n- run: gh release upload v1 s.json\n', RELEASE) },
      'ko’s, beside each image that it pushes': go('- run: ko publish -B ./cmd/a --tags v1\n', RELEASE),
    },
    partial: { 'made and thrown away': go('- run: syft . -o spdx-json\n'),
      'an action that is told to keep nothing': go('- uses: anchore/sbom-action@v0\n  with:\n    upload-artifact: false\n    upload-release-assets: false\n') },
    missing: {
      nothing: { 'package.json': '{}' },
      'switched off': go('- uses: anchore/sbom-action@v0\n  if: false\n'),
      'nothing starts it': go('- uses: anchore/sbom-action@v0\n', { on: 'on: workflow_call' }),
      'not pushed, not said': { Dockerfile: 'FROM x', [CI]: workflow('- uses: docker/build-push-action@v6\n  with:\n    sbom: false\n') },
      'ko, told to make none': go('- run: ko build ./cmd/a --tags v1 --sbom=none\n- run: ko publish --sbom none ./cmd/b\n', RELEASE),
      'ko on a pull request, and for the cluster of the job': go('- run: ko publish ./cmd/a\n- run: ko build --local ./cmd/b\n'),
      'a name alone': go('- name: SBOM\n  run: echo\n'),
      'settings that nobody reads': { 'go.mod': '', '.goreleaser.yml': 'sboms:\n  - artifacts: archive\n' },
    },
    notApplicable: { 'nothing is built': { 'README.md': '' } },
  });

  it('does not know what a release workflow of another repository makes, nor do signatures and provenance', () => {
    const call = (path: string, on = 'on:\n  push:\n    tags: ["v*"]'): Files => ({ 'package.json': '{"name":"x","version":"1.0.0"}',
      [CI]: `${on}\njobs:\n  ship:\n    uses: ${path}\n` });
    // GoReleaser's settings say that a program is published; the manifest of Go says nothing, and needn't be read.
    const unread: Files = { [CI]: call('octo-org/shared/.github/workflows/go-release.yml@v1')[CI]! };
    const programme = createRepository(['go.mod', '.goreleaser.yml', CI], f => unread[f]);
    for (const id of ['artifact-signing', 'provenance']) assert.deepEqual([practice(id).applies(programme), practice(id).evidence(programme).result], [true, 'unknown'], id);
    for (const id of ['sbom', 'artifact-signing', 'provenance']) {
      const v = verdict(id, call('octo-org/shared/.github/workflows/go-release.yml@v1'))!;
      assert.equal(v.result, 'unknown', id);
      assert.match(v.lookedFor[0]!, /octo-org\/shared\S+ does it, which lies in another repository/);
      for (const known of [call('./.github/workflows/release.yml'), call('octo-org/shared/.github/workflows/lint.yml@v1'), call('octo-org/shared/.github/workflows/publish-docs.yml@v1'),
        call('octo-org/shared/.github/workflows/release.yml@v1', 'on: pull_request')]) assert.equal(result(id, known), 0, `${id} ${known[CI]!}`);
    }
  });
});
