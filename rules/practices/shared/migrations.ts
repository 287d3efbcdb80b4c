/** Migration tools: told from the files they keep, and from what their commands do. */
import { basename, dirname, isSample, isVendored, type Repository } from '../../repository';
import type { ToolCall } from './commands';

export type MigrationTool = 'alembic' | 'django' | 'prisma' | 'flyway' | 'rails' | 'knex'
  | 'liquibase' | 'laravel' | 'ef' | 'typeorm' | 'sequelize' | 'drizzle' | 'golang-migrate' | 'goose' | 'diesel' | 'sqlx';
export interface Migrations { readonly tool: MigrationTool; /** The file that says so. */ readonly file: string; /** Where its commands are run. */ readonly dir: string }

const up = (dir: string, levels: number): string => { for (; levels > 0; levels--) dir = dirname(dir); return dir; };

/** The tools in use, each once, by the file nearest to the root. */
export function migrations(repo: Repository): readonly Migrations[] {
  let found = known.get(repo);
  if (!found) known.set(repo, found = detect(repo));
  return found;
}
const known = new WeakMap<Repository, readonly Migrations[]>();

function detect(repo: Repository): Migrations[] {
  const byTool = new Map<MigrationTool, Migrations>();
  for (const file of repo.files) {
    if (isVendored(file) || isSample(file) || file.startsWith('.')) continue;
    const m = detectIn(repo, file), other = m && byTool.get(m.tool);
    if (m && (!other || m.dir.split('/').length < other.dir.split('/').length)) byTool.set(m.tool, m);
  }
  return [...byTool.values()];
}

