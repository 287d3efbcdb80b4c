/** The three coverage gates: one practice at three heights. */
import { applyEdits } from '../../workflow/document';
import { repoFacts, type Repository } from '../../repository';
import { definePractice, type FileChange, type Level, type PracticeDefinition, type Scaffold, type Verdict } from '../practice';
import { ciJobs } from './ci';
import { FLAGS, thresholds, unreadable, type Threshold } from './coverage';
import { coverageJob } from './coverage-job';
import { jobScaffold } from './scaffold';
import { evidenceOf, sightings } from './sightings';
import { met, missing, unique } from './verdict';

export function coverageGate(wanted: number, level: Level): PracticeDefinition {
  return definePractice({
    id: `coverage-gate-${wanted}`,
    title: `Coverage gate (${wanted} %)`,
    category: 'Quality',
    level,
    severity: 'medium',
    since: '0.1.0',
    docs: {
      summary: `Tests fail when they cover less than ${wanted} % of the code.`,
      why: 'Coverage that nobody enforces only ever goes down, a little with each change.',
      references: [
        'https://pytest-cov.readthedocs.io/en/latest/config.html',
        'https://jestjs.io/docs/configuration#coveragethreshold-object',
        'https://docs.codecov.com/docs/commit-status',
      ],
    },
    applies: repo => repoFacts(repo).stack.testFiles.length > 0,
    evidence: repo => evidence(repo, wanted),
    scaffold: scaffold(wanted),
  });
}

function evidence(repo: Repository, wanted: number): Verdict {
  const all = thresholds(repo), counted = all.filter(t => t.problem === undefined);
  const best = counted[0];
  const tested = sightings(repo, 'test').some(s => !s.problem);
  if (best && !tested) return missing('a test run on pull requests that the threshold could stop');
  const high = counted.filter(t => t.value >= wanted);
  // The first gate is about having one; from the second on it is held to what decides, too.
  if (high.length > 0 && wanted > 70 && high.every(t => t.branches === false)) {
    return { result: 0.9, evidence: high.map(t => t.evidence),
      lookedFor: ['branch coverage (--cov-branch, branch = true, a threshold for branches): lines alone count an if as covered that was never false'] };
  }
  if (high.length > 0) return met(high.map(t => t.evidence));
  // Half-way is worth something, and never as much as being there.
  if (best) return { result: Math.min(best.value / wanted, 0.9), evidence: [best.evidence],
    lookedFor: [`a threshold of at least ${wanted} %`] };
  const unread = unreadable(repo);
  const problems = unique(all.map(t => `${t.evidence.text} in ${t.evidence.path}, but ${t.problem!}`));
  if (unread.length > 0 && problems.length === 0) return { result: 'unknown', evidence: [],
    lookedFor: [`a threshold in ${unread.slice(0, 3).join(', ')}, which could not be read`] };
  const elsewhere = problems.length > 0 ? [] : sightings(repo, 'test').filter(s => !s.problem && s.step === undefined && s.job.job.uses?.kind === 'repository');
  if (elsewhere.length > 0) return { result: 'unknown', evidence: elsewhere.slice(0, 12).map(s => evidenceOf(s, 'a workflow of another repository tests')),
    lookedFor: unique(elsewhere.map(s => `whether ${s.tool} holds the tests to a threshold, which lies in another repository`)) };
  return missing(`a coverage threshold of at least ${wanted} % that fails the tests (--cov-fail-under, coverageThreshold, fail_under, a target in codecov.yml, …)`, ...problems);
}

/** A threshold that stands is raised; where there is none, a job is added. */
function scaffold(wanted: number): Scaffold {
  const job = jobScaffold({
    title: `Add a coverage job, or raise the threshold to ${wanted} %`,
    there: repo => evidence(repo, wanted).result === 1 ? `Tests are held to ${wanted} % already.` : undefined,
    plan: repo => coverageJob(repo, wanted),
  });
  return {
    ...job,
    plan(repo, target) {
      const low = thresholds(repo).find(t => t.problem === undefined && t.value < wanted
        && thresholds(repo).every(o => o.problem !== undefined || o.value < wanted));
      const change = low && evidence(repo, wanted).result !== 1 ? raised(repo, low, wanted) : undefined;
      if (!low || !change) return job.plan(repo, target);
      return { changes: [change], explanation: `Raises the threshold of ${low.value} % in ${change.path} to ${wanted} %.`,
        todo: ['If tests fail at first, cover more or raise the number step by step.'] };
    },
  };
}

const NUMBER = '(\\d{1,3}(?:\\.\\d{1,9})?)(?=[\\s%"\',}]|$)';

/** The file with every number of this threshold raised; undefined where the number stands somewhere else. */
function raised(repo: Repository, low: Threshold, wanted: number): FileChange | undefined {
  const { path, start, end } = low.evidence, text = repo.read(path);
  if (text === undefined || start === undefined || end === undefined) return undefined;
  if (low.number) {
    const fraction = text.slice(low.number.start, low.number.end).startsWith('0.');
    return { path, created: false, newText: applyEdits(text, [{ ...low.number,
      newText: fraction ? (wanted / 100).toFixed(2) : String(wanted) }]) };
  }
  const step = ciJobs(repo).flatMap(j => j.steps).find(s => s.document.path === path && s.step.run
    && s.document.range(s.step.run.entry.key).start === start);
  if (!step?.step.run) return undefined;
  const range = step.document.range(step.step.run.scalar), script = text.slice(range.start, range.end);
  const edits = [new RegExp(`(?:${FLAGS.map(f => f.replaceAll('.', '\\.')).join('|')})[= ]${NUMBER}`, 'g'),
    ...(script.includes('coverageThreshold') ? [new RegExp(`"(?:lines|branches|statements|functions)":\\s?${NUMBER}`, 'g')] : [])]
    .flatMap(pattern => [...script.matchAll(pattern)]).filter(m => Number(m[1]) < wanted).map(m => {
      const to = range.start + m.index + m[0].length;
      return { start: to - m[1]!.length, end: to, newText: String(wanted) };
    });
  return edits.length === 0 ? undefined : { path, created: false, newText: applyEdits(text, edits.sort((a, b) => a.start - b.start)) };
}
