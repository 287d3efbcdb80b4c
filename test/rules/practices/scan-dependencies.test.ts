import assert from 'node:assert/strict';
import { practice, practiceCases, repository, verdict, workflow, type Files } from './support';

const CI = '.github/workflows/ci.yml';
const node = (steps: string, extra?: Parameters<typeof workflow>[1]): Files => ({ 'package.json': '{"scripts":{"audit:ci":"npm audit --audit-level=high"}}', 'package-lock.json': '{}', [CI]: workflow(steps, extra) });

describe('scan-dependencies', () => {
  practiceCases('scan-dependencies', {
    met: {
      'npm audit, in a script': node('- run: npm run audit:ci\n'),
      'where a lockfile changes': node('- run: npm audit\n', { on: "on:\n  pull_request:\n    paths: ['**/package-lock.json']" }),
      'but where documentation changes': node('- run: npm audit\n', { on: "on:\n  pull_request:\n    paths-ignore: ['**.md']" }),
      'narrow in one place and wide in another': { ...node('- run: npm audit\n', { on: 'on:\n  pull_request:\n    paths: [VERSION]' }), '.github/workflows/all.yml': workflow('- run: npm audit\n') },
      'in a known workflow of others': { ...node(''), [CI]: 'on: pull_request\njobs:\n  a:\n    uses: actions/reusable-workflows/.github/workflows/basic-validation.yml@main\n' },
      'an action': { 'go.mod': '', [CI]: workflow('- uses: golang/govulncheck-action@v1\n') },
      'in a reusable workflow': { 'requirements.txt': '', '.github/workflows/r.yml': workflow('- run: pip-audit --strict\n', { on: 'on: workflow_call' }), [CI]: 'on: pull_request\njobs:\n  a:\n    uses: ./.github/workflows/r.yml\n' },
      'a script of their own': { ...node('- name: Audit dependencies\n  run: node tools/audit.mjs\n'), 'tools/audit.mjs': '' },
      'Dependency-Check': { 'pom.xml': '', [CI]: workflow('- run: ./mvnw org.owasp:dependency-check-maven:check\n') },
    },
    partial: { 'a new dependency starts nothing': node('- run: npm audit\n', { on: 'on:\n  pull_request:\n    paths: [VERSION, .github/workflows/ci.yml]\n  push:\n    branches: [main]' }) },
    missing: {
      nothing: { Gemfile: '' },
      'it can’t fail': node('- run: npm audit || true\n'),
      'on a schedule alone': node('- run: npm audit\n', { on: 'on:\n  schedule:\n    - cron: 1 2 * * 3' }),
      'in a known workflow of others, and turned off': { ...node(''), [CI]: 'on: pull_request\njobs:\n  a:\n    uses: actions/reusable-workflows/.github/workflows/basic-validation.yml@main\n    with:\n      enable-audit: false\n' },
      'it repairs': node('- run: npm audit fix\n'),
      'a script of their own that can’t fail': { ...node('- name: Audit npm packages\n  run: ./tools/audit.sh\n  continue-on-error: true\n'), 'tools/audit.sh': '' },
      'a script that isn’t there': node('- name: Audit dependencies\n  run: node tools/audit.mjs\n'),
      'an audit of something else': { ...node('- name: Audit licences\n  run: node tools/audit.mjs\n'), 'tools/audit.mjs': '' },
      'a name alone': node('- name: npm audit\n  run: echo\n'),
    },
    notApplicable: { 'no manifest': { 'a.py': '' } },
  });

  it('fits every ecosystem, and says which can’t be read', () => {
    const stacks: readonly (readonly [Files, RegExp | undefined])[] = [
      [{ 'package.json': '{}', 'package-lock.json': '{}' }, undefined], [{ 'package.json': '{}', 'pnpm-lock.yaml': '' }, undefined], [{ 'package.json': '{}', 'yarn.lock': '' }, undefined],
      [{ 'pyproject.toml': '', 'poetry.lock': '' }, undefined], [{ 'pyproject.toml': '', 'uv.lock': '' }, undefined], [{ 'requirements.txt': 'x' }, undefined],
      [{ 'go.mod': '' }, undefined], [{ 'Cargo.toml': '', 'Cargo.lock': '' }, undefined], [{ 'pom.xml': '' }, /dependency-check:check/], [{ 'build.gradle': '' }, /^Commit a lockfile for build\.gradle/],
      [{ 'a.csproj': '' }, /^Commit a lockfile for a\.csproj/], [{ Gemfile: '', 'Gemfile.lock': '' }, undefined], [{ 'composer.json': '', 'composer.lock': '' }, undefined],
      [{ 'Package.swift': '', 'Package.resolved': '' }, undefined], [{ 'package.json': '{}' }, /^Commit a lockfile for package\.json/],
    ];
    for (const [files, todo] of stacks) {
      const plan = practice('scan-dependencies').scaffold!.plan(repository(files));
      assert.ok(!('refused' in plan));
      assert.match(plan.changes[0]!.newText, /anchore\/scan-action@[^]*severity-cutoff: high/);
      if (files['requirements.txt'] !== undefined) assert.match(plan.changes[0]!.newText, /inputs: requirements\.txt/);
      assert.equal(plan.todo.some(t => todo?.test(t) ?? /lockfile|dependency-check/.test(t)), todo !== undefined, JSON.stringify(plan.todo));
    }
  });

  it('says which scanner can fail, and which hands over what it finds', () => {
    const of = (steps: string): string => verdict('scan-dependencies', { 'package.json': '{}', '.github/workflows/ci.yml': workflow(steps) })!.evidence[0]!.text;
    assert.equal(of('- run: npm audit --audit-level=high\n'), 'npm runs on pull requests and can fail');
    assert.equal(of('- uses: aquasecurity/trivy-action@v0.36.0\n  with:\n    scan-type: fs\n    output: x.sarif\n    format: sarif\n- uses: github/codeql-action/upload-sarif@v4\n'),
      'aquasecurity/trivy-action runs on pull requests, and hands its results to code scanning');
  });
});
