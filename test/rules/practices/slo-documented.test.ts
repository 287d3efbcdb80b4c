import assert from 'node:assert/strict';
import { createRepository } from '../../../rules/repository';
import { judged, refusalOf } from './judge';
import { practice, practiceCases, verdict, type Files } from './support';

const API: Files = { 'openapi.yaml': 'openapi: 3.1.0\n', Dockerfile: 'FROM x\n', 'app.py': '' };
const WHOLE = '# SLO\n\nAvailability 99.9 %, p95 below 300 ms.\n\nThe error budget is 40 minutes; without it releases stop.\n';

describe('slo-documented', () => {
  practiceCases('slo-documented', {
    met: {
      'SLO.md': { ...API, 'SLO.md': WHOLE },
      'a folder of documents': { ...API, 'docs/slo/api.md': WHOLE },
      OpenSLO: { ...API, 'slo/api.yaml': 'kind: SLO\nspec:\n  budgetingMethod: Occurrences\n  objectives:\n    - target: 0.995\n      op: lte\n      displayName: p99 latency\n' },
    },
    partial: { 'a target alone': { ...API, 'docs/SLO.md': '# SLO\nWe want 99.9 % availability.\n' } },
    missing: {
      nothing: API,
      'a file that says nothing of it': { ...API, 'SLO.md': '# SLO\n\nTo be written.\n' },
      'what is in a comment': { ...API, 'SLO.md': '<!-- 99.9 %, p95, error budget -->\n' },
      'a sample': { ...API, 'examples/SLO.md': WHOLE },
    },
    notApplicable: { 'a library': { 'package.json': '{"dependencies":{"express":"5"}}', 'a.js': '' }, 'a description without a service': { 'openapi.yaml': '' } },
  });

  it('says what a document leaves out', () => {
    assert.match(verdict('slo-documented', { ...API, 'SLO.md': 'We want 99.9 %.\n' })!.lookedFor.join('\n'), /percentiles[^]*error budget/);
  });
  it('does not know what it can not read', () => {
    assert.equal(practice('slo-documented').evidence(createRepository(['SLO.md'], () => undefined)).result, 'unknown');
  });
  it('adds a document with targets, percentiles and a policy, and the limit that the load test has', async () => {
    const text = await judged('slo-documented', API);
    assert.match(text, /99\.9 %[^]*p95[^]*500 ms[^]*## Error budget/);
    const loaded: Files = { ...API, '.github/workflows/load.yml': "on: push\njobs:\n  l:\n    runs-on: ubuntu-latest\n    env:\n      P95: '250'\n    steps: [{run: k6 run a.js}]\n" };
    assert.match(await judged('slo-documented', loaded), /250 ms[^]*750 ms/);
  });
  it('leaves a document alone that is there', () => assert.match(refusalOf('slo-documented', { ...API, 'SLO.md': '# SLO\n' }), /^There is SLO\.md already/));
});
