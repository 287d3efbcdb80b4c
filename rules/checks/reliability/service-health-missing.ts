import { defineRule, type Fix } from '../../engine/rule';
import { insertUnder, replaceValue } from '../../workflow/edits';
import type { Job } from '../../workflow/model';
import { asMapping, getEntry, scalarText, type Entry } from '../../workflow/nodes';
import { stepKinds } from '../shared/job-kind';

export default defineRule({
  id: 'service-health-missing',
  category: 'reliability',
  severity: 'low',
  confidence: 'medium',
  scope: 'job',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds database and queue services without a health check in jobs that use them.',
    why: 'Without one the steps begin as soon as the container runs, and whether the database in it answers by then is luck.',
    references: [
      'https://docs.github.com/en/actions/tutorials/use-containerized-services/create-postgresql-service-containers',
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idservicesservice_idoptions',
    ],
    standards: ['STRIDE-D'],
  },
  messages: {
    missing: 'Steps begin before `{image}` answers, as the service `{service}` has no health check. Add `--health-cmd "{command}"` to its options.',
  },
  create(context) {
    return {
      job(job) {
        const services = asMapping(job.services?.value);
        if (!services || !usesServices(job)) return;
        const waited = services.entries.some(s => HAS_CHECK.test(optionsOf(s)));
        for (const service of services.entries) {
          const image = scalarText(getEntry(service.value, 'image')?.value) ?? scalarText(service.value);
          const command = image === undefined ? undefined : healthCommand(image);
          if (image === undefined || command === undefined) continue;
          context.instance();
          const options = getEntry(service.value, 'options'), text = optionsOf(service);
          if (HAS_CHECK.test(text) || /--no-healthcheck|\$\{\{/.test(text)) continue;
          // It answers long before a database beside it does.
          if (waited && AT_ONCE.test(image)) continue;
          context.report({
            at: service.key, messageId: 'missing', data: { image: image.slice(0, 60), service: service.key.value, command }, job,
            fixes: asMapping(service.value) ? [addCheck(service, options, text, command)] : [],
          });
        }
      },
    };
  },
});

/** Official images that say nothing of their health by themselves, and the command in them that asks. */
const CHECKS: readonly (readonly [RegExp, string])[] = [
  [/^(?:postgres|postgis\/postgis|pgvector\/pgvector|timescale\/timescaledb)$/, 'pg_isready'],
  [/^mysql$/, 'mysqladmin ping'],
  [/^mariadb$/, 'healthcheck.sh --connect --innodb_initialized'],
  [/^redis$/, 'redis-cli ping'],
  [/^valkey\/valkey$/, 'valkey-cli ping'],
  [/^rabbitmq$/, 'rabbitmq-diagnostics -q ping'],
];

const HAS_CHECK = /--health-cmd/;
const AT_ONCE = /^(?:docker\.io\/)?(?:library\/|valkey\/)?(?:redis|valkey)(?::|@|$)/;

function optionsOf(service: Entry): string { return scalarText(getEntry(service.value, 'options')?.value) ?? ''; }

function healthCommand(image: string): string | undefined {
  // The name ahead of an expression is enough: `postgres:${{ matrix.version }}`.
  const name = /^(?:docker\.io\/)?(?:library\/)?([\w./-]+?)(?::|@|$)/.exec(image)?.[1];
  return CHECKS.find(([pattern]) => pattern.test(name ?? ''))?.[1];
}

/** The script waits by itself, one way or another. */
const WAITS = /pg_isready|wait[-_ ]?(?:for|on|until)|--wait\b|dockerize|\bnc\b|\buntil\b|\bwhile\b|mysqladmin|(?:redis|valkey)-cli|health|\bsleep\b|Start-Sleep|\bping\b|retry|timeout \d/i;
const MAX_TEXT = 200_000;

/** Steps that test, or migrate, are what a service is for. */
function usesServices(job: Job): boolean {
  if (job.steps.some(s => s.run !== undefined && (s.run.scalar.value.length > MAX_TEXT || WAITS.test(s.run.scalar.value)))) return false;
  if (job.steps.some(s => /wait|health/i.test(`${scalarText(s.name?.value) ?? ''} ${s.uses?.text ?? ''}`))) return false;
  return job.steps.some(s => { const kinds = stepKinds(s); return kinds.has('test') || kinds.has('migrate'); });
}

/** Unsafe: a container that doesn't get healthy in time fails the job. */
function addCheck(service: Entry, options: Entry | undefined, text: string, command: string): Fix {
  const check = `--health-cmd "${command}" --health-interval 10s --health-timeout 5s --health-retries 10`;
  return {
    title: `Wait until ${service.key.value} answers`,
    safety: 'unsafe',
    preferred: true,
    edits: ({ document }) => (options ? replaceValue(document, options, `${text.trim()} ${check}`.trim()) : insertUnder(document, service, 'options', check)),
  };
}
