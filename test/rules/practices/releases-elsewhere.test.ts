import assert from 'node:assert/strict';
import { createRepository } from '../../../rules/repository';
import { practice, workflow, type Files } from './support';

const LIBRARY: Files = { 'package.json': '{"name":"lib","version":"1.0.0"}', 'package-lock.json': '{}', 'src/lib.js': '',
  '.github/workflows/ci.yml': workflow('- run: npm test\n') };
const RELEASE = ['artifact-signing', 'provenance', 'sbom'];

describe('what another CI system publishes', () => {
  const of = (path: string, text?: string): readonly (number | 'unknown')[] => {
    const files: Files = text === undefined ? LIBRARY : { ...LIBRARY, [path]: text };
    return RELEASE.map(id => practice(id).evidence(createRepository([...Object.keys(LIBRARY), path], f => files[f])).result);
  };

  it('may be signed and described there, where its settings can’t be read', () => {
    assert.deepEqual(of('.azure-pipelines/publish.yml'), ['unknown', 'unknown', 'unknown']);
    assert.deepEqual(of('.azure-pipelines/tests.yml'), [0, 0, 0]);
    assert.deepEqual(of('ci/publish.yml'), [0, 0, 0]);
  });

  it('is not, where they can be read and say nothing of it', () => {
    assert.deepEqual(of('.azure-pipelines/publish.yml', 'steps:\n  - script: npm publish\n'), [0, 0, 0]);
  });
});
