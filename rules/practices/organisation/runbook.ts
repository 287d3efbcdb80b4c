import { definePractice, type Verdict } from '../practice';
import { repoFacts, type Repository } from '../../repository';
import { documents, TEAM, topicsVerdict, type Topic } from '../shared/documents';
import { servedJobs } from '../shared/programme';
import { missing } from '../shared/verdict';

const PLACES = /(?:^|\/)(?:run-?books?|play-?books?|on-?call|incidents?|incident-response|operations|disaster-recovery)\/(?:[^/]+\/)?[^/]+\.(?:md|mdx|rst|adoc)$|(?:^|\/)[^/]*(?:run-?book|play-?book|rollback|incident[-_]?(?:response|guide)?|disaster[-_]recovery|on-?call)[^/]*\.(?:md|mdx|rst|adoc)$/i;
/** What happened is no instruction for what may happen. */
const REPORTS = /(?:^|\/)(?:post-?mortems?|incident-reports?|blog|changelogs?|news|issue_template)\//i;

const TOPICS: readonly Topic[] = [
  { wanted: 'how to get back to the release before: commands or steps', said: /\b(?:roll(?:ing)?[- ]?back|revert(?:ing)?|restor(?:e|ing)|previous (?:release|version|deployment|image)|undo)\b/i },
  { wanted: 'what to do in an incident: who is told, who decides', said: /\b(?:incident|outage|escalat(?:e|ion)|on[- ]call|severity|alert|page|contact|notif(?:y|ied))\b/i },
  { wanted: 'steps that can be followed: a numbered or ticked list, or commands', said: /^[ \t]*(?:\d+[.)]|[-*] \[[ x]\])[ \t]+\S|^[ \t]*(?:```|~~~|\$ \S)/m },
];

/** How a product is operated is what the pages of a manual are about, too: unread, such a page is no sign of a runbook. */
const BROAD = /(?:^|\/)operations\/(?!(?:.*[/_-])?(?:run-?book|play-?book|rollback|incident|disaster|on-?call))/i;

function books(repo: Repository): ReturnType<typeof documents> {
  return documents(repo, PLACES).filter(f => !REPORTS.test(f.path) && (f.text !== undefined || !BROAD.test(f.path)));
}

/** A page that people look for by its name. What is called so in the documentation of a product may be about the product. */
const OWN = /^(?:\.github\/|docs\/)?(?:run-?book|incident[-_]?response(?:[-_]?(?:plan|guide))?|disaster[-_]recovery)\.(?:md|mdx|rst|adoc)$/i;

/** Releases go wrong as well as deployments: who has written such a page has it, whatever is deployed. */
function applies(repo: Repository): boolean { return servedJobs(repo).length > 0 || books(repo).some(b => OWN.test(b.path)); }

function evidence(repo: Repository): Verdict {
  const found = books(repo);
  return found.length > 0 ? topicsVerdict(found, TOPICS, 'says what to do when something has gone wrong')
    : missing('a runbook, for instance docs/runbook.md', ...TOPICS.map(t => t.wanted));
}

function text(repo: Repository): string {
  const jobs = servedJobs(repo);
  const rows = [...new Map(jobs.map(j => [`${j.document.path} ${j.job.id}`, j])).values()].slice(0, 20).map(j =>
    `| \`${plain(j.job.id)}\` | \`${plain(j.document.path)}\` | ${plain(j.job.environment?.name?.value) || 'none named'} |`);
  const owner = repoFacts(repo).codeowners?.rules?.findLast(r => r.owners.length > 0)?.owners[0] ?? TEAM;
  return `# Runbook

What to do when a deployment has gone wrong, or what runs has. Written to be followed at three in the morning.

## What is deployed from here

| job | workflow | environment |
|---|---|---|
${rows.join('\n')}

## Incident

1. Open an issue titled \`Incident: <what people notice>\`; write down the time and what you see. It is the log from now on.
2. Tell ${owner}. Whoever answers first decides until the incident is over.
3. Severity: people can't work or data is at risk: high, go on at once. Anything else: during the day.
4. A deployment within the last hour is the cause until shown otherwise: roll back first, look for the reason afterwards.
5. A leaked secret is revoked first, then replaced, then looked for in the log of the service that it opens.

## Roll back

1. Stop what is still under way: \`gh run list --status in_progress\`, then \`gh run cancel <run>\`.
2. Find the last run that was right: \`gh run list --workflow <workflow> --branch <default branch> --status success --limit 10\`.
3. Run it again: \`gh run rerun <run>\`. It deploys the commit of that run, not the newest one.
4. Where that isn't possible (older than a month, or the database has moved on), revert the change: \`git revert <commit>\`, and merge it.
5. Look: the page or service answers, the errors stop. Write it into the issue.

## Afterwards

- [ ] The default branch holds what is deployed: the change that failed is reverted there, too.
- [ ] The issue says what happened, why, and what keeps it from happening again.
- [ ] A check that would have found it runs on pull requests.
`;
}

/** Names of environments are the repository's: nothing in them may break the table. */
function plain(name: string | undefined): string {
  return name === undefined || name.includes('${{') ? '' : name.replace(/[^\w ./-]/g, '').slice(0, 60);
}

export default definePractice({
  id: 'runbook',
  title: 'Runbook',
  category: 'Organisation',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'It is written down how to roll back and what to do in an incident, in steps that can be followed.',
    why: 'Whoever is there when it breaks is seldom who built it, and nobody thinks well under pressure.',
    references: [
      'https://sre.google/workbook/incident-response/',
      'https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs',
    ],
  },
  applies,
  evidence,
  scaffold: {
    kind: 'file',
    title: 'Add a runbook',
    plan(repo) {
      const now = evidence(repo), there = books(repo)[0];
      if (servedJobs(repo).length === 0) return { refused: 'Nothing is deployed from this repository.' };
      if (now.result === 1) return { refused: `${there!.path} is a runbook already.` };
      if (there) return { refused: `${there.path} is there already. It lacks: ${now.lookedFor.join('; ')}.` };
      return {
        changes: [{ path: 'docs/runbook.md', created: true, newText: text(repo) }],
        explanation: 'Adds docs/runbook.md: what is deployed from here, what to do in an incident, and how to roll back.',
        todo: ['Try the rollback once while nothing is wrong, and write down what was different.',
          'Add what only you know: dashboards, health checks, who is called outside working hours.'],
      };
    },
  },
});
