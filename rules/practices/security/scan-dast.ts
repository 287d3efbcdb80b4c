import { definePractice, type Verdict } from '../practice';
import { repoFacts, type Repository } from '../../repository';
import { jobScaffold } from '../shared/scaffold';
import { buildContext, images, servedPort } from '../shared/shippable';
import { checkoutStep, jobHead, pin, runStep, shellText } from '../shared/snippets';
import { evidenceOf, sightings, where, type Sighting } from '../shared/sightings';
import { distinct, met, missing, unique } from '../shared/verdict';

/** Images that say which port they serve on. */
function services(repo: Repository): { dockerfile: string; port: number }[] {
  return images(repo).flatMap(dockerfile => {
    const port = servedPort(repo, dockerfile);
    return port === undefined ? [] : [{ dockerfile, port }];
  });
}

/** A scan of a running service takes its time: at night or behind a deployment it is as good as on pull requests. */
const AUTOMATIC = new Set(['push', 'schedule', 'workflow_run', 'deployment', 'deployment_status', 'release', 'repository_dispatch']);

function objection(s: Sighting): string | undefined {
  if (s.idle !== undefined) return s.idle;
  if (s.absent !== undefined && !s.job.triggers.some(t => AUTOMATIC.has(t.event))) return 'somebody has to start it';
  return s.soft;
}

/** ZAP's actions write what they find into an issue unless they are told not to. */
function reports(s: Sighting): boolean {
  return s.tool.startsWith('zaproxy/') && s.idle === undefined && objection(s) === s.soft && !s.job.soft;
}

function evidence(repo: Repository): Verdict {
  const seen = sightings(repo, 'dast'), good = seen.filter(s => objection(s) === undefined);
  if (good.length > 0) return met(distinct(good).map(s => evidenceOf(s, `${s.tool} tries out a running service`)));
  const half = seen.filter(reports);
  if (half.length > 0) return { result: 0.5, evidence: distinct(half).map(s => evidenceOf(s, `${s.tool} tries out a running service and writes an issue`)),
    lookedFor: unique(half.map(s => `${where(s)} can't fail: ${s.soft!}`)) };
  return missing('OWASP ZAP, Nuclei, StackHawk or Dastardly against a running service, started by itself and able to fail',
    ...unique(seen.map(s => `${where(s)} doesn't count: ${objection(s)!}`)));
}

export default definePractice({
  id: 'scan-dast',
  title: 'Dynamic scanning',
  category: 'Security',
  level: 5,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'A scanner tries out the running service: headers, cookies, injection, what is reachable without a login.',
    why: 'What is wrong in the way the parts are put together stands in no source file; it shows when somebody sends requests.',
    references: [
      'https://www.zaproxy.org/docs/docker/baseline-scan/',
      'https://owasp.org/www-community/Vulnerability_Scanning_Tools',
    ],
  },
  // A description of an interface may be that of somebody else's service: an image says that it is run here.
  applies: repo => services(repo).length > 0 || (repoFacts(repo).stack.openapi.length > 0 && images(repo).length > 0),
  evidence,
  scaffold: jobScaffold({
    title: 'Add a dast-zap job',
    there: repo => evidence(repo).result === 1 ? 'A running service is scanned already.' : undefined,
    plan(repo) {
      const [service, ...others] = services(repo);
      if (!service) return { refused: 'There is no Dockerfile that says with EXPOSE which port its service listens on, so a job can’t start it.' };
      const { dockerfile, port } = service;
      return {
        jobs: [{
          id: 'dast-zap',
          yaml: [
            ...jobHead('Dynamic scan', 30),
            'steps:',
            ...checkoutStep(),
            ...runStep('Build the image', [`docker build --tag service:ci --file ${shellText(dockerfile)} ${shellText(buildContext(dockerfile))}`]),
            ...runStep('Start the service', [
              `docker run --detach --name service --publish 127.0.0.1:8080:${port} service:ci`,
              'for attempt in $(seq 1 30); do',
              '  if curl --silent --output /dev/null --max-time 5 http://127.0.0.1:8080/; then exit 0; fi',
              '  echo "Not there yet (attempt $attempt)"',
              '  sleep 2',
              'done',
              'docker logs service',
              'exit 1',
            ]),
            '  - name: Scan with ZAP',
            `    uses: ${pin('zaproxy/action-baseline').text}`,
            '    with:',
            '      target: http://127.0.0.1:8080',
            // Warnings fail it unless rules.tsv says otherwise; an issue would need a token that can write.
            '      fail_action: true',
            '      allow_issue_writing: false',
          ],
        }],
        explanation: `Adds a job that builds ${dockerfile}, starts the service on port ${port} and lets ZAP look at every page it finds; it fails on alerts.`,
        todo: [
          'Give `docker run` the environment that the service needs, and start its database as a service of the job.',
          'Begin with one run: list alerts that you accept in a file (`10020\tIGNORE\t(Missing X-Frame-Options)`), and name it as rules_file_name.',
          ...(others.length > 0 ? [`There are more services: ${others.slice(0, 5).map(s => s.dockerfile).join(', ')}.`] : []),
        ],
      };
    },
  }),
});
