import { definePractice } from '../practice';
import type { Repository } from '../../repository';
import { deedsOf } from '../../checks/shared/deeds';
import { PROPOSALS } from '../../checks/shared/deploy-gate';
import { jobKinds, stepKinds } from '../../checks/shared/job-kind';
import type { Span } from '../../workflow/nodes';
import { type CiJob, type CiStep } from '../shared/ci';
import { jobsAhead, softStep, startedJobs } from '../shared/deployments';
import { linesOf, type Line } from '../shared/lines';
import { ratio } from '../shared/verdict';
import { backupScaffold } from './scaffolds/backup';

/** A step that changes the schema or the data of a database that people use. */
export interface Migration { readonly job: CiJob; readonly step: CiStep; readonly what: string; readonly at: Span }

const BACKUP = /^(?:pg_dump(?:all)?|mysqldump|mariadb-dump|mongodump|xtrabackup|wal-g backup-push|pgbackrest .*backup|barman backup|restic backup|velero (?:backup create|create backup)|sqlite3 .*\.backup|aws (?:rds create-db-(?:cluster-)?snapshot|dynamodb create-backup|backup start-backup-job|ec2 create-snapshot)|gcloud sql backups create|gcloud sql export|az (?:postgres|mysql|sql)(?: \S+)* (?:backup create|export)|heroku pg:backups:capture|heroku pg:backups capture|supabase db dump|turso db shell .*dump|pscale backup create|fly(?:ctl)? (?:postgres )?(?:volumes snapshots create|backup)|doctl databases backups|neonctl branches create|cockroach .*backup)/;
const INSIDE = /\b(?:pg_dump|mysqldump|mongodump)\b/;

function backsUp(line: Line): boolean {
  return !line.soft && (BACKUP.test(line.text) || (/^(?:docker|kubectl|ssh|fly|flyctl)$/.test(line.words[0]!) && INSIDE.test(line.raw)));
}

/** What migrates in jobs that propose nothing: a test database needs no backup. */
export function migrations(repo: Repository): Migration[] {
  const found: Migration[] = [];
  for (const job of startedJobs(repo)) {
    if (!jobKinds(job.job).has('migrate') || job.job.services || !job.triggers.some(t => !PROPOSALS.has(t.event))) continue;
    for (const step of job.steps) {
      if (!stepKinds(step.step).has('migrate')) continue;
      const deed = deedsOf(step.step, ['migrate'])[0];
      found.push({ job, step, what: deed?.what ?? 'a migration', at: deed?.at ?? step.step.item });
      break;
    }
  }
  return found;
}

function backupOf(repo: Repository, m: Migration): Line | undefined {
  const own = linesOf(repo, m.step), at = own.findIndex(l => /migrat|upgrade|push/.test(l.text) && !backsUp(l));
  const ahead = [...jobsAhead(repo, m.job).flatMap(j => j.steps), ...m.job.steps.slice(0, m.job.steps.indexOf(m.step))].filter(s => !softStep(s));
  return [...own.slice(0, Math.max(0, at)), ...ahead.flatMap(s => linesOf(repo, s))].find(backsUp);
}

export default definePractice({
  id: 'pre-deploy-backup',
  title: 'Backup before a migration',
  category: 'Reliability',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'The database is saved before a deployment migrates it.',
    why: 'A program can be rolled back in a minute; a column that was dropped is gone unless somebody has saved it.',
    references: [
      'https://www.postgresql.org/docs/current/app-pgdump.html',
      'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CreateSnapshot.html',
    ],
  },
  applies: repo => migrations(repo).length > 0,
  evidence(repo) {
    const all = migrations(repo).map(m => ({ m, backup: backupOf(repo, m) }));
    const open = all.filter(x => x.backup === undefined);
    return ratio(all.length - open.length, all.length,
      all.flatMap(({ m, backup }) => (backup ? [{ path: backup.step.document.path, ...backup.step.document.range(backup.at), text: `${backup.words.slice(0, 3).join(' ')} comes before ${m.what}` }] : [])),
      open.map(({ m }) => `a backup or snapshot ahead of ${m.what} of ${m.job.job.id} in ${m.job.document.path}, whose failure stops it`));
  },
  scaffold: backupScaffold(repo => migrations(repo).filter(m => backupOf(repo, m) === undefined)),
});
