import { definePractice, type Evidence, type Verdict } from '../practice';
import { repoFacts, type Repository } from '../../repository';
import { ciJobs, whyNotGuarding } from '../shared/ci';
import { toolCalls } from '../shared/commands';
import { isDatabase, startedBy } from '../shared/databases';
import { migrationDeed, migrations } from '../shared/migrations';
import { elsewhere } from '../shared/other-ci';
import { jobScaffold } from '../shared/scaffold';
import { sightings } from '../shared/sightings';
import { cut, missing, ratio, unique } from '../shared/verdict';
import { migrationJob } from '../shared/migration-job';

interface Seen { ups: number; /** An `up` after something was taken down, or after another. */ again: boolean; downs: number; checks: number; evidence: Evidence[] }

/** Tools that keep no way back: their schema is compared, or made anew, instead. */
const ONE_WAY = new Set(['prisma', 'flyway', 'drizzle']);

function evidence(repo: Repository): Verdict {
  const problems: string[] = [];
  let best: Seen | undefined;
  const tools = migrations(repo), django = tools.some(t => t.tool === 'django'), oneWay = tools.every(t => ONE_WAY.has(t.tool));
  for (const job of ciJobs(repo)) {
    const seen: Seen = { ups: 0, again: false, downs: 0, checks: 0, evidence: [] };
    const real = startedBy(repo, job).some(s => isDatabase(s, repo));
    for (const s of job.steps) {
      for (const call of toolCalls(repo, s)) {
        const deed = migrationDeed(call);
        if (!deed || !s.step.run) continue;
        const why = whyNotGuarding(s) ?? call.soft ?? (real ? undefined : 'no database is started in its job');
        if (why) { problems.push(`${call.tool} ${call.args.slice(0, 3).join(' ')} in ${s.document.path} doesn't count: ${why}`); continue; }
        if (deed === 'up') { seen.again ||= seen.ups > 0 || seen.downs > 0; seen.ups++; }
        if (deed === 'down') seen.downs++;
        if (deed === 'check') seen.checks++;
        seen.evidence.push({ path: s.document.path, ...s.document.range(s.step.run.entry.key), text: `${call.tool} ${SAYS[deed]}` });
      }
    }
    // Django's tests make their database by running every migration.
    const tests = django && real ? sightings(repo, 'test').filter(t => t.job === job && !t.problem) : [];
    if (seen.ups === 0 && tests[0]) {
      seen.ups = 1;
      seen.evidence.push({ path: tests[0].document.path, ...tests[0].document.range(tests[0].span),
        text: 'the tests make their database with the migrations' });
    }
    if (seen.evidence.length > 0 && (!best || worth(seen, oneWay) > worth(best, oneWay))) best = seen;
  }
  if (!best || worth(best,
    oneWay) === 0) return missing('migrations that are run up, down and up again on pull requests, against a database of the kind that is used in production',
    ...cut(unique(problems)));
  return ratio(worth(best, oneWay), 3, best.evidence, [
    ...(best.ups > 0 ? [] : ['an upgrade of an empty database']),
    ...(undone(best, oneWay) ? [] : [oneWay ? 'a check that the schema is what the code expects (migrate diff, validate)'
      : 'a downgrade: a migration that can’t be taken back is found when it has to be']),
    ...(best.again ? [] : ['a second upgrade: it shows that a downgrade leaves nothing behind']),
    ...unique(problems).slice(0, 3),
  ]);
}

const SAYS = { up: 'migrates a database', down: 'takes migrations back', check: 'compares the schema' } as const;
const undone = (s: Seen, oneWay: boolean): boolean => s.downs > 0 || (oneWay && s.checks > 0);
const worth = (s: Seen, oneWay: boolean): number => Number(s.ups > 0) + Number(s.ups > 0 && undone(s, oneWay)) + Number(s.again);

export default definePractice({
  id: 'migration-tests',
  title: 'Migration tests',
  category: 'Quality',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Database migrations are run up, down and up again on every pull request, against a real database.',
    why: 'A migration runs once in production, on data that nobody can bring back; its first run should not be that one.',
    references: [
      'https://alembic.sqlalchemy.org/en/latest/tutorial.html#downgrading',
      'https://docs.djangoproject.com/en/stable/topics/migrations/#reversing-migrations',
      'https://www.prisma.io/docs/orm/prisma-migrate/workflows/development-and-production',
    ],
  },
  applies: repo => migrations(repo).length > 0,
  evidence: repo => elsewhere(repo, 'migration-tests', evidence(repo)),
  scaffold: jobScaffold({
    title: 'Add a migration-test job',
    there: repo => evidence(repo).result === 1 ? 'Migrations are tested up, down and up again already.' : undefined,
    plan: repo => migrationJob(repo, migrations(repo), repoFacts(repo).stack.projects),
  }),
});
