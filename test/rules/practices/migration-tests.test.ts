import assert from 'node:assert/strict';
import { commands, judged, refusalOf } from './judge';
import { practiceCases, result, workflow, type Files } from './support';

const WORKFLOW = '.github/workflows/ci.yml';
const ALEMBIC: Files = { 'alembic.ini': '[alembic]\n', 'migrations/env.py': '', 'requirements.txt': 'alembic==1\npsycopg2==2\n', 'app.py': '' };
const DB = '    services:\n      db:\n        image: postgres:17\n        options: --health-cmd pg_isready\n';
const ci = (steps: string, job = DB, on?: string): Files => ({ [WORKFLOW]: workflow(steps, { job, on }) });
const UP = '- run: alembic upgrade head\n', DOWN = '- run: alembic downgrade base\n';
const PRISMA: Files = { 'package.json': '{"dependencies":{"prisma":"6","pg":"8"},"scripts":{"test":"jest"}}', 'package-lock.json': '{}', 'prisma/schema.prisma': 'provider = "postgresql"', 'prisma/migrations/1_init/migration.sql': '', 'a.js': '' };
const DJANGO: Files = { 'manage.py': '', 'shop/migrations/0001_initial.py': '', 'blog/migrations/0001_initial.py': '', 'requirements.txt': 'django==5\npsycopg==3\n', 'shop/models.py': '' };

describe('migration-tests', () => {
  practiceCases('migration-tests', {
    met: {
      'Alembic, up, down and up': { ...ALEMBIC, ...ci(UP + DOWN + UP) },
      'in one script': { ...ALEMBIC, ...ci('- run: |\n    uv run alembic upgrade head\n    uv run alembic downgrade base\n    uv run alembic upgrade head\n') },
      'Django, back to zero': { ...DJANGO, ...ci('- run: python manage.py migrate\n- run: python manage.py migrate shop zero\n- run: ./manage.py migrate\n') },
      'Prisma, compared instead': { ...PRISMA, ...ci('- run: npx prisma migrate deploy\n- run: npx prisma migrate diff --exit-code\n- run: npx prisma migrate deploy\n') },
      'Rails with docker compose': { 'db/migrate/20240101000000_a.rb': '', Gemfile: "gem 'pg'", ...ci('- run: docker compose up -d db\n- run: bin/rails db:migrate\n- run: bin/rails db:rollback STEP=3\n- run: bin/rails db:migrate\n', '') },
    },
    partial: {
      'up alone': { ...ALEMBIC, ...ci(UP) },
      'up and down': { ...ALEMBIC, ...ci(UP + DOWN) },
      'tests of Django': { ...DJANGO, ...ci('- run: python manage.py test\n') },
    },
    missing: {
      nothing: ALEMBIC,
      'no database': { ...ALEMBIC, ...ci(UP + DOWN + UP, '') },
      'a database that keeps no tables': { ...ALEMBIC, ...ci(UP + DOWN + UP, '    services:\n      cache: { image: redis:7 }\n') },
      'failures are thrown away': { ...ALEMBIC, ...ci('- run: alembic upgrade head || true\n') },
      'after the merge': { ...ALEMBIC, ...ci(UP + DOWN + UP, DB, 'on:\n  push:\n    branches: [main]') },
      'SQL that is printed': { ...ALEMBIC, ...ci('- run: alembic upgrade head --sql\n') },
      'called so': { ...ALEMBIC, ...ci('- name: alembic upgrade head\n  run: echo alembic downgrade base\n') },
    },
    notApplicable: { 'no migrations': { 'a.py': '', 'requirements.txt': 'sqlalchemy' }, 'bird migrations': { 'src/migrations/birds.py': '' }, 'Django apps of a library': { 'lib/migrations/0001_initial.py': '' } },
  });

  it('counts thirds, in one job', () => {
    assert.equal(result('migration-tests', { ...ALEMBIC, ...ci(UP) }), 1 / 3);
    assert.equal(result('migration-tests', { ...ALEMBIC, ...ci(UP + DOWN) }), 2 / 3);
    const apart = `on: pull_request\njobs:\n${['up', 'down'].map(j => `  ${j}:\n    runs-on: x\n${DB}    steps:\n      - run: alembic ${j}grade head\n`).join('')}`;
    assert.equal(result('migration-tests', { ...ALEMBIC, [WORKFLOW]: apart }), 1 / 3);
  });

  const runs = async (files: Files): Promise<string[]> => commands(await judged('migration-tests', files)).filter(c => !/install|sync|corepack/.test(c));
  it('adds the job for Alembic, with pip, Poetry and uv', async () => {
    assert.deepEqual(await runs(ALEMBIC), ['alembic upgrade head', 'alembic downgrade base', 'alembic upgrade head']);
    assert.deepEqual((await runs({ 'alembic.ini': '', 'pyproject.toml': '[tool.poetry]', 'poetry.lock': '', 'a.py': '' }))[1], 'poetry run alembic downgrade base');
    assert.deepEqual((await runs({ 'api/alembic.ini': '', 'api/pyproject.toml': '', 'api/uv.lock': '', 'api/a.py': '' }))[1], 'uv run alembic downgrade base');
  });
  it('adds the job for Django, with every app taken back', async () => {
    assert.deepEqual(await runs(DJANGO), ['python manage.py migrate --noinput', 'python manage.py migrate --noinput blog zero', 'python manage.py migrate --noinput shop zero',
      'python manage.py migrate --noinput', 'python manage.py makemigrations --check --dry-run']);
  });
  it('adds the job for Prisma, Knex, Rails and Flyway', async () => {
    assert.ok((await runs(PRISMA)).includes('npx prisma migrate deploy'));
    assert.ok((await runs({ 'knexfile.js': '', 'package.json': '{"dependencies":{"knex":"3","mysql2":"3"}}', 'pnpm-lock.yaml': '', 'migrations/1_a.js': '' })).includes('pnpm exec knex migrate:rollback --all'));
    const rails = await judged('migration-tests', { 'db/migrate/20240101000000_a.rb': '', Gemfile: "gem 'mysql2'", 'Gemfile.lock': '' });
    assert.match(rails, /DATABASE_URL: mysql2:\/\//);
    assert.ok(commands(rails).includes('bin/rails db:migrate VERSION=0'));
    const flyway = await judged('migration-tests', { 'src/main/resources/db/migration/V1__init.sql': '', 'pom.xml': '<artifactId>postgresql</artifactId>' });
    assert.match(flyway, /FLYWAY_URL: jdbc:postgresql[^]* migrate\n[^]* validate\n[^]* clean\n[^]* migrate\n/);
  });
  it('refuses what it does not know, by name', () => {
    assert.match(refusalOf('migration-tests', { 'drizzle.config.ts': '', 'package.json': '{}' }), /migrations of drizzle have no generated test/);
    assert.match(refusalOf('migration-tests', { 'alembic.ini': '' }), /No manifest was found/);
  });
});
