import { definePractice, type Evidence, type Verdict } from '../practice';
import { basename, isVendored, type Repository } from '../../repository';
import { stepInput } from '../shared/ci';
import { offHour, workflowScaffold } from '../shared/programme';
import { evidenceOf, sightings, where, type Sighting } from '../shared/sightings';
import { checkoutStep, jobHead } from '../shared/snippets';
import { cut, met, missing, unique } from '../shared/verdict';
import { service, serviceSite } from '../shared/web';
import { workflowLines } from '../shared/workflow-file';
import { SCRIPT_TEXTS } from './scripts';

const SCRIPT = /^(?:locustfile[\w-]*\.py|[\w.-]*\.jmx|(?:[\w-]+[.-])?(?:load[-_]?test|stress[-_]?test|k6)[\w.-]*\.(?:[cm]?[jt]s|py)|artillery[\w.-]*\.ya?ml|\w+Simulation\.(?:scala|java|kt))$/i;

function scripts(repo: Repository): readonly string[] {
  return repo.files.filter(f => SCRIPT.test(basename(f)) && !isVendored(f) && !f.startsWith('.github/workflows/'));
}

/** Tools whose scripts or settings say what is too slow. */
const LIMIT = /thresholds|p\(9\d|p9[05]\b|percentile|ensure|process_exit_code|--check-fail-ratio|assertions|responseTime|passfail|pass-fail|95\s?%/i;
const LIMIT_ARGS = /^--(?:p9\d|max-p9\d|threshold|check-avg-response-time|check-fail-ratio|latency-limit)/;

/** Whether something would fail: told by the command, or by what it runs. Undefined: can't be read. */
function limited(repo: Repository, s: Sighting): boolean | undefined {
  const own = s.step?.step.uses ? stepInput(s.step.step, 'path') ?? stepInput(s.step.step, 'filename') : undefined;
  if (s.step?.step.uses && own === undefined) return true;
  if (s.args.some(a => LIMIT_ARGS.test(a))) return true;
  const script = s.step?.step.run?.scalar.value ?? '';
  if (LIMIT.test(script)) return true;
  const named = [...s.args, ...(own === undefined ? scripts(repo) : own.split(/\s+/))].filter(a => /\.[a-z]{2,5}$/i.test(a))
    .map(a => repo.files.find(f => f === a || f.endsWith(`/${a.replace(/^\.\//, '')}`))).filter(f => f !== undefined);
  const texts = named.map(f => repo.read(f)?.slice(0, 200_000));
  if (texts.some(t => t !== undefined && LIMIT.test(t))) return true;
  return texts.includes(undefined) ? undefined : false;
}

/** An action that is there for nothing else: somebody has something to put load on. A command may be the tool's own trial. */
const isLoadAction = (s: Sighting): boolean => s.idle === undefined && s.step?.step.uses !== undefined;

function evidence(repo: Repository): Verdict {
  const seen = sightings(repo, 'load'), heard = seen.filter(s => s.idle === undefined && s.soft === undefined);
  const regular = heard.filter(s => s.job.triggers.some(t => t.event !== 'workflow_dispatch' && t.event !== 'workflow_call'));
  const of = (all: readonly Sighting[]): Evidence[] => all.map(s => evidenceOf(s, `${s.tool} puts load on the service`)).slice(0, 12);
  const good = regular.filter(s => limited(repo, s) === true);
  if (good.length > 0) return met(of(good));
  if (regular.some(s => limited(repo, s) === undefined)) return { result: 'unknown', evidence: of(regular),
    lookedFor: ['a limit to response times (a p95 threshold) in the script, which could not be read'] };
  if (regular.length > 0) return { result: 0.5, evidence: of(regular),
    lookedFor: ['a limit that fails the run: a threshold for the 95th percentile of response times'] };
  if (heard.length > 0) return { result: limited(repo, heard[0]!) === false ? 0.25 : 0.5, evidence: of(heard),
    lookedFor: ['a schedule, or a trigger of every change: it runs when somebody thinks of it'] };
  return missing('Locust, k6, JMeter, Gatling, Artillery or another load test with a limit to the 95th percentile of response times',
    ...cut(unique(seen.map(s => `${where(s)} doesn't count: ${s.idle ?? s.soft!}`))));
}

export default definePractice({
  id: 'load-tests',
  title: 'Load tests',
  category: 'Quality',
  level: 5,
  severity: 'low',
  since: '0.1.0',
  docs: {
    summary: 'The service is put under load regularly, and too slow an answer fails the run.',
    why: 'A query that takes a second is noticed when a hundred people wait for it.',
    references: [
      'https://grafana.com/docs/k6/latest/using-k6/thresholds/',
      'https://docs.locust.io/en/stable/running-without-web-ui.html',
      'https://docs.gatling.io/concepts/assertions/',
    ],
  },
  applies: repo => scripts(repo).length > 0 || service(repo) !== undefined || sightings(repo, 'load').some(isLoadAction),
  evidence,
  scaffold: workflowScaffold({
    title: 'Add a load-test workflow',
    there: repo => evidence(repo).result === 1 ? 'Load tests run regularly already, with a limit.' : undefined,
    plan(repo) {
      const site = serviceSite(repo);
      if (!site) return { refused: 'Nothing says how the service is started: a compose file with a published port, a Dockerfile with EXPOSE, or a script in package.json.' };
      const { minute, hour } = offHour(repo, 'load-test');
      return {
        file: 'load-test',
        lines: workflowLines({
          name: 'Load test', on: ['schedule:', `  - cron: '${minute} ${hour} * * 2'`, 'workflow_dispatch:'], cancel: false,
          jobs: [{ id: 'load-test', yaml: [...jobHead('Load test', 30), 'env:', `  TARGET: ${site.url}`, '  PATHS: /', "  USERS: '20'",
            "  SECONDS_OF_LOAD: '60'", "  P95: '500'", 'steps:',
            ...checkoutStep(), ...site.recipe?.setup ?? [], ...site.steps,
            '  - name: Put it under load', '    run: >-',
              '      node .github/scripts/load-test.mjs --url "$TARGET" --paths "$PATHS" --users "$USERS"',
            '      --seconds "$SECONDS_OF_LOAD" --p95 "$P95" --max-errors 1'] }],
        }),
        scripts: [{ name: 'load-test.mjs', text: SCRIPT_TEXTS['load-test.mjs'] }],
        explanation: `Adds a workflow that starts the service (${site.how}) each week, lets 20 users ask it for a minute, and fails when the 95th percentile is above 500 ms or more than 1 % of the answers are errors.`,
        todo: ['Name the paths that matter in PATHS, separated by commas.', `Check that the service answers at ${site.url}, and that it has what it needs (a database, settings).`,
          'Set P95 to what you promise; a runner is slower than production, and the number is about getting slower.',
            ...site.recipe?.todo ?? []],
      };
    },
  }),
});
