import assert from 'node:assert/strict';
import { createRepository } from '../../../rules/repository';
import { practice, result, verdict, workflow, type Files } from './support';

const APP: Files = { 'package.json': '{"name":"app","version":"1.0.0"}', 'package-lock.json': '{}', 'src/app.js': '', Dockerfile: 'FROM scratch\n',
  '.github/workflows/greet.yml': workflow('- run: echo hello\n') };

describe('what another CI system runs', () => {
  it('is not looked into, and not said to be missing where its settings speak of it', () => {
    const files: Files = { ...APP, '.circleci/config.yml': 'jobs:\n  build:\n    steps:\n      - run: npm test\n      - run: npm audit --audit-level=high\n' };
    const seen = verdict('unit-tests', files)!;
    assert.equal(seen.result, 'unknown');
    assert.deepEqual(seen.evidence, [{ path: '.circleci/config.yml', text: 'another CI system is set up' }]);
    assert.equal(seen.lookedFor[0], 'whether .circleci/config.yml does it: what other CI systems run is not looked into');
    assert.equal(result('scan-dependencies', files), 'unknown');
    for (const id of ['lint-and-types', 'scan-secrets', 'scan-sast', 'sbom', 'artifact-signing', 'release-automation']) assert.equal(result(id, files), 0, id);
  });

  it('is nothing where it stands in a comment, in a sample, or where a workflow does it', () => {
    assert.equal(result('unit-tests', { ...APP, '.travis.yml': '# npm test\nscript: make\n' }), 0);
    assert.equal(result('unit-tests', { ...APP, 'examples/.travis.yml': 'script: npm test\n' }), 0);
    assert.equal(result('unit-tests', { ...APP, '.travis.yml': 'script: npm test\n', '.github/workflows/ci.yml': workflow('- run: npm test\n') }), 1);
  });

  it('is told by the name of a file that can’t be read, where a folder has one for each purpose', () => {
    const files = [...Object.keys(APP), '.azure-pipelines/templates/codeSign.yml', '.azure-pipelines/publish-packages.yml'];
    const of = (id: string, all: readonly string[]) => practice(id).evidence(createRepository([...all], f => APP[f])).result;
    assert.deepEqual(['artifact-signing', 'release-automation', 'unit-tests', 'scan-secrets'].map(id => of(id, files)), ['unknown', 'unknown', 0, 0]);
    assert.equal(practice('artifact-signing').applies(createRepository(['app.sln', '.pipelines/templates/sign.yml'], () => undefined)), true);
    assert.equal(practice('artifact-signing').applies(createRepository(['app.sln', '.pipelines/templates/design.yml'], () => undefined)), false);
    assert.deepEqual(['unit-tests', 'lint-and-types', 'scan-secrets'].map(id => of(id, [...Object.keys(APP), '.gitlab-ci.yml'])), ['unknown', 'unknown', 0]);
  });

  it('ends on files that are long', () => {
    assert.equal(result('artifact-signing', { ...APP, '.gitlab-ci.yml': `script: ${'sign-'.repeat(40_000)}` }), 'unknown');
    assert.equal(result('scan-sast', { ...APP, '.gitlab-ci.yml': ' '.repeat(100_000) }), 0);
  });
});
