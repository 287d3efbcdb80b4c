import assert from 'node:assert/strict';
import { applies, planned } from './documents';
import { practice, practiceCases, repository, result, verdict, type Files } from './support';

const job = (id: string, name = '') => `  ${id}:\n${name ? `    name: ${name}\n` : ''}    runs-on: ubuntu-latest\n    steps:\n      - run: make ${id}\n`;
const CI: Files = { '.github/workflows/ci.yml': `name: CI\non: [push, pull_request]\njobs:\n${job('lint')}${job('test', 'Unit tests')}${job('package')}${job('smoke')}` };
const drawn = (nodes: string): string => `# How it runs\n\n\`\`\`mermaid\nflowchart LR\n  pr[pull request] --> lint\n${nodes}\`\`\`\n`;
const FULL = drawn('  lint --> t["Unit tests"] --> package --> smoke\n');

describe('pipeline-diagram', () => {
  practiceCases('pipeline-diagram', {
    met: {
      'a page with all jobs': { ...CI, 'docs/pipeline.md': FULL },
      'the README, CRLF': { ...CI, 'README.md': FULL.replaceAll('\n', '\r\n') },
      'a file of its own': { ...CI, 'docs/ci.mmd': 'flowchart LR\n  push --> lint --> test --> package --> smoke\n' },
      'reStructuredText': { ...CI, 'docs/contributing.rst': 'Pipeline\n\n.. mermaid::\n\n   graph TD\n     push --> lint --> test --> package --> smoke\n\nText.\n' },
      'entities in labels': { ...CI, 'docs/build.md': FULL.replace('Unit tests', 'Unit#32;tests') },
    },
    partial: { 'a job has come since': { ...CI, 'docs/pipeline.md': drawn('  lint --> test --> smoke\n') } },
    missing: {
      'nothing': CI,
      'no workflow': { 'README.md': FULL },
      'jobs in prose alone': { ...CI, 'docs/pipeline.md': 'On push: lint, test, package and smoke.\n' },
      'a diagram of something else': { ...CI, 'docs/architecture.md': '```mermaid\nflowchart LR\n  browser --> api --> package --> db\n```\nlint test smoke pull request\n' },
      'words of every flowchart, and nothing of a pipeline': { ...CI, 'docs/build.md': '```mermaid\nflowchart LR\n  lint --> test --> package --> smoke\n```\n' },
      'a name that only says so': { ...CI, 'docs/pipeline.md': '# Pipeline\n\n```mermaid\n```\n' },
      'parts of words': { ...CI, 'docs/pipeline.md': drawn('  linting --> testing --> packages --> smoke-free\n').replace('--> lint\n', '--> a\n') },
      'a picture in a vendored folder': { ...CI, 'node_modules/x/README.md': FULL, 'vendor/docs/pipeline.md': FULL },
    },
    notApplicable: 'every repository has a pipeline or is to have one: a first workflow must not cost points',
  });

  it('is unknown where the docs can not be read', () => {
    assert.equal(result('pipeline-diagram', { ...CI, 'docs/pipeline.md': undefined as unknown as string }), 'unknown');
  });

  it('names the page that people look at first among those that can not be read', () => {
    const files = { ...CI, ...Object.fromEntries(['.github/ISSUE_TEMPLATE/release.md', 'docs/a/b/build.md', 'CONTRIBUTING.md', 'README.md'].map(f => [f, undefined as unknown as string])) };
    assert.deepEqual(verdict('pipeline-diagram', files)!.lookedFor, ['README.md, CONTRIBUTING.md, .github/ISSUE_TEMPLATE/release.md could not be read']);
  });
  it('points at the diagram', () => {
    const e = verdict('pipeline-diagram', { ...CI, 'docs/pipeline.md': FULL })!.evidence[0]!;
    assert.equal(FULL.slice(e.start, e.end).startsWith('```mermaid'), true);
    assert.equal(e.text, 'a diagram that names 4 of 4 jobs');
  });

  it('survives what never ends', () => {
    const open = '```mermaid\n'.repeat(20_000) + '<br   '.repeat(20_000) + '#9999999;';
    assert.equal(result('pipeline-diagram', { ...CI, 'docs/pipeline.md': open }), 0);
  });

  it('writes the page from the workflows, writes its own anew, and leaves that of others alone', () => {
    const made = planned('pipeline-diagram', CI);
    assert.ok(!('refused' in made));
    const [change] = made.changes;
    assert.equal(change!.path, 'docs/pipeline.md');
    const after = applies(CI, made);
    assert.equal(result('pipeline-diagram', after), 1);
    assert.match((planned('pipeline-diagram', after) as { refused: string }).refused, /^docs\/pipeline\.md says it already\.$/);
    const grown = { ...after, '.github/workflows/b.yml': `on: push\njobs:\n${job('deploy-it')}` };
    const again = planned('pipeline-diagram', grown);
    assert.ok(!('refused' in again));
    assert.equal(again.changes[0]!.created, false);
    assert.equal(result('pipeline-diagram', applies(grown, again)), 1);
    assert.match((planned('pipeline-diagram', { ...CI, 'docs/pipeline.md': '# Ours\n' }) as { refused: string }).refused, /somebody wrote it/);
    assert.match((planned('pipeline-diagram', {}) as { refused: string }).refused, /no workflow yet/);
    assert.match((practice('pipeline-diagram').scaffold!.plan(repository(CI)) as { refused: string }).refused, /analysis of the whole repository/);
  });
});
