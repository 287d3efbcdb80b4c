import { definePractice, type Evidence, type FileChange, type Verdict } from '../practice';
import { ownerRule, repoFacts, type Repository } from '../../repository';
import { isDeploy, isRelease, jobKinds } from '../../checks/shared/job-kind';
import type { SourceDocument } from '../../workflow/document';
import { metadataText, staticName, triggerNames, workflowMetadata } from '../../workflow/metadata';
import type { Workflow } from '../../workflow/model';
import { scalarText } from '../../workflow/nodes';
import { parseSource } from '../../workflow/parse';
import { TEAM } from '../shared/documents';
import { ownWorkflows } from '../shared/pipelines';
import { cut, met, missing } from '../shared/verdict';

/** What somebody needs at three in the morning. The other tags are welcome. */
const NEEDED = ['workflow-purpose', 'workflow-owner', 'workflow-criticality', 'workflow-triggers'] as const;

interface Look { readonly document: SourceDocument; readonly open: readonly string[]; readonly evidence?: Evidence }

function look(document: SourceDocument): Look {
  const entries = workflowMetadata(document.workflow!).filter(e => e.value !== '');
  const open = NEEDED.filter(tag => !entries.some(e => e.tag === tag));
  const first = entries[0], last = entries.at(-1);
  if (!first || !last) return { document, open };
  return { document, open, evidence: { path: document.path, start: document.range(first.tagSpan).start, end: document.range(last.valueSpan).end,
    text: `says ${entries.slice(0, 4).map(e => e.tag.replace('workflow-', '')).join(', ')}${entries.length > 4 ? ' and more' : ''}` } };
}

function evidence(repo: Repository): Verdict {
  const all = ownWorkflows(repo).map(look);
  const wanted = `a header of comments with ${NEEDED.map(t => `@${t}`).join(', ')}`;
  if (all.length === 0) return missing(wanted, 'a workflow: there is none yet');
  const seen = all.flatMap(l => (l.evidence ? [l.evidence] : []));
  if (seen.length === 0) return missing(wanted);
  const share = all.reduce((n, l) => n + 1 - l.open.length / NEEDED.length, 0) / all.length;
  if (share === 1) return met(seen);
  return { result: share, evidence: seen.slice(0, 12), lookedFor: cut(all.filter(l => l.open.length > 0).map(l => `${l.open.map(t => `@${t}`).join(', ')} in ${l.document.path}`)) };
}

/** What the file says about itself, as lines of a comment: tags that stand there already are left out. */
function header(repo: Repository, document: SourceDocument): string[] {
  const workflow = document.workflow!, there = new Set(workflowMetadata(workflow).map(e => e.tag));
  const kinds = new Set(workflow.jobs.flatMap(j => [...jobKinds(j)]));
  const releases = workflow.jobs.some(j => isDeploy(j) || isRelease(j));
  const onChange = workflow.triggers.some(t => t.event === 'pull_request' || t.event === 'pull_request_target' || t.event === 'merge_group');
  const rules = repoFacts(repo).codeowners?.rules;
  const owners = rules && ownerRule(rules, document.path)?.owners;
  const values: readonly (readonly [string, string | undefined])[] = [
    ['workflow-name', staticName(workflow)],
    ['workflow-purpose', purpose(workflow)],
    ['workflow-owner', owners && owners.length > 0 ? owners.join(' ') : TEAM],
    ['workflow-category', workflow.jobs.some(isDeploy) ? 'deployment' : workflow.jobs.some(isRelease) ? 'release' : kinds.has('scan') ? 'security' : kinds.has('test') || kinds.has('lint') || kinds.has('build') ? 'ci' : kinds.has('housekeeping') ? 'maintenance' : 'automation'],
    ['workflow-criticality', releases || onChange ? 'high' : kinds.has('scan') ? 'medium' : 'low'],
    ['workflow-dependencies', dependencies(repo, workflow)],
    ['workflow-triggers', triggerNames(workflow).filter(e => /^[a-z_]+$/.test(e)).join(', ') || undefined],
  ];
  return values.flatMap(([tag, value]) => {
    const text = value === undefined ? '' : metadataText(value);
    return text === '' || there.has(tag) ? [] : [`# @${tag}: ${text}`];
  });
}

