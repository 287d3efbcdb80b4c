import assert from 'node:assert/strict';
import { commands, judged, planOf, refusalOf } from './judge';
import { practiceCases, result, verdict, workflow, type Files } from './support';

const WORKFLOW = '.github/workflows/ci.yml';
const PY: Files = { 'requirements.txt': 'psycopg2-binary==2.9\nredis==5\npytest==8\n', 'app.py': '', 'tests/test_a.py': '' };
const ci = (steps: string, job = '', on?: string): Files => ({ [WORKFLOW]: workflow(steps, { job, on }) });
const HEALTHY = '    services:\n      db:\n        image: postgres:17\n        options: >-\n          --health-cmd pg_isready\n', BARE = '    services:\n      db: { image: postgres:17 }\n';

describe('integration-tests', () => {
  practiceCases('integration-tests', {
    met: {
      'tests beside a healthy service': { ...PY, ...ci('- run: pytest\n', HEALTHY) },
      'docker compose': { ...PY, ...ci('- run: docker compose up -d --wait\n- run: pytest\n') },
      'tests inside what docker compose has started': { 'a.php': '', ...ci('- run: docker compose up --detach --wait\n- run: docker compose exec -T -e DEBUG=1 app vendor/bin/phpunit\n') },
      'a folder of a workspace that is called so': { 'Cargo.toml': '[workspace]\n', 'tests-integration/Cargo.toml': '', ...ci('- run: cargo test\n  working-directory: tests-integration\n') },
      'a command for them': { ...PY, ...ci('- run: pytest tests/integration\n') },
      'a marker': { ...PY, ...ci('- run: python -m pytest -m integration\n') },
      'a script': { 'package.json': '{"dependencies":{"pg":"8"},"scripts":{"test:integration":"jest"}}', 'a.js': '', ...ci('- run: npm run test:integration\n') },
      'Node’s own runner of scripts': { 'package.json': '{"dependencies":{"pg":"8"},"scripts":{"test:integration":"jest"}}', 'a.js': '', ...ci('- run: node --run test:integration\n') },
      'a tag of Go': { 'go.mod': 'require github.com/jackc/pgx/v5 v5\n', 'a.go': '', ...ci('- run: go test -tags=integration ./...\n') },
      Testcontainers: { 'pom.xml': '<artifactId>testcontainers</artifactId><artifactId>postgresql</artifactId>', 'src/main/java/A.java': '', ...ci('- run: ./mvnw verify\n') },
      'the server of the runner': { ...PY, ...ci('- run: sudo systemctl start postgresql.service\n- run: pytest\n') },
      'a service, where no manifest names a database': { 'go.mod': '', 'a.go': '', ...ci('- run: go test -tags=kms ./...\n', HEALTHY) },
      'a group of tests, where no manifest names a database': { 'a.php': '', ...ci('- run: ./phpunit --group integration\n') },
      'all tests, where nothing has to be started': { 'package.json': '{"scripts":{"test":"jest"}}', 'test/integration/a.test.js': '', ...ci('- run: npm test\n') },
    },
    partial: { 'a service without a health check': { ...PY, ...ci('- run: pytest\n', BARE) } },
    missing: {
      'tests without the database': { ...PY, ...ci('- run: pytest\n') },
      'a service that no test runs beside': { ...PY, ...ci('- run: make lint\n', HEALTHY) },
      'tests that can not fail': { ...PY, ...ci('- run: pytest tests/integration || true\n') },
      'on a schedule': { ...PY, ...ci('- run: pytest tests/integration\n', HEALTHY, 'on:\n  schedule: [{cron: 1 2 * * *}]') },
      'left out': { ...PY, ...ci('- run: pytest -m "not integration" --ignore tests/integration\n') },
      'compiled, not run': { ...PY, 'go.mod': '', 'a.go': '', ...ci('- run: go test -c -o /dev/null ./integration\n') },
      'called so': { ...PY, ...ci('- name: Integration tests\n  run: echo integration\n') },
      'left out of all tests': { 'package.json': '{"scripts":{"test":"jest --testPathIgnorePatterns=integration"}}', 'test/integration/a.test.js': '', ...ci('- run: npx jest --testPathIgnorePatterns=integration\n') },
    },
    notApplicable: { 'a step that is called so': { 'a.py': '', ...ci('- name: Integration tests\n  run: echo later\n') }, 'no database': { 'package.json': '{"dependencies":{"express":"5"}}', 'a.js': '', 'test/a.test.js': '' } },
  });

  it('does not know whether Go runs a file that can not be read', () => {
    const files: Files = { 'go.mod': '', 'a.go': '', 'a_integration_test.go': '//go:build integration\npackage a\n', ...ci('- run: go test ./...\n') };
    assert.equal(result('integration-tests', files), 0);
    assert.equal(result('integration-tests', { ...files, 'a_integration_test.go': 'package a\n' }), 1);
  });
  it('looks where the command stands', () => {
    const of = (steps: string) => result('integration-tests', { 'go.mod': '', 'a.go': '', 'store/a_integration_test.go': 'package store\n', ...ci(steps) });
    assert.equal(of('- run: go test ./...\n'), 1);
    assert.equal(of('- run: |\n    cd store/inner\n    go test -race ../...\n'), 1);
    assert.equal(of('- run: go test ./...\n  working-directory: ./store\n'), 1);
    assert.equal(of('- run: |\n    cd web/tests\n    go test -race ../...\n'), 0);
    assert.equal(of('- run: go test ./...\n  working-directory: web\n'), 0);
    assert.equal(of('- run: |\n    cd "$FOLDER"\n    go test ./...\n'), 1);
  });
  it('does not know what Go is told to test where that is computed', () => {
    const files: Files = { 'go.mod': '', 'a.go': '', 'store/a_integration_test.go': 'package store\n', ...ci('- run: go test -race `go list ./... | grep -v slow`\n') };
    assert.equal(result('integration-tests', files), 'unknown');
  });
  it('asks about the command that tests before a step that is only called so, and takes a report of JUnit for no unit test', () => {
    const files: Files = { 'go.mod': '', 'a.go': '', 'store/a_integration_test.go': '//go:build integration\npackage store\n',
      ...ci('- name: Run corpus tests\n  run: bin/corpus\n- run: gotestsum --junitfile out.xml -- -race $(go list ./...)\n') };
    const { result: found, lookedFor } = verdict('integration-tests', files)!;
    assert.deepEqual([found, lookedFor], ['unknown', ['whether store/a_integration_test.go is part of what gotestsum runs, which could not be told']]);
    const all = { 'go.mod': '', 'a.go': '', 'store/a_integration_test.go': 'package store\n' };
    assert.equal(result('integration-tests', { ...all, ...ci('- run: gotestsum --junitfile out.xml ./...\n') }), 1);
  });
  it('does not know what a script of the repository runs', () => {
    const files: Files = { 'a.c': '', 'tests/integration/load.tcl': '', 'tests/unit/a.tcl': '', ...ci('- run: ./runtests --fast\n') };
    assert.equal(result('integration-tests', { ...files, runtests: '' }), 'unknown');
    assert.equal(result('integration-tests', { ...files, ...ci('- run: make build\n') }), 0);
  });
  it('says why integration tests don’t count', () => {
    assert.match(verdict('integration-tests', { ...PY, ...ci('- run: pytest tests/integration\n  continue-on-error: true\n') })!.lookedFor[1]!, /continue-on-error/);
  });

  it('adds the services that are named, healthy and by digest', async () => {
    const text = await judged('integration-tests', PY);
    assert.match(text, /postgres:17-alpine@sha256:[0-9a-f]{64}/);
    assert.match(text, /redis:7-alpine@sha256:[0-9a-f]{64}/);
    assert.equal(text.match(/--health-cmd/g)?.length, 2);
    assert.match(text, /DATABASE_URL: postgresql:\/\/ci@localhost:5432\/ci\n[^]*REDIS_URL: /);
    assert.equal(commands(text).at(-1), 'python -m pytest');
  });
  it('takes the script, the folder and the database of each stack', async () => {
    assert.equal(commands(await judged('integration-tests', { 'package.json': '{"dependencies":{"mysql2":"3"},"scripts":{"test":"jest","test:integration":"jest it"}}', 'package-lock.json': '{}', 'a.js': '' })).at(-1), 'npm run test:integration');
    assert.match(await judged('integration-tests', { 'go.mod': 'require github.com/go-sql-driver/mysql v1\n', 'a.go': '' }), /mysql:8\.4@sha256:[^]*mysqladmin ping/);
    assert.equal(commands(await judged('integration-tests', { ...PY, 'tests/integration/test_b.py': '' })).at(-1), 'python -m pytest tests/integration');
    await judged('integration-tests', { Gemfile: "gem 'pg'\n", 'Gemfile.lock': '', 'spec/a_spec.rb': '', 'a.rb': '' });
    await judged('integration-tests', { 'composer.json': '{"require":{"predis/predis":"2","ext-redis":"*"}}', 'a.php': '' });
    await judged('integration-tests', { 'Cargo.toml': '[dependencies]\ntokio-postgres = "0.7"\n', 'src/lib.rs': '' });
    await judged('integration-tests', { 'build.gradle': "implementation 'org.postgresql:postgresql:42'", gradlew: '', 'src/main/java/A.java': '' });
    await judged('integration-tests', { 'a.csproj': '<PackageReference Include="Npgsql" />', 'a.cs': '' });
  });
  it('refuses where nothing names a service', () => {
    assert.match(refusalOf('integration-tests', { 'go.mod': '', 'a.go': '', 'a_integration_test.go': '//go:build integration\n' }), /names PostgreSQL, MySQL or Redis/);
    assert.ok(planOf('integration-tests', PY).todo.some(t => t.includes('DATABASE_URL')));
  });
});
