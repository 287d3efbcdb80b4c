import assert from 'node:assert/strict';
import { commandKinds } from '../../../../rules/checks/shared/command-kind';
import { isDeploy, isGate, isPreview, isRelease, jobKinds, outsideKinds, stepKinds } from '../../../../rules/checks/shared/job-kind';
import { nameKinds } from '../../../../rules/checks/shared/name-kind';
import { parseSource } from '../../../../rules/workflow/parse';

function job(body: string, id = 'work') {
  const text = `on: push\njobs:\n  ${id}:\n    runs-on: ubuntu-latest\n${body.replace(/^/gm, '    ')}\n`;
  return parseSource('.github/workflows/x.yml', text).workflow!.jobs[0]!;
}
const steps = (...lines: string[]) => job('steps:\n' + lines.map(l => `  - ${l}`).join('\n'));
const kinds = (of: ReturnType<typeof job>) => [...jobKinds(of)].sort();

describe('what a job is for', () => {
  const commands: readonly (readonly [string, readonly string[]])[] = [
    ['npm test', ['test']], ['npm t', ['test']], ['npm run test:unit', ['test']], ['yarn workspace web lint', ['lint']], ['yarn prisma migrate deploy', ['migrate']], ['pnpm wrangler deploy', ['deploy']], ['npm prisma migrate deploy', []], ['pnpm run build', ['build']], ['npm ci', []],
    ['npm run deploy:prod', ['deploy']], ['npm publish --provenance', ['publish']], ['npm publish --dry-run', []], ['npx playwright test', ['test', 'e2e']],
    ['python -m pytest -q', ['test']], ['poetry run mypy .', ['lint']], ['sudo -E make deploy', ['deploy']], ['timeout 5m go test ./...', ['test']], ['./gradlew --no-daemon check', ['test']],
    ['mvn -B package', ['build', 'test']], ['./mvnw deploy', ['publish']], ['terraform apply -auto-approve', ['deploy']], ['terraform -chdir=infra apply', ['deploy']], ['terraform plan', []],
    ['kubectl get pods', []], ['kubectl apply -f k8s', ['deploy']], ['kubectl apply --dry-run=server -f k8s', []], ['helm upgrade --install app ./chart', ['deploy']],
    ['docker build .', ['build']], ['docker buildx build --push .', ['build', 'publish']], ['docker push ghcr.io/a/b', ['publish']], ['cargo audit', ['scan']], ['npm audit', ['scan']],
    ['prisma migrate deploy', ['migrate']], ['npx prisma migrate deploy', ['migrate']], ['./scripts/deploy.sh prod', ['deploy']], ['bash ci/test.sh', ['test']], ['python manage.py migrate', ['migrate']],
    ['vercel --prod', ['deploy']], ['kubectl --help', []], ['echo deploy', []], ['gh release create v1', ['release']], ['goreleaser release --snapshot', []], ['aws s3 sync dist s3://bucket', ['deploy']],
    ['aws s3 sync s3://bucket dist', []], ['make', ['build']], ['toString', []], ['git push', []], ['tsc --noEmit', ['lint']], ['', []],
    ['make CFLAGS=-O3', ['build']], ['make check', ['test']], ['make check-generated', ['lint']], ['make man/eslint.1', ['build']], ['npm run all', ['build']], ['npm run licenses:generate', []],
    ['cargo +nightly test', ['test']], ['cargo hack check --each-feature', ['lint']], ['git diff --exit-code', ['lint']], ['git diff --quiet', []], ['xargs ./ci/lint.sh', ['lint']],
    ['tox', ['test']], ['tox -e lint', ['lint']], ['tox -e py312,mypy', ['lint', 'test']], ['nox -s update_pins', []], ['tox -e run_self', []], ['nox --session=tests', ['test']],
    ['ko build ./cmd/a', ['build']], ['ko publish ./cmd/a', ['build', 'publish']], ['ko build --tags v1 ./cmd/a', ['build', 'publish']], ['ko build -L -t v1 ./cmd/a', ['build']], ['ko version', []],
    ['gh issue create -t x', ['housekeeping']], ['gh pr view 1', []], ['copywrite headers', []], ['copywrite headers --plan', ['lint']], ['gh release edit v1 --latest', ['release']], ['docker buildx imagetools create -t a b', ['publish']],
  ];
  for (const [command, expected] of commands) {
    it(`command: ${command || '(none)'}`, () => assert.deepEqual([...commandKinds(command.split(' '))].sort(), [...expected].sort()));
  }

  const names: readonly (readonly [string, readonly string[]])[] = [
    ['deploy', ['deploy']], ['Deploy to production', ['deploy']], ['deploy-test', []], ['test-deploy', ['test']], ['check deployment', []], ['release', ['release']], ['release-notes', []],
    ['Build release', ['build']], ['publishDocs', ['publish']], ['Install Playwright', []], ['upload-test-results', []], ['unit tests', ['test']], ['build-and-test', ['test']], ['constructor', []], ['', []],
    ['migrate', ['migrate']], ['latest', []],
    ['Initialize CodeQL', ['scan']], ['conflict-checker', ['lint']], ['Continuous Integration', []], ['integration', ['test']], ['NPM audit fix', []], ['dependency-review', ['scan']],
    ['should-build', []], ['Run JSON format CLI tests', ['test']], ['format', ['lint']], ['Check format', ['lint']], ['gen-test-certs', []], ['Upgrade pytest for old Python', []], ['Copy eslint plugin', []], ['package', ['build']], ['test package', ['test']],
    ['Assert the PR goes to main', []], ['Assert that the service answers', ['test']],
  ];
  for (const [name, expected] of names) it(`name: ${name || '(none)'}`, () => assert.deepEqual(nameKinds(name), expected));

  it('takes actions and commands before names', () => {
    assert.deepEqual(kinds(steps('{name: Deploy, run: npm test}')), ['test']);
    assert.deepEqual(kinds(steps('{name: Deploy, run: ssh host}')), ['deploy']);
    assert.deepEqual(kinds(job('steps: [{run: ssh host}]', 'deploy')), ['deploy']);
    assert.deepEqual(kinds(job('steps: [{run: npm test}]', 'deploy')), ['test']);
  });

  it('reads the inputs of actions that do this or that', () => {
    assert.deepEqual(kinds(steps('uses: docker/build-push-action@v6')), ['build']);
    assert.deepEqual(kinds(steps('{uses: docker/build-push-action@v6, with: {Push: true}}')), ['build', 'publish']);
    assert.deepEqual(kinds(steps('{uses: goreleaser/goreleaser-action@v6, with: {args: release --clean}}')), ['build', 'release']);
    assert.deepEqual(kinds(steps('{uses: goreleaser/goreleaser-action@v6, with: {args: release --snapshot}}')), ['build']);
    assert.deepEqual(kinds(steps('uses: github/codeql-action/init@v3', 'uses: github/codeql-action/analyze@v3')), ['scan']);
  });

  it('knows clusters and databases that come and go with the job', () => {
    assert.deepEqual(kinds(steps('uses: helm/kind-action@v1', 'run: helm install app ./chart')), ['test']);
    assert.deepEqual(kinds(steps('run: kind create cluster', 'run: kubectl apply -f .')), ['test']);
    assert.deepEqual(kinds(steps('uses: helm/kind-action@v1', 'run: terraform apply')), ['deploy']);
    assert.deepEqual(kinds(job('services: {db: {image: postgres}}\nsteps: [{run: alembic upgrade head}]')), ['test']);
    assert.deepEqual(kinds(steps('run: alembic upgrade head')), ['migrate']);
    assert.deepEqual(kinds(steps('uses: ./', 'run: terraform apply')), ['test']);
  });

  it('takes an environment that serves people for a deployment where nothing speaks against it', () => {
    assert.ok(isDeploy(job('environment: production\nsteps: [{run: ./go}]')));
    assert.ok(!isDeploy(job('environment: production\nsteps: [{run: npm test}]')));
    assert.ok(!isDeploy(job('environment: ci\nsteps: [{run: ./go}]')));
    assert.ok(!isDeploy(job('environment: prod\nsteps: [{run: ./go}]', 'scan')));
  });

  it('takes a folder of downloads for a place to publish to, and a site for a deployment', () => {
    assert.deepEqual(kinds(steps('run: make', 'run: aws s3 sync out s3://${{ secrets.bucket }}/releases/')), ['build', 'publish']);
    assert.deepEqual(kinds(steps('run: aws s3 sync out s3://bucket/www')), ['deploy']);
    assert.deepEqual(kinds(steps('run: aws s3 sync out s3://bucket/releases && kubectl apply -f .')), ['deploy']);
    assert.deepEqual(kinds(steps('run: aws s3 sync out s3://bucket/released-site')), ['deploy']);
  });

  it('tells calls, deployments, releases, previews and gates apart', () => {
    const call = job('uses: ./.github/workflows/d.yml', 'deploy');
    assert.deepEqual(kinds(call), ['call', 'deploy']);
    assert.ok(isDeploy(steps('run: alembic upgrade head')) && !isRelease(steps('run: alembic upgrade head')));
    assert.ok(isRelease(steps('run: npm publish')) && !isDeploy(steps('run: npm publish')));
    assert.deepEqual(outsideKinds(steps('run: npm publish && kubectl apply -f .')), ['deploy', 'publish']);
    assert.ok(isPreview(job('environment: pr-preview\nsteps: []')) && !isPreview(steps('run: x')));
    const [test, build] = steps('run: npm test', 'run: npm run build').steps;
    assert.ok(isGate(test!) && !isGate(build!));
    assert.equal(stepKinds(test!), stepKinds(test!));
  });

  it('takes what a repository does with its own action for a test, unless it releases', () => {
    assert.deepEqual(kinds(job('steps: [{uses: ./}, {run: node --version}]', 'versions')), ['test']);
    assert.deepEqual(kinds(job('steps: [{uses: $/}, {run: npm run build}]', 'versions')), ['build', 'test']);
    assert.deepEqual(kinds(job('steps: [{uses: ./}, {run: ruby release.rb}]', 'release')), ['release']);
    assert.deepEqual([...stepKinds(steps('uses: ./').steps[0]!)], []);
  });

  it('reads names of actions and their folders, but never that they change something outside', () => {
    assert.deepEqual(kinds(steps('uses: somebody/notify-chat-action@v1')), ['notify']);
    assert.deepEqual(kinds(steps('uses: ./.github/actions/run-e2e-tests')), ['e2e', 'test']);
    assert.deepEqual(kinds(steps('uses: $/.github/actions/lint')), ['lint']);
    assert.deepEqual(kinds(steps('uses: docker://registry.example/tools/actionlint:1.7')), ['lint']);
    for (const uses of ['somebody/deployment-action@v1', './.github/actions/deploy', 'somebody/test-reporter@v1', 'somebody/setup-eslint@v1']) assert.deepEqual(kinds(steps(`uses: ${uses}`)), [], uses);
  });

  it('reads scripts that actions are given, and calls of the API', () => {
    assert.deepEqual(kinds(steps('{uses: vmactions/freebsd-vm@v1, with: {run: cargo test}}')), ['test']);
    assert.deepEqual(kinds(steps('{uses: nick-fields/retry@v3, with: {command: npm publish}}')), ['publish']);
    assert.deepEqual(kinds(steps('{uses: actions/github-script@v7, with: {script: "await github.rest.repos.createRelease({})"}}')), ['release']);
    assert.deepEqual(kinds(steps('{uses: actions/github-script@v7, with: {script: "await github.rest.issues.createComment({})"}}', 'run: npm test')), ['test']);
    assert.deepEqual(kinds(steps('run: npm test', '{if: failure(), run: gh issue create -t broken}')), ['test']);
  });

  it('tells what is written back into the repository', () => {
    assert.deepEqual(kinds(steps('run: git commit -am x && git push')), ['housekeeping']);
    assert.deepEqual(kinds(steps('run: git tag -f v1 && git push -f origin v1')), ['release']);
    assert.deepEqual(kinds(steps('run: git tag --list && git push')), []);
    assert.deepEqual(kinds(steps('run: npm publish', 'run: git commit -am x && git push')), ['publish']);
    assert.ok(!isDeploy(job('environment: production\nsteps: [{run: gh issue create}]')));
  });

  it('lets names speak where steps only build or nothing is known', () => {
    assert.deepEqual(kinds(job('steps: [{run: make}]', 'security-scan')), ['build', 'scan']);
    assert.deepEqual(kinds(job('steps: [{run: ./go}]', 'verify-links')), ['lint']);
    assert.deepEqual(kinds(job('outputs: {x: "1"}\nsteps: [{run: ./go}]', 'check-version')), []);
    assert.deepEqual(kinds(job('steps: [{run: exit 1}]', 'status-check')), []);
    assert.deepEqual(kinds(job('steps: [{name: Create release, uses: a/b@v1}, {run: make}]', 'release')), ['build', 'release']);
    assert.deepEqual(kinds(job('steps: [{run: make}]', 'release')), ['build']);
    assert.deepEqual(kinds(job('name: E2E\nsteps: [{run: go test ./...}]')), ['e2e', 'test']);
    assert.deepEqual(kinds(job('uses: ./.github/workflows/codeql.yml', 'call')), ['call', 'scan']);
  });

  it('reads PowerShell, survives half-typed scripts and unknown words', () => {
    assert.deepEqual(kinds(job('steps:\n  - shell: pwsh\n    run: |\n      if ($env:A) { dotnet test }')), ['test']);
    assert.deepEqual(kinds(steps('run: "npm test \'"')), ['test']);
    assert.deepEqual(kinds(steps('run: $TOOL test')), []);
    assert.deepEqual(kinds(job('steps:\n  -\n  - run:\n  - 12')), []);
  });
});
