import assert from 'node:assert/strict';
import { practice, practiceCases, repository, workflow, type Files } from './support';

const API: Files = { 'openapi.yaml': 'openapi: 3.0.0\n' };
const on = (files: Files, steps: string, extra?: Parameters<typeof workflow>[1]): Files => ({ ...files, '.github/workflows/ci.yml': workflow(steps, extra) });

describe('breaking-change-check', () => {
  practiceCases('breaking-change-check', {
    met: {
      'oasdiff': on(API, '- run: oasdiff breaking base.yaml openapi.yaml --fail-on ERR\n'),
      'its action': on(API, '- uses: oasdiff/oasdiff-action/breaking@v0.0.21\n'),
      'buf': on({ 'buf.yaml': 'version: v2\n', 'a.proto': '' }, '- run: npx @bufbuild/buf@1.75.0 breaking --against .git#branch=main\n'),
      'a crate': on({ 'Cargo.toml': '[package]\nname = "x"\n', 'src/lib.rs': '' }, '- uses: obi1kenobi/cargo-semver-checks-action@v2\n'),
      'a crate in a folder of a workspace': on({ 'Cargo.toml': '[workspace]\nmembers = ["core"]\n', 'core/Cargo.toml': '' },
        '- uses: obi1kenobi/cargo-semver-checks-action@v2\n'),
      'a description that is named after its service': on({ 'billing.openapi.yaml': '' }, '- run: oasdiff breaking base.yaml billing.openapi.yaml --fail-on ERR\n'),
      'migrations': on({ 'db/migrations/1.sql': '' }, '- run: npx squawk-cli db/migrations/*.sql\n'),
    },
    partial: { 'one of two': on({ ...API, 'schema.graphql': 'type Query { a: Int }' }, '- run: npx graphql-inspector diff git:origin/main:schema.graphql schema.graphql\n') },
    missing: {
      'nothing': API,
      'cannot fail': on(API, '- run: oasdiff breaking base.yaml openapi.yaml\n'),
      'swallowed': on(API, '- run: oasdiff breaking base.yaml openapi.yaml --fail-on ERR || true\n'),
      'on pushes only': on(API, '- run: oasdiff breaking a b --fail-on ERR\n', { on: 'on:\n  push:\n    branches: [main]' }),
      'a decoy': on(API, '- name: Check for breaking changes with oasdiff\n  run: echo none\n'),
    },
    notApplicable: {
      'nothing others build on': { 'package.json': '{}' },
      'a workspace whose crates nobody compares': on({ 'Cargo.toml': '[workspace]\n' }, '- uses: obi1kenobi/cargo-semver-checks-action@v2\n  continue-on-error: true\n'),
      'an example': { 'examples/openapi.yaml': '' },
      'messages without a service': { 'config.proto': 'message A {}\n' },
      'a crate that is not published': { 'Cargo.toml': '[package]\nname = "x"\npublish = false\n', 'src/lib.rs': '' },
    },
  });

  it('adds one job for all of them, for which no deployment waits', () => {
    const files: Files = { ...API, 'api/a.proto': 'service A {}\n', 'schema.graphql': '', 'Cargo.toml': '[package]\n', 'src/lib.rs': '', 'db/migrations/1/up.sql': '',
      '.github/workflows/ci.yml': `${workflow('- run: make\n', { on: 'on: [push, pull_request]' })}  deploy:\n    runs-on: x\n    steps:\n      - run: kubectl apply -f k8s\n` };
    const plan = practice('breaking-change-check').scaffold!.plan(repository(files));
    assert.ok(!('refused' in plan));
    const text = plan.changes[0]!.newText;
    for (const part of ['oasdiff@v1.23.0 breaking --fail-on ERR', '@bufbuild/buf@1.75.0 breaking', 'graphql-inspector diff', 'cargo semver-checks', 'squawk-cli@2.66.0', 'FOLDER: db/migrations\n']) assert.ok(text.includes(part), part);
    assert.doesNotMatch(text, /needs: breaking-changes/);
    assert.equal(practice('breaking-change-check').evidence(repository({ ...files, '.github/workflows/ci.yml': text })).result, 1);
  });
});
