import { definePractice, type ScaffoldPlan } from '../practice';
import { isSample, isVendored, repoFacts, type Repository } from '../../repository';
import { documents, topicsVerdict, type Topic } from '../shared/documents';
import { missing } from '../shared/verdict';
import { service } from '../shared/web';

const FILE = /(?:^|\/)(?:SLOs?|service[-_]level[-_]objectives?|reliability)\.(?:md|mdx|rst|adoc|txt)$|(?:^|\/)(?:slos?|service[-_]level[-_]objectives?)(?:\/[^/]+)?\.(?:md|mdx|rst|ya?ml|json)$|\.slo\.ya?ml$/i;

const TOPICS: readonly Topic[] = [
  { wanted: 'targets: how many requests succeed, in percent',
    said: /\b\d{2}(?:\.\d{1,5})?\s{0,2}%|target["']?:\s{0,4}(?:0?\.9\d*|9\d(?:\.\d+)?)|objective["']?:\s{0,4}9\d/i },
  { wanted: 'percentiles: how fast they are answered (p95, p99)',
    said: /\bp(?:50|75|90|95|99|99\.9)\b|\b9[059](?:\.\d)?th\b|percentile|latency|\b\d{1,6}\s?ms\b/i },
  { wanted: 'an error budget, and what happens when it is used up', said: /error[\s_-]{0,3}budget|budgetingMethod|burn[\s_-]?rate/i },
];

const found = (repo: Repository) => documents(repo, FILE).filter(f => !isVendored(f.path) && !isSample(f.path)
  && !f.path.startsWith('.github/workflows/'));

export default definePractice({
  id: 'slo-documented',
  title: 'Service level objectives',
  category: 'Quality',
  level: 5,
  severity: 'low',
  since: '0.1.0',
  docs: {
    summary: 'A document says how reliable and how fast the service is to be, and what happens when it isn’t.',
    why: 'Without a number that was agreed on, every outage is argued about anew, and no release is ever too risky.',
    references: [
      'https://sre.google/workbook/implementing-slos/',
      'https://sre.google/workbook/error-budget-policy/',
      'https://openslo.com/',
    ],
  },
  applies: repo => service(repo) !== undefined,
  evidence(repo) {
    const files = found(repo);
    return files.length === 0 ? missing('a document (SLO.md, docs/slo.md, OpenSLO) with targets, percentiles and an error budget')
      : topicsVerdict(files, TOPICS, 'says what is promised');
  },
  scaffold: {
    kind: 'file',
    title: 'Add SLO.md',
    plan(repo): ScaffoldPlan | { readonly refused: string } {
      if (service(repo) === undefined) return { refused: 'Nothing here says that a service is shipped: a web framework or an OpenAPI file, with a Dockerfile or the file of a platform.' };
      const files = found(repo), [there] = files;
      if (there) return { refused: files.some(f => f.text === undefined) ? `There is ${there.path} already, and it could not be read.`
        : `There is ${there.path} already: add what it leaves out.` };
      return {
        changes: [{ path: 'SLO.md', created: true, newText: text(repo) }],
        explanation: 'Adds SLO.md with targets for availability, speed and delivery, and an error-budget policy.',
        todo: ['Replace the numbers by what people need and what was measured in the last weeks: these are where many services begin.',
          'Name who decides when the budget is used up, and where the numbers can be seen.'],
      };
    },
  },
});

function text(repo: Repository): string {
  const { openapi } = repoFacts(repo).stack;
  const limit = repo.documents.flatMap(d => d.workflow?.jobs ?? [])
    .find(j => j.env?.variables.some(v => v.name === 'P95'))?.env?.variables.find(v => v.name === 'P95')?.value?.value;
  const p95 = limit !== undefined && /^\d{1,6}$/.test(limit) ? limit : '500';
  return [
    '# Service level objectives', '',
    'What people who use the service can rely on, and what we do when they can’t. Measured over 28 days, at the edge of the service.', '',
    '| what | indicator | objective |', '|---|---|---|',
    `| Availability | requests that are answered without a server error${openapi[0] ? ` (interface: \`${openapi[0].replaceAll('|', '')}\`)` : ''} | 99.9 % |`,
    `| Speed | 95th percentile (p95) of response times | ${p95} ms |`,
    `| Speed | 99th percentile (p99) of response times | ${Number(p95) * 3} ms |`,
    '| Delivery | runs of the pipeline on the main branch that succeed | 95 % |',
    '| Recovery | time from an alert to the service being well again, median | 30 minutes |', '',
    '## Error budget', '',
    '99.9 % leaves 0.1 % of the requests of 28 days to fail: about 40 minutes in which nothing works. That is the error budget.', '',
    '| budget that is left | what we do |', '|---|---|',
    '| more than 75 % | release as usual |',
    '| 25 % to 75 % | releases wait for somebody who watches them; reliability comes before features |',
    '| less than 25 % | only fixes are released, until the 28 days look better |',
    '| none | releases stop; every incident that cost more than a fifth of the budget gets a review |', '',
    '## How it is measured', '',
    '- Availability and speed: from the access logs or metrics of the load balancer. Health checks don’t count.',
    '- Delivery: from the runs of the workflows in this repository.',
    '- Alerts: when a day’s budget is used up within an hour (page), or a week’s within a day (ticket).', '',
    '## Changes', '',
    'Objectives are looked at every three months, and changed by a pull request.', '',
  ].join('\n');
}
