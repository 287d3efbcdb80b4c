/** Databases: which the code talks to, which of them a job starts, and how a generated job starts them. */
import type { Repository } from '../../repository';
import { asMapping, getEntry, scalarText } from '../../workflow/nodes';
import type { CiJob } from './ci';
import { toolCalls } from './commands';
import { isCompose, manifestTexts } from './web';

export type Database = 'postgres' | 'mysql' | 'redis';

const CLIENTS: Readonly<Record<Database, RegExp>> = {
  postgres: /\b(?:psycopg(?:2|\[binary\])?|psycopg2-binary|asyncpg|pg8000|pgx|npgsql|tokio-postgres|diesel_postgres|postgres(?:ql)?)\b|"pg"|lib\/pq|gem ['"]pg['"]/i,
  mysql: /\b(?:mysqlclient|pymysql|aiomysql|mysql2?|mariadb|mysql-connector(?:-j|-java|-python)?)\b/i,
  redis: /\b(?:ioredis|redis|valkey|go-redis|jedis|lettuce|sidekiq|bullmq)\b/i,
};

/** What the manifests, compose files and settings name. */
export function databases(repo: Repository): Database[] {
  const texts = manifestTexts(repo);
  return (Object.keys(CLIENTS) as Database[]).filter(d => texts.some(m => CLIENTS[d].test(m.text)));
}

/** Files that name a database, for a sentence. */
export function databaseFile(repo: Repository): string | undefined {
  return manifestTexts(repo).find(m => Object.values(CLIENTS).some(c => c.test(m.text)))?.path;
}

export interface Started { readonly name: string; /** Waits until it answers, or is started by something that does. */ readonly healthy: boolean }

const SQL = /postgres|postgis|timescale|pgvector|mysql|mariadb|percona|mssql|sql-?server|azure-sql|oracle|cockroach|clickhouse|mongo|db2|yugabyte|tidb|supabase/i;
const ACTION = /(?:setup|start|action)[-_]?(?:postgres|mysql|mariadb|mongodb?|redis|mssql)|(?:postgres|postgresql|mysql|mariadb|mongodb|redis)[-_]?(?:setup|github-action|action)|rootless-docker|setup-supabase|supabase\/setup-cli/i;

/** What a job has running beside its steps: service containers, compose, containers, servers of the runner. */
export function startedBy(repo: Repository, job: CiJob): Started[] {
  const found: Started[] = [];
  const services = asMapping(job.job.services?.value);
  for (const entry of services?.entries ?? []) {
    const map = asMapping(entry.value);
    const image = scalarText(getEntry(map, 'image')?.value) ?? scalarText(entry.value) ?? entry.key.value;
    found.push({ name: image.includes('${{') ? entry.key.value : image,
      healthy: /--health-cmd/.test(scalarText(getEntry(map, 'options')?.value) ?? '') });
  }
  // A mapping that an expression makes can't be looked into.
  if (job.job.services && !services) found.push({ name: 'services', healthy: true });
  for (const s of job.steps) {
    if (s.step.uses?.kind === 'repository' && ACTION.test(s.step.uses.slug)) found.push({ name: s.step.uses.slug, healthy: true });
    for (const { tool, args } of toolCalls(repo, s)) {
      if ((tool === 'docker' && args[0] === 'compose' && args.some(a => a === 'up' || a === 'run' || a === 'start'))
        || (tool === 'docker-compose' && args.some(a => a === 'up' || a === 'run')))
        found.push({ name: 'docker compose', healthy: true });
      else if ((tool === 'docker' || tool === 'podman') && args[0] === 'run'
        && args.some(a => SQL.test(a) || /redis|valkey/.test(a))) found.push({ name: 'docker run', healthy: true });
      else if ((tool === 'systemctl' || tool === 'service') && args.some(a => SQL.test(a)
        || /^redis/.test(a))) found.push({ name: args.find(a => SQL.test(a)) ?? 'redis', healthy: true });
      else if (tool === 'supabase' && args[0] === 'start') found.push({ name: 'supabase', healthy: true });
    }
  }
  return found;
}

/** One that keeps tables. Compose files and expressions could hold any. */
export function isDatabase(s: Started, repo: Repository): boolean {
  if (s.name !== 'docker compose') return SQL.test(s.name) || s.name === 'services' || s.name === 'docker run'
    || /^(?:db|database)$/.test(s.name);
  const texts = manifestTexts(repo).filter(m => isCompose(m.path));
  return texts.length === 0 || texts.some(m => SQL.test(m.text));
}

/** Official images by the digest of their index, for every platform: a tag can be moved. */
const IMAGES: Readonly<Record<Database, string>> = {
  postgres: 'postgres:17-alpine@sha256:742f40ea20b9ff2ff31db5458d127452988a2164df9e17441e191f3b72252193',
  mysql: 'mysql:8.4@sha256:b3b90af2a6552ae30c266fdb7d5dd55f3afb72404bb78d37fe8a23eb857fd3fb',
  redis: 'redis:7-alpine@sha256:6ab0b6e7381779332f97b8ca76193e45b0756f38d4c0dcda72dbb3c32061ab99',
};
const PORTS: Readonly<Record<Database, number>> = { postgres: 5432, mysql: 3306, redis: 6379 };
const HEALTH: Readonly<Record<Database, string>> = { postgres: 'pg_isready --username ci', mysql: 'mysqladmin ping --silent',
  redis: 'redis-cli ping' };
/** The databases hold nothing, live as long as the job, and let everybody in: no password to keep. */
const SETTINGS: Readonly<Record<Database, readonly string[]>> = {
  postgres: ['POSTGRES_USER: ci', 'POSTGRES_DB: ci', 'POSTGRES_HOST_AUTH_METHOD: trust'],
  mysql: ["MYSQL_ALLOW_EMPTY_PASSWORD: 'yes'", 'MYSQL_DATABASE: ci'],
  redis: [],
};

/** `services:` of a job, with health checks. */
export function serviceLines(wanted: readonly Database[]): string[] {
  return ['services:', ...wanted.flatMap(d => [
    `  ${d}:`, `    image: ${IMAGES[d]}`,
    ...(SETTINGS[d].length > 0 ? ['    env:', ...SETTINGS[d].map(l => `      ${l}`)] : []),
    '    ports:', `      - ${PORTS[d]}:${PORTS[d]}`,
    '    options: >-', `      --health-cmd "${HEALTH[d]}"`, '      --health-interval 5s', '      --health-timeout 5s',
      '      --health-retries 20',
  ])];
}

/** Variables by which most programs find them. `scheme` for those whose drivers have names of their own. */
export function databaseEnv(wanted: readonly Database[], scheme?: string): string[] {
  const lines: string[] = [];
  if (wanted.includes('postgres')) lines.push(`DATABASE_URL: ${scheme ?? 'postgresql'}://ci@localhost:5432/ci`, 'PGHOST: localhost',
    'PGUSER: ci', 'PGDATABASE: ci');
  else if (wanted.includes('mysql')) lines.push(`DATABASE_URL: ${scheme ?? 'mysql'}://root@127.0.0.1:3306/ci`);
  if (wanted.includes('redis')) lines.push('REDIS_URL: redis://localhost:6379/0');
  return lines;
}
