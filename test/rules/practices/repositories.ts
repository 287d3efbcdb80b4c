/** Repositories of every stack, as small as they can be, for whatever changes repositories. */
import type { Files } from './support';

const CI = `name: CI
on:
  pull_request:
  push:
    branches: [main]

# Jobs below are started together.
jobs:
  build:   # the only one so far
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: 'make'
`;
/** By what is special about them. What is tested in all of them takes its time: add one only for a stack that isn't there yet. */
export const REPOSITORIES: Readonly<Record<string, Files>> = {
  empty: {},
  readme: { 'README.md': '# Something\n', 'LICENSE': 'MIT\n' },
  node: { 'package.json': '{"scripts":{"test":"node --test"}}', 'package-lock.json': '{}', 'src/index.ts': '', 'test/index.test.ts': '',
    Dockerfile: 'FROM node:24\n' },
  pnpm: { 'package.json': '{"packageManager":"pnpm@10.0.0","scripts":{"test":"vitest run"}}', 'pnpm-lock.yaml': '',
    'packages/a/package.json': '{}', 'packages/a/a.ts': '', '.nvmrc': '24' },
  yarn: { 'web/package.json': '{"scripts":{"test":"jest"}}', 'web/yarn.lock': '', 'web/.yarnrc.yml': '', 'web/src/a.tsx': '' },
  python: { 'pyproject.toml': '[project]\nname = "x"\n[tool.pytest.ini_options]\n', 'requirements.txt': 'flask==3.0.0\n',
    'app/main.py': '', 'tests/test_main.py': '', 'docker/Dockerfile': 'FROM python\n' },
  uv: { 'pyproject.toml': '[dependency-groups]\ndev = ["pytest"]\n', 'uv.lock': '', 'x.py': '' },
  poetry: { 'pyproject.toml': '[tool.poetry]\n', 'poetry.lock': '', 'x.py': '', 'test_x.py': '' },
  go: { 'go.mod': 'module x\n', 'go.sum': '', 'main.go': '', 'main_test.go': '', 'tools/go.mod': '' },
  mixed: { 'Cargo.toml': '', 'Cargo.lock': '', 'src/lib.rs': '', 'pom.xml': '', 'src/main/java/A.java': '', 'mvnw': '', 'Gemfile': '',
    'Gemfile.lock': '', 'spec/a_spec.rb': '', 'composer.json': '{}',
    'composer.lock': '{}', 'src/a.php': '', 'app.sln': '', 'app/app.csproj': '', 'app/a.cs': '', 'Package.swift': '',
      'Sources/a.swift': '', 'infra/main.tf': '', 'build.gradle': '', 'gradlew': '' },
  'with CI': { 'package.json': '{"scripts":{"test":"node --test"}}', 'package-lock.json': '{}', 'a.js': '',
    '.github/workflows/ci.yml': CI },
  'with CI, CRLF': { 'package.json': '{"scripts":{"test":"node --test"}}', 'package-lock.json': '{}', 'a.js': '',
    '.github/workflows/ci.yml': CI.replaceAll('\n', '\r\n') },
  'with a release only': { 'go.mod': '', 'a.go': '',
    '.github/workflows/ci.yml': 'on:\n  push:\n    tags: ["v*"]\njobs:\n  r:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make dist\n' },
  'with CI in flow style': { 'go.mod': '', 'a.go': '',
    '.github/workflows/ci.yml': 'on: pull_request\njobs: {build: {runs-on: ubuntu-latest, steps: [{run: make}]}}\n' },
  'with deployments': { 'package.json': '{"scripts":{"test":"node --test"}}', 'package-lock.json': '{}', 'a.js': '',
    '.github/workflows/ci.yml': `${CI}  staging:
    needs: build
    runs-on: ubuntu-latest
    steps:
      - run: kubectl apply -f k8s/staging
  production:
    needs:
      - build
      - staging # first
    runs-on: ubuntu-latest
    steps:
      - run: kubectl apply -f k8s/production
  pages:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/deploy-pages@v4
` },
  'with secrets': { Dockerfile: 'FROM node:24\nEXPOSE 3000\n', 'package.json': '{"name":"x","version":"1.0.0","scripts":{"test":"node --test","build":"tsc"}}',
    'package-lock.json': '{}', 'src/a.ts': '', 'infra/main.tf': '', 'chart/Chart.yaml': 'apiVersion: v2\nname: x\n', 'k8s/app.yml': 'apiVersion: v1\nkind: Service\n',
    '.github/workflows/ci.yml': `${CI}      - run: npm audit || true
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: docker/build-push-action@v6
        with:
          push: \${{ github.ref == 'refs/heads/main' }}
          tags: ghcr.io/o/x:latest
  production:
    if: github.ref == 'refs/heads/main'
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v4
        with:
          aws-access-key-id: \${{ secrets.AWS_ACCESS_KEY_ID }}
          aws-secret-access-key: \${{ secrets.AWS_SECRET_ACCESS_KEY }}
          aws-region: eu-central-1
      - run: kubectl apply -f k8s
        env:
          API_KEY: \${{ secrets.API_KEY }}
` },
  'odd names': { "it's/package.json": '{"scripts":{"test":"x"}}', "it's/package-lock.json": '{}', 'a b/Dockerfile': 'FROM x\n',
    'a b/requirements.txt': 'x==1\n', 'a: b #c/go.mod': '', '${{ github.token }}/Dockerfile': 'FROM x\n', 'x\ny/go.mod': '' },
};
