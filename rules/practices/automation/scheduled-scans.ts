import { definePractice, type Verdict } from '../practice';
import { repoFacts, type Repository } from '../../repository';
import { applyEdits, type SourceDocument } from '../../workflow/document';
import { insertUnder, replaceValue, type YamlValue } from '../../workflow/edits';
import { parseSource } from '../../workflow/parse';
import { isPages } from '../../checks/shared/deploy-gate';
import { jobKinds, outsideKinds } from '../../checks/shared/job-kind';
import { freePath } from '../shared/scaffold';
import { offHour } from '../shared/programme';
import { evidenceOf, sightings, where, type Sighting } from '../shared/sightings';
import { distinct, met, missing, unique } from '../shared/verdict';

/** Scanners whose answer changes while the code stands still: new advisories, new queries. */
const KINDS = ['dependencies', 'container', 'sast'] as const;

function scans(repo: Repository): Sighting[] {
  return KINDS.flatMap(k => sightings(repo, k));
}

/** Days between two runs of a schedule, about; 366 for once a year. */
export function daysBetween(cron: string): number {
  const [, , day = '*', month = '*', weekday = '*'] = cron.trim().split(/\s+/);
  if (month !== '*' && !/^\*\/1$/.test(month)) return 30 * Math.max(1, 12 / month.split(',').length);
  if (weekday !== '*' && weekday !== '?') return 7;
  if (day === '*' || day === '?' || day === '*/1') return 1;
  const step = /^\*\/(\d+)$/.exec(day);
  return step ? Number(step[1]) : 31 / day.split(',').length;
}

/** How often a scan is started by a schedule, in days; undefined where it isn't. */
function period(s: Sighting): number | undefined {
  const crons = s.job.triggers.filter(t => t.event === 'schedule').flatMap(t => t.cron ?? []).map(c => c.value);
  return crons.length === 0 ? undefined : Math.min(...crons.map(daysBetween));
}

/** It can be heard: it fails, or its findings go somewhere. That it stays silent on pull requests is no matter here. */
function silent(s: Sighting): boolean {
  return s.problem !== undefined && s.problem !== s.absent;
}

function evidence(repo: Repository): Verdict {
  const all = scans(repo).filter(s => period(s) !== undefined), good = all.filter(s => !silent(s));
  const weekly = good.filter(s => period(s)! <= 8);
  if (weekly.length > 0) return met(distinct(weekly).map(s => evidenceOf(s, `${s.tool} runs on a schedule`)));
  if (good.length > 0) return { result: 0.5, evidence: distinct(good).map(s => evidenceOf(s, `${s.tool} runs on a schedule`)).slice(0, 12),
    lookedFor: [`a run each week at least: ${where(good[0]!)} runs every ${Math.round(period(good[0]!)!)} days`] };
  return missing('a scan of the dependencies, images or code that a schedule starts each week on the default branch',
    ...unique(all.map(s => `${where(s)} doesn’t count: ${s.problem!}`)).slice(0, 6));
}

interface Spot { readonly document: SourceDocument; readonly whole: boolean; readonly jobs: readonly Sighting[] }

/** Workflows with scans, those first in which everything may run by night. */
function spots(repo: Repository): Spot[] {
  const found = scans(repo).filter(s => !s.problem && !s.job.caller && !s.step?.outer);
  return [...new Set(found.map(s => s.document))].filter(d => d.problems.length === 0).map(document => {
    const { jobs } = document.workflow!;
    return { document, jobs: found.filter(s => s.document === document),
      whole: jobs.every(j => outsideKinds(j).length === 0 && !isPages(j) && !j.environment && !['housekeeping', 'call'].some(k => jobKinds(j).has(k as 'call'))) };
  }).sort((a, b) => Number(b.whole) - Number(a.whole) || share(b) - share(a));
}

/** How much of a workflow is scanning. */
function share(s: Spot): number {
  return new Set(s.jobs.map(x => x.job.job)).size / s.document.workflow!.jobs.length;
}

