import { defineQuery, defineRule, type Fix, type World } from '../../engine/rule';
import { setTopLevelKey } from '../../workflow/edits';
import { scalarText } from '../../workflow/nodes';

/** What the file could be called; null where that would be taken for another workflow, or somebody goes by its path. */
const ownName = defineQuery('workflow-unnamed.own', (world: World): { readonly name: string; readonly safe: boolean } | null => {
  const { document, repository } = world, name = nameFrom(document.path);
  if (name === undefined) return null;
  for (const { path, workflow } of repository?.documents ?? []) {
    if (!workflow || path === document.path) continue;
    // Groups, and what comes after a workflow, go by names: two must not share one.
    if (scalarText(workflow.name?.value)?.trim().toLowerCase() === name.toLowerCase() || (!workflow.name && nameFrom(path)?.toLowerCase() === name.toLowerCase())) return null;
    // A workflow without a name is followed by its path.
    if (workflow.triggers.some(t => t.workflows?.some(w => w.includes(document.path) || /[*?[\]!+]/.test(w)))) return null;
  }
  return { name, safe: repository !== undefined && !goesByName(world) };
});

export default defineRule({
  id: 'workflow-unnamed',
  category: 'governance',
  severity: 'info',
  confidence: 'high',
  scope: 'workflow',
  profile: 'strict',
  level: 2,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds workflows, actions and long scripts without a name.',
    why: 'Runs, checks and mails are read by people who have not written the file: a path, or the first line of a script, tells them little.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#name',
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsname',
    ],
  },
  messages: {
    workflow: 'The workflow has no name, so lists of runs, checks and mails show its path. Give it a `name`.',
    action: 'The action has no name, which its users see in logs and in the Marketplace. Give it a `name`.',
    step: 'These {lines} lines have no name, so logs call the step `Run {first}`. Say in a `name` what it is for.',
  },
  aliases: { zizmor: ['anonymous-definition'] },
  create(context) {
    return {
      workflow(workflow) {
        // Nobody sees the name of a workflow that is only called.
        if (!workflow.on || workflow.jobs.length === 0 || workflow.triggers.every(t => t.event === 'workflow_call')) return;
        context.instance();
        if (workflow.name) return;
        const own = context.query(ownName);
        context.report({ at: workflow.on.key, messageId: 'workflow', fixes: own ? [giveName(own.name, own.safe)] : [] });
      },
      action(action) {
        if (!action.runs) return;
        context.instance();
        if (!action.name) context.report({ at: action.runs.key, messageId: 'action', official: true });
      },
      script({ entry, scalar, step }) {
        const lines = linesOf(scalar.value);
        if (lines.length < LONG) return;
        context.instance();
        if (step.name) return;
        // What logs show: a remark in the first line is as good as a name.
        const first = scalar.value.trimStart().split('\n', 1)[0]!.trim();
        if (/^(?:#|: )\s*[^\s#!].*\s\S/.test(first)) return;
        context.report({ at: entry.key, messageId: 'step', data: { lines: lines.length, first: first.length > 40 ? `${first.slice(0, 39)}…` : first }, step, job: step.job });
      },
    };
  },
});

/** Shorter ones can be read in the time that their name takes. */
const LONG = 5;

/** Lines that do something. */
function linesOf(script: string): string[] {
  return script.split('\n').map(l => l.trim()).filter(l => l !== '' && !l.startsWith('#'));
}

function giveName(name: string, safe: boolean): Fix {
  return { title: `Name it “${name}”`, safety: safe ? 'safe' : 'unsafe', preferred: true, edits: ({ document }) => setTopLevelKey(document, 'name', name) };
}

/** What its name is compared with, here or at a cloud that trusts the run's identity, would be something else afterwards. */
function goesByName({ document }: World): boolean {
  return /github\.workflow\b(?!_)\s*[=!]=|[=!]=\s*github\.workflow\b(?!_)|GITHUB_WORKFLOW\b(?!_)|\bid-token\b/.test(document.text);
}

const SHORT = new Map([
  ['ci', 'CI'], ['cd', 'CD'], ['pr', 'PR'], ['prs', 'PRs'], ['qa', 'QA'], ['e2e', 'E2E'], ['codeql', 'CodeQL'], ['npm', 'npm'], ['pypi', 'PyPI'], ['github', 'GitHub'], ['api', 'API'],
  ['ui', 'UI'], ['sbom', 'SBOM'], ['sast', 'SAST'], ['dast', 'DAST'], ['macos', 'macOS'], ['ios', 'iOS'], ['aws', 'AWS'], ['osv', 'OSV'], ['dco', 'DCO'],
]);

/** `release-please.yml` is called “Release please”. */
function nameFrom(path: string): string | undefined {
  const words = path.slice(path.lastIndexOf('/') + 1).replace(/\.ya?ml$/i, '').split(/[-_. ]+/).filter(Boolean);
  if (words.length === 0 || words.length > 8 || !words.every(w => /^[A-Za-z0-9]{1,30}$/.test(w))) return undefined;
  return words.map((w, i) => SHORT.get(w.toLowerCase()) ?? (i === 0 ? w[0]!.toUpperCase() + w.slice(1) : w)).join(' ');
}
