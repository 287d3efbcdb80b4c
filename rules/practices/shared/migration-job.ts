/** The job that runs migrations up, down and up again, for each tool that it is known of. */
import type { Project, Repository } from '../../repository';
import { databaseEnv, databases, serviceLines, type Database } from './databases';
import type { Migrations, MigrationTool } from './migrations';
import { recipe, type Recipe } from './recipes';
import type { JobPlan } from './scaffold';
import { checkoutStep, jobHead, runStep, shellText } from './snippets';

interface Commands {
  /** Names of steps and their commands, in order. */
  readonly steps: readonly (readonly [string, readonly string[]])[];
  readonly scheme?: (db: Database) => string;
  readonly env?: readonly string[];
  readonly todo?: readonly string[];
}

const COMMANDS: Readonly<Partial<Record<MigrationTool, (r: Recipe | undefined, m: Migrations, db: Database,
  repo: Repository) => Commands | undefined>>> = {
  alembic: r => r && {
    steps: [['Upgrade', [r.run('alembic upgrade head')]], ['Downgrade', [r.run('alembic downgrade base')]],
      ['Upgrade again', [r.run('alembic upgrade head')]]],
    todo: ['Let migrations/env.py (or alembic.ini) read DATABASE_URL, and use the driver that the project depends on.'],
  },
  django: (r, m, _db, repo) => r && {
    steps: [['Upgrade', [r.run('python manage.py migrate --noinput')]],
      ['Downgrade', apps(repo, m).map(app => r.run(`python manage.py migrate --noinput ${app} zero`))],
      ['Upgrade again', [r.run('python manage.py migrate --noinput')]],
      ['Look for changes without a migration', [r.run('python manage.py makemigrations --check --dry-run')]]],
    todo: ['Let the settings read DATABASE_URL, and set DJANGO_SETTINGS_MODULE if manage.py doesn’t.',
      'Order the apps of the downgrade so that those that others depend on come last.'],
  },
  prisma: r => r && {
    steps: [['Upgrade', [r.run('prisma migrate deploy')]],
      ['Compare with the schema', [r.run('prisma migrate diff --from-config-datasource --to-schema prisma/schema.prisma --exit-code')]],
      ['Take everything back and upgrade again', [r.run('prisma migrate reset --force'), r.run('prisma migrate deploy')]]],
    todo: ['Prisma before version 7 calls the sides of the comparison --from-schema-datasource prisma/schema.prisma and --to-schema-datamodel prisma/schema.prisma: change the step for it.'],
  },
  flyway: (_r, m, db) => {
    const flyway = (command: string): string => [
      `docker run --rm --network host --volume "$GITHUB_WORKSPACE/"${shellText(m.dir === '' ? '.' : m.dir)}:/flyway/sql:ro`,
      `${FLYWAY} -url="$FLYWAY_URL" -user="$FLYWAY_USER" ${command}`].join(' ');
    return {
      steps: [['Upgrade', [flyway('migrate')]], ['Compare with the files', [flyway('validate')]],
        ['Take everything back and upgrade again', [flyway('-cleanDisabled=false clean'), flyway('migrate')]]],
      env: db === 'mysql' ? ['FLYWAY_URL: jdbc:mysql://127.0.0.1:3306/ci?allowPublicKeyRetrieval=true', 'FLYWAY_USER: root']
        : ['FLYWAY_URL: jdbc:postgresql://localhost:5432/ci', 'FLYWAY_USER: ci'],
    };
  },
  rails: r => r && {
    steps: [['Upgrade', ['bin/rails db:migrate']], ['Downgrade', ['bin/rails db:migrate VERSION=0']],
      ['Upgrade again', ['bin/rails db:migrate']]],
    scheme: db => db === 'mysql' ? 'mysql2' : 'postgresql',
    env: ['RAILS_ENV: test', "DISABLE_DATABASE_ENVIRONMENT_CHECK: '1'"],
  },
  knex: r => r && {
    steps: [['Upgrade', [r.run('knex migrate:latest')]], ['Downgrade', [r.run('knex migrate:rollback --all')]],
      ['Upgrade again', [r.run('knex migrate:latest')]]],
    todo: ['Let the knexfile read DATABASE_URL, and set NODE_ENV to the environment that the job is to use.'],
  },
};

/** A tag of one release: Flyway's own, and never moved. */
const FLYWAY = 'flyway/flyway:11.14.1-alpine';

/** Apps with migrations, by the name of their folder. */
function apps(repo: Repository, m: Migrations): string[] {
  const prefix = m.dir === '' ? '' : `${m.dir}/`;
  const found = repo.files.filter(f => f.startsWith(prefix) && /(?:^|\/)\w+\/migrations\/0001_\w+\.py$/.test(f))
    .map(f => f.split('/').at(-3)!);
  return [...new Set(found)].filter(a => /^[A-Za-z_]\w*$/.test(a));
}

export function migrationJob(repo: Repository, found: readonly Migrations[],
  projects: readonly Project[]): JobPlan | { readonly refused: string } {
  const m = found.find(x => COMMANDS[x.tool]);
  if (!m) return { refused: `The migrations of ${found[0]?.tool ?? 'this repository'} have no generated test yet: run them up, down and up again in a job with a database service.` };
  const db: Database = databases(repo).includes('mysql') && !databases(repo).includes('postgres') ? 'mysql' : 'postgres';
  const fits: Readonly<Partial<Record<MigrationTool, RegExp>>> = { alembic: /^(?:pip|poetry|pipenv|uv)$/,
    django: /^(?:pip|poetry|pipenv|uv)$/, rails: /^bundler$/, prisma: /^(?:npm|pnpm|yarn|bun)$/, knex: /^(?:npm|pnpm|yarn|bun)$/ };
  const wanted = fits[m.tool];
  const project = wanted && (projects.find(p => p.dir === m.dir && wanted.test(p.manager)) ?? projects.find(p => wanted.test(p.manager)));
  if (wanted && !project) return { refused: `No manifest was found that says how ${m.tool}, which ${m.file} belongs to, is installed.` };
  const r = project && recipe(project, repo), c = COMMANDS[m.tool]!(r, m, db, repo);
  if (!c || c.steps.some(([,
    commands]) => commands.length === 0)) return { refused: `Nothing says how the migrations of ${m.file} are run.` };
  const env = [...databaseEnv([db], c.scheme?.(db)), ...c.env ?? []];
  return {
    jobs: [{ id: 'migration-test', yaml: [...jobHead('Migration test', 20), ...serviceLines([db]), 'env:', ...env.map(l => `  ${l}`),
      'steps:', ...checkoutStep(),
      ...r?.setup ?? [], ...c.steps.flatMap(([name, commands]) => runStep(name, commands, m.tool === 'flyway' ? '' : m.dir))] }],
    explanation: `Adds a job that runs the migrations of ${m.tool} up, down and up again against ${db === 'mysql' ? 'MySQL' : 'PostgreSQL'}.`,
    todo: [...c.todo ?? [], ...r?.todo ?? [], 'Use the version of the database that you run in production.'],
  };
}