function detectIn(repo: Repository, file: string): Migrations | undefined {
  const base = basename(file), dir = dirname(file);
  const at = (d: string, name: string): string => d === '' ? name : `${d}/${name}`;
  if (base === 'alembic.ini') return { tool: 'alembic', file, dir };
  if (/^0001_\w+\.py$/.test(base) && basename(dir) === 'migrations') {
    // The project's root is the folder of manage.py, somewhere above the app. Without one it is a library's.
    for (let d = up(dir, 2); ; d = dirname(d)) {
      if (repo.has(at(d, 'manage.py'))) return { tool: 'django', file, dir: d };
      if (d === '') return undefined;
    }
  }
  if (base === 'migration.sql' && /(?:^|\/)prisma\/migrations\/[^/]+$/.test(dir)) return { tool: 'prisma', file, dir: up(dir, 3) };
  if (/^[VU]\d[\w.]*__\w[^/]*\.sql$/.test(base)) return { tool: 'flyway', file, dir };
  if (/^\d{8,14}_\w+\.rb$/.test(base) && /(?:^|\/)db\/migrate$/.test(dir)) return { tool: 'rails', file, dir: up(dir, 2) };
  if (/^knexfile\.[cm]?[jt]s$/.test(base)) return { tool: 'knex', file, dir };
  if (/^(?:db\.)?changelog[\w.-]*\.(?:xml|ya?ml|json|sql)$/i.test(base)
    && /(?:^|\/)(?:db|liquibase)\//.test(file)) return { tool: 'liquibase', file, dir };
  if (/^\d{4}_\d{2}_\d{2}_\d{6}_\w+\.php$/.test(base) && /(?:^|\/)database\/migrations$/.test(dir)) return { tool: 'laravel', file,
    dir: up(dir, 2) };
  if (/^\d{14}_\w+\.Designer\.cs$/.test(base)) return { tool: 'ef', file, dir };
  if (base === '.sequelizerc') return { tool: 'sequelize', file, dir };
  if (/^drizzle\.config\.[cm]?[jt]s$/.test(base)) return { tool: 'drizzle', file, dir };
  if (/^ormconfig\.(?:json|[jt]s)$/.test(base)) return { tool: 'typeorm', file, dir };
  if (/^\d+_\w+\.up\.sql$/.test(base)) return { tool: repo.files.some(f => dirname(f) === up(dir, 1) && basename(f) === 'Cargo.toml')
    ? 'sqlx' : 'golang-migrate', file, dir };
  if (base === 'diesel.toml') return { tool: 'diesel', file, dir };
  return undefined;
}

export type MigrationDeed = 'up' | 'down' | 'check';

/** What a command does to the schema; undefined for all others. */
export function migrationDeed({ tool, args }: ToolCall): MigrationDeed | undefined {
  const words = args.filter(a => !a.startsWith('-')), [a, b] = words;
  const has = (x: string): boolean => args.includes(x);
  switch (tool) {
    case 'alembic': return a === 'upgrade' ? has('--sql') ? undefined : 'up'
      : a === 'downgrade' ? has('--sql') ? undefined : 'down' : a === 'check' ? 'check' : undefined;
    case 'flask': return a === 'db' ? b === 'upgrade' ? 'up' : b === 'downgrade' ? 'down' : b === 'check' ? 'check' : undefined : undefined;
    case 'manage.py': case 'django-admin': case 'python': case 'python3': {
      const [command, , target] = a !== undefined && /(?:^|\/)manage\.py$/.test(a) ? words.slice(1)
        : tool.startsWith('python') ? [] : words;
      if (command === 'migrate') return has('--check') || has('--plan') ? 'check' : target !== undefined ? 'down' : 'up';
      return command === 'makemigrations' && (has('--check') || has('--dry-run')) ? 'check' : undefined;
    }
    case 'prisma': return a === 'migrate' ? b === 'deploy' || b === 'dev' ? 'up'
      : b === 'reset' ? 'down' : b === 'diff' || b === 'status' ? 'check' : undefined : undefined;
    case 'flyway': return has('migrate') ? 'up' : has('undo') || has('clean') ? 'down' : has('validate') ? 'check' : undefined;
    case 'mvn': case 'mvnw': return has('flyway:migrate') || has('liquibase:update') ? 'up'
      : has('flyway:clean') || has('flyway:undo') || has('liquibase:rollback') ? 'down' : undefined;
    case 'gradle': case 'gradlew': return has('flywayMigrate') ? 'up' : has('flywayClean') || has('flywayUndo') ? 'down' : undefined;
    case 'rails': case 'rake': return has('db:migrate') && has('VERSION=0') ? 'down'
      : has('db:migrate') || has('db:prepare') ? 'up' : args.some(x => /^db:(?:rollback|migrate:(?:down|redo|reset)|reset)$/.test(x))
      ? 'down' : undefined;
    case 'knex': return a === 'migrate:latest' || a === 'migrate:up' ? 'up'
      : a === 'migrate:rollback' || a === 'migrate:down' ? 'down' : undefined;
    case 'artisan': case 'php': return has('migrate') || has('migrate:fresh') ? 'up'
      : has('migrate:rollback') || has('migrate:reset') || has('migrate:refresh') ? 'down' : undefined;
    case 'dotnet': return a === 'ef' && b === 'database' && has('update') ? words.length > 3 ? 'down' : 'up' : undefined;
    case 'typeorm': case 'typeorm-ts-node-commonjs': return a === 'migration:run' ? 'up' : a === 'migration:revert' ? 'down' : undefined;
    case 'sequelize': case 'sequelize-cli': return a === 'db:migrate' ? 'up' : a?.startsWith('db:migrate:undo') ? 'down' : undefined;
    case 'drizzle-kit': return a === 'migrate' || a === 'push' ? 'up' : a === 'check' ? 'check' : undefined;
    case 'migrate': case 'goose': case 'dbmate': case 'liquibase': return words.some(w => w === 'up' || w === 'update') ? 'up'
      : words.some(w => w === 'down' || w === 'reset' || w === 'rollback' || w === 'rollback-count' || w === 'redo') ? 'down' : undefined;
    case 'diesel': return a === 'migration' ? b === 'run' ? 'up' : b === 'redo' || b === 'revert' ? 'down' : undefined : undefined;
    case 'sqlx': return a === 'migrate' || a === 'mig' ? b === 'run' ? 'up' : b === 'revert' ? 'down' : undefined : undefined;
    default: return undefined;
  }
}