const VERBS: readonly (readonly [string, string])[] = [
  ['lint', 'checks style'], ['build', 'builds'], ['test', 'tests'], ['e2e', 'tests end to end'], ['scan', 'scans'], ['migrate', 'migrates databases'], ['publish', 'publishes packages or images'],
  ['release', 'makes releases'], ['deploy', 'deploys'], ['notify', 'notifies'], ['housekeeping', 'keeps house'],
];

/** What its jobs do, as far as that is known; else what they are called. */
function purpose(workflow: Workflow): string {
  const kinds = new Set(workflow.jobs.flatMap(j => [...jobKinds(j)]));
  const verbs = VERBS.filter(([k]) => kinds.has(k as never)).map(([, v]) => v);
  if (verbs.length === 0) return `Runs ${workflow.jobs.slice(0, 4).map(j => j.id).join(', ')}.`;
  const text = verbs.length === 1 ? verbs[0]! : `${verbs.slice(0, -1).join(', ')} and ${verbs.at(-1)!}`;
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

function dependencies(repo: Repository, workflow: Workflow): string {
  const file = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
  const called = workflow.jobs.filter(j => j.uses?.kind === 'local' || j.uses?.kind === 'self').map(j => j.uses!.path ?? '').filter(p => repo.has(p)).map(file);
  const after = ownWorkflows(repo).filter(d => workflow.triggers.some(t => t.event === 'workflow_run' && t.workflows?.includes(scalarText(d.workflow!.name?.value) ?? d.path))).map(d => file(d.path));
  const names = [...new Set([...called, ...after])].filter(n => /^[\w.-]+$/.test(n));
  return names.length > 0 ? names.join(', ') : 'none';
}

/** The file with what is missing above its first key, or below the tags that are there; undefined where that can't be done in place. */
function completed(repo: Repository, document: SourceDocument): string | undefined {
  const lines = header(repo, document);
  if (lines.length === 0 || document.problems.length > 0) return undefined;
  const { text, eol } = document, entries = workflowMetadata(document.workflow!);
  const last = entries.at(-1), first = document.range(document.workflow!.entries[0]!).start;
  let at = last ? document.range(last.comment).end : text.lastIndexOf('\n', first - 1) + 1;
  // A document that begins in the middle of a line (flow style) gets its header at the very top.
  if (!last && text.slice(at, first).trim() !== '') at = 0;
  const block = last ? `${eol}${lines.join(eol)}` : `${lines.join(eol)}${eol}`;
  const made = text.slice(0, at) + block + text.slice(at);
  const next = parseSource(document.path, made);
  return next.problems.length === 0 && next.workflow && look(next).open.length === 0 ? made : undefined;
}

export default definePractice({
  id: 'workflow-metadata',
  title: 'Workflow metadata',
  category: 'Developer Experience',
  level: 4,
  severity: 'low',
  since: '0.1.0',
  docs: {
    summary: 'Each workflow says in a header of comments what it is for, who owns it, how critical it is and what starts it.',
    why: 'Whoever finds a red pipeline wants to know whom to ask and whether it can wait, and not to read the file for it.',
    references: ['https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax'],
  },
  applies: () => true,
  evidence,
  scaffold: {
    kind: 'edit',
    title: 'Add headers to workflows',
    last: true,
    plan(repo) {
      const open = ownWorkflows(repo).filter(d => look(d).open.length > 0);
      if (ownWorkflows(repo).length === 0) return { refused: 'There is no workflow yet that a header could be about.' };
      if (open.length === 0) return { refused: 'Every workflow has its header already.' };
      const changes: FileChange[] = open.flatMap(d => { const newText = completed(repo, d); return newText === undefined ? [] : [{ path: d.path, created: false, newText }]; });
      if (changes.length === 0) return { refused: `A header can’t be added to ${open.slice(0, 3).map(d => d.path).join(', ')} without disturbing what stands there.` };
      const placeholder = changes.some(c => c.newText.includes(TEAM));
      return {
        changes, explanation: `Adds a header of comments to ${changes.length} ${changes.length === 1 ? 'workflow' : 'workflows'}: name, purpose, owner, category, criticality, dependencies and triggers, as the file itself says them.`,
        todo: [...(placeholder ? [`Replace ${TEAM}: nobody is made an owner by accident.`] : []), 'Read purpose and criticality: they were told from what the jobs do.', 'Add @workflow-slo and @workflow-maturity where you promise something.'],
      };
    },
  },
});