function withSchedule(document: SourceDocument, cron: string): SourceDocument | undefined {
  const { workflow } = document, on = workflow?.on;
  if (!on) return undefined;
  const schedule: YamlValue = [{ cron }];
  const bare = workflow.triggers.every(t => !t.config);
  const edits = on.value?.kind === 'mapping' ? insertUnder(document, on, 'schedule', schedule)
    : bare ? replaceValue(document, on, { ...Object.fromEntries(workflow.triggers.map(t => [t.event, null])), schedule }) : undefined;
  if (!edits) return undefined;
  const next = parseSource(document.path, applyEdits(document.text, edits), document);
  return next.problems.length === 0 && next.workflow?.triggers.some(t => t.event === 'schedule') ? next : undefined;
}

/** A workflow of its own with a copy of scan jobs that stand alone. */
function copied(spot: Spot, cron: string): string | undefined {
  const jobs = [...new Set(spot.jobs.map(s => s.job.job))].filter(j => j.needs.length === 0 && !j.if && j.node && !j.node.flow && j.permissions && j.timeoutMinutes
    && j.entry.value === j.node && !/[&*]\w/.test(spot.document.source(j.node)) && !/\bneeds\.|github\.event\./.test(spot.document.source(j.node)));
  if (jobs.length === 0 || spot.document.workflow!.env || spot.document.workflow!.defaults) return undefined;
  const text = (j: (typeof jobs)[number]): string => {
    const start = spot.document.range(j.node!).start, line = spot.document.text.lastIndexOf('\n', start) + 1, indent = start - line;
    const lines = spot.document.source(j.node!).replaceAll('\r\n', '\n').trimEnd().split('\n');
    return [`  ${j.id}:`, ...lines.map((l, i) => l === '' ? '' : `    ${i === 0 ? l : l.slice(Math.min(indent, l.length - l.trimStart().length))}`)].join('\n');
  };
  return ['name: Scheduled scans', '', 'on:', '  schedule:', `    - cron: '${cron}'`, '', 'permissions: {}', '', 'concurrency:', '  group: scheduled-scans',
    '  cancel-in-progress: false', '', 'jobs:', jobs.map(text).join('\n\n'), ''].join('\n');
}

export default definePractice({
  id: 'scheduled-scans',
  title: 'Scheduled scans',
  category: 'Automation',
  level: 3,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Scanners also run each week on the default branch, when nobody has changed anything.',
    why: 'The vulnerability of tomorrow is in a dependency of last year: without a change no pull request asks for it.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule',
      'https://docs.github.com/en/code-security/code-scanning/creating-an-advanced-setup-for-code-scanning/customizing-your-advanced-setup-for-code-scanning#scanning-on-a-schedule',
    ],
  },
  applies(repo) {
    const { stack } = repoFacts(repo);
    return stack.projects.length > 0 || stack.languages.size > 0 || stack.dockerfiles.length > 0;
  },
  evidence,
  scaffold: {
    kind: 'edit',
    title: 'Run the scans each week',
    plan(repo) {
      if (evidence(repo).result === 1) return { refused: 'A scan runs each week already.' };
      const all = spots(repo), { minute, hour } = offHour(repo, 'scheduled-scans'), cron = `${minute} ${hour} * * 1`;
      if (all.length === 0) return { refused: 'There is no scan yet that could be run each week: add a scan of the dependencies or of the code first.' };
      for (const spot of all.filter(s => s.whole)) {
        const next = withSchedule(spot.document, cron);
        if (next) return { changes: [{ path: spot.document.path, created: false, newText: next.text }],
          explanation: `${spot.document.path} also runs each week: nothing in it deploys, publishes or releases.`,
          todo: ['GitHub stops schedules of public repositories that nobody has changed for 60 days: look at the Actions page then.'] };
      }
      for (const spot of all) {
        const text = copied(spot, cron);
        if (text !== undefined) return { changes: [{ path: freePath(repo, 'scheduled-scans'), created: true, newText: text }],
          explanation: `Adds a weekly workflow with a copy of the scans of ${spot.document.path}, which also does other things than scanning.`,
          todo: ['Change both when you change one: or call the scans from both as a reusable workflow.'] };
      }
      return { refused: `The scans of ${all[0]!.document.path} stand among jobs that deploy, release or tidy up, and can't be copied out of it: give them a workflow of their own.` };
    },
  },
});
