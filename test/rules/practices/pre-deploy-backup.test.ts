import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { withTools } from '../../support/tools';
import { deploys } from './deploys';
import { wellFormed, Workbench } from './run-script';
import { practice, practiceCases, repository } from './support';

const MIGRATE = '- run: alembic upgrade head\n', DUMP = '- run: pg_dump --file backup.dump "$DATABASE_URL"\n';

describe('pre-deploy-backup', () => {
  practiceCases('pre-deploy-backup', {
    met: {
      'a dump': deploys(DUMP + MIGRATE),
      'a snapshot in a job that it needs': deploys(MIGRATE, { job: '    needs: save\n', jobs: '  save:\n    runs-on: x\n    steps:\n      - run: aws rds create-db-snapshot --db-instance-identifier x --db-snapshot-identifier y\n' }),
      'in the same script': deploys('- run: |\n    gcloud sql backups create --instance x\n    npx prisma migrate deploy\n'),
      'in a container': deploys('- run: kubectl exec db-0 -- pg_dump app > dump.sql\n- run: python manage.py migrate\n'),
    },
    partial: { 'one of two': deploys(DUMP + MIGRATE, { jobs: '  other:\n    runs-on: x\n    steps:\n      - run: npx knex migrate:latest\n' }) },
    missing: {
      'nothing': deploys(MIGRATE),
      'behind it': deploys(MIGRATE + DUMP),
      'swallowed': deploys(`- run: pg_dump "$DATABASE_URL" > x || true\n${MIGRATE}`),
      'soft': deploys(`${DUMP}  continue-on-error: true\n${MIGRATE}`),
      'a decoy': deploys(`- name: Back up the database with pg_dump\n  run: echo saved\n${MIGRATE}`),
    },
    notApplicable: {
      'nothing migrates': deploys('- run: kubectl apply -f k8s\n'),
      'a test database': deploys(MIGRATE, { job: '    services:\n      db:\n        image: postgres\n' }),
      'a proposal': deploys(MIGRATE, { on: 'on: pull_request' }),
    },
  });

  it('takes the database from the migration', () => {
    const plan = practice('pre-deploy-backup').scaffold!.plan(repository(deploys('- uses: actions/checkout@v4\n- run: alembic upgrade head\n  env:\n    DATABASE_URL: ${{ secrets.PROD_DB }}\n', { job: '    environment: production\n' })));
    assert.ok(!('refused' in plan));
    const text = plan.changes[0]!.newText;
    assert.match(text, /DATABASE_URL: \$\{\{ secrets\.PROD_DB \}\}\n {10}BACKUP_DESTINATION: \$\{\{ vars\.BACKUP_DESTINATION \}\}\n {10}DEPLOY_ENVIRONMENT: production\n/);
    assert.ok(text.indexOf('pre-deploy-backup.sh') < text.indexOf('alembic'));
    assert.equal(practice('pre-deploy-backup').evidence(repository(Object.fromEntries(plan.changes.map(c => [c.path, c.newText])))).result, 1);
  });

  describe('pre-deploy-backup.sh', () => {
    wellFormed('pre-deploy-backup.sh');
    const PG = { DATABASE_URL: 'postgres://u:p@h/db', GITHUB_SHA: 'a'.repeat(40), GITHUB_RUN_ID: '5' };
    const bench = (dump: string): Workbench => {
      const b = new Workbench('pre-deploy-backup.sh');
      b.standIn('pg_dump', `for a in "$@"; do case "$a" in --file=*) printf '${dump}' >"\${a#--file=}" ;; esac; done`);
      b.standIn('mysqldump', 'for a in "$@"; do case "$a" in --result-file=*) echo dump >"${a#--result-file=}" ;; --defaults-extra-file=*) cp "${a#*=}" "$STAND_IN_DIR/my.cnf" ;; esac; done');
      b.standIn('aws');
      return b;
    };
    it('saves a dump with what it is', async () => {
      const b = bench('rows');
      try {
        const { code, out } = await b.script('pre-deploy-backup.sh', [], { ...PG, BACKUP_DESTINATION: join(b.dir, 'safe') });
        assert.equal(code, 0, out);
        const files = readdirSync(join(b.dir, 'safe')).sort();
        assert.equal(files.length, 2);
        const note = JSON.parse(b.read(`safe/${files.find(f => f.endsWith('.json'))!}`)) as Record<string, unknown>;
        assert.equal(note['commit'], PG.GITHUB_SHA);
        assert.equal(note['bytes'], 4);
        assert.equal(note['sha256'], createHash('sha256').update('rows').digest('hex'));
        assert.match(b.read('output'), /^backup=.*\.dump\n$/);
      } finally { b.remove(); }
    });
    it('refuses an empty dump, a dump that fails, and what it has no place for', async () => {
      const b = bench('');
      try {
        const empty = await b.script('pre-deploy-backup.sh', [], { ...PG, BACKUP_DESTINATION: join(b.dir, 'safe') });
        assert.equal(empty.code, 1);
        assert.match(empty.out, /empty/);
        b.standIn('pg_dump', 'exit 3');
        assert.equal((await b.script('pre-deploy-backup.sh', [], { ...PG, BACKUP_DESTINATION: join(b.dir, 'safe') })).code, 3);
        assert.notEqual((await b.script('pre-deploy-backup.sh', [], PG)).code, 0);
        b.standIn('pg_dump', 'for a in "$@"; do case "$a" in --file=*) echo x >"${a#--file=}" ;; esac; done');
        assert.equal((await b.script('pre-deploy-backup.sh', [], { ...PG, BACKUP_DESTINATION: 'ftp://x' })).code, 2);
        assert.deepEqual(b.read('safe'), '');
      } finally { b.remove(); }
    });
    it('stores in S3, and keeps passwords out of arguments', async () => {
      const b = bench('rows');
      try {
        const { code, out } = await b.script('pre-deploy-backup.sh', [], { ...PG, DATABASE_URL: 'mysql://shop:hunter2@db:3307/orders?ssl=1', BACKUP_DESTINATION: 's3://bucket/x/' });
        assert.equal(code, 0, out);
        assert.ok(b.calls().some(c => /^aws s3 cp \S+ s3:\/\/bucket\/x\/ --recursive/.test(c)));
        assert.ok(b.calls().some(c => /^mysqldump .* orders$/.test(c)));
        assert.doesNotMatch(b.calls().join('\n') + out, /hunter2/);
        assert.match(b.read('my.cnf'), /user="shop"\npassword="hunter2"\nhost="db"\nport="3307"/);
      } finally { b.remove(); }
    });
    withTools('sqlite3')('saves a real SQLite database', async () => {
      const b = bench('');
      try {
        await b.run('sqlite3', ['app.db', 'create table t(x); insert into t values (42);']);
        const { code, out } = await b.script('pre-deploy-backup.sh', [], { ...PG, DATABASE_URL: `sqlite:///${b.dir}/app.db`, BACKUP_DESTINATION: join(b.dir, 'safe') });
        assert.equal(code, 0, out);
        const dump = readdirSync(join(b.dir, 'safe')).find(f => f.endsWith('.dump'))!;
        assert.equal((await b.run('sqlite3', [join('safe', dump), 'select x from t'])).out.trim(), '42');
      } finally { b.remove(); }
    });
  });
});
