import { defineQuery, defineRule } from '../../engine/rule';
import { conditionOf, expressionSpan, type Expr } from '../../workflow/expressions';
import { asScalar, type Entry } from '../../workflow/nodes';
import { falsePart, type RunFacts, type TextTest } from '../shared/condition-values';

/** A trigger as far as conditions can tell; plain JSON. */
interface Started {
  readonly event: string;
  readonly types: readonly string[] | null;
  readonly branches: readonly string[] | null;
  /** `branches` or `branches-ignore`. */
  readonly onBranches: boolean;
  readonly tags: readonly string[] | null;
  readonly onTags: boolean;
}

/** A compiler writes one text for every set of triggers. */
const GENERATED = /^#[^\n]{0,200}\bgenerated\b[^\n]{0,200}\bdo not edit\b/im;

/** Null where the run's event is the caller's, where there is no trigger to go by, and where nobody wrote the conditions for these. */
const triggers = defineQuery('condition-impossible.triggers', ({ document }): readonly Started[] | null => {
  const all = document.workflow?.triggers ?? [];
  if (all.length === 0 || all.some(t => t.event === 'workflow_call' || !/^[a-z_]+$/.test(t.event))) return null;
  if (GENERATED.test(document.text.slice(0, 1000))) return null;
  return all.map(t => ({
    event: t.event, types: t.types ? t.types.map(x => x.toLowerCase()) : null, branches: t.branches ? [...t.branches] : null, onBranches: t.branches !== undefined || t.branchesIgnore !== undefined,
    tags: t.tags ? [...t.tags] : null, onTags: t.tags !== undefined || t.tagsIgnore !== undefined,
  }));
});

const STATUS = ['success', 'failure', 'cancelled'] as const;

export default defineRule({
  id: 'condition-impossible',
  category: 'triggers',
  severity: 'low',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 0,
  since: '0.1.0',
  fix: 'none',
  docs: {
    summary: 'Finds conditions that no event of the workflow can make true.',
    why: 'The job or step behind it never runs, and nobody notices: a check that is never made looks like one that never fails.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows',
      'https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context',
    ],
  },
  messages: {
    never: '`{test}` is never true: this workflow starts on {events} only. Add the trigger that it waits for, or remove the {owner}.',
    contradiction: '`{test}` is never true, whatever happens. Say what is meant, or remove the {owner}.',
  },
  aliases: { actionlint: ['if-cond'] },
  create(context) {
    const check = (entry: Entry | undefined, owner: 'job' | 'step'): void => {
      const condition = conditionOf(entry), scalar = asScalar(entry?.value);
      if (!condition || !scalar || condition.errors.length > 0 || condition.root.kind === 'literal') return;
      const all = context.query(triggers);
      if (!all) return;
      context.instance();
      let part: Expr | undefined;
      for (const trigger of all) {
        for (const status of STATUS) {
          const found = falsePart(condition.root, factsOf(trigger, status));
          if (!found) return;
          // Not the same part for each event: it takes the whole to be false.
          part = part === undefined || part === found ? found : condition.root;
        }
      }
      if (!part) return;
      const open = all.every(() => falsePart(condition.root, NOTHING) !== undefined);
      const whole = scalar.value.slice(part.start, part.end).replace(/\s+/g, ' ');
      const test = whole.length > 100 ? `${whole.slice(0, 97)}…` : whole;
      context.report({
        at: expressionSpan(scalar, part), messageId: open ? 'contradiction' : 'never',
        data: { test, owner, ...(open ? {} : { events: [...new Set(all.map(t => `\`${t.event}\``))].join(', ') }) }, tag: 'unnecessary',
      });
    };
    return {
      job(job) { check(job.if, 'job'); },
      step(step) { if (step.job) check(step.if, 'step'); },
    };
  },
});

/** Nothing is known: what is false here is false by itself. */
const NOTHING: RunFacts = { value: () => undefined, test: () => undefined, status: 'success' };

/** Activity types without which an event has these; only for those whose payload matters. */
const DEFAULT_TYPES = ['opened', 'synchronize', 'reopened'];
const TYPED = new Set(['pull_request', 'pull_request_target']);
/** Events without an activity. */
const BARE = new Set(['push', 'schedule', 'workflow_dispatch']);

function factsOf(trigger: Started, status: RunFacts['status']): RunFacts {
  const { event } = trigger;
  const types = trigger.types ?? (TYPED.has(event) ? DEFAULT_TYPES : null);
  // A pull request that was merged runs on the base branch.
  const merge = event === 'pull_request' && types !== null && !types.includes('closed');
  return {
    status,
    value(path) {
      if (path === 'github.event_name') return event;
      if (path === 'github.event.action') return BARE.has(event) ? null : types?.length === 1 ? types[0]! : undefined;
      if (path === 'github.head_ref' || path === 'github.base_ref') return BARE.has(event) ? '' : undefined;
      if (path.startsWith('github.event.pull_request')) {
        if (BARE.has(event)) return null;
        if (path === 'github.event.pull_request.merged' && TYPED.has(event) && trigger.types === null) return false;
      }
      if (path === 'github.ref_type' && event === 'push') return trigger.onBranches && !trigger.onTags ? 'branch' : trigger.onTags && !trigger.onBranches ? 'tag' : undefined;
      return undefined;
    },
    test(path, how, text) {
      if (path === 'github.event.action' && how === 'equals' && types) return types.includes(text) ? undefined : false;
      if (path === 'github.ref') {
        if (merge) return !fits('refs/pull/', how, text) ? false : undefined;
        if (event === 'push') return pushRef(trigger, how, text);
        if (event === 'pull_request_target') return branchRef(trigger.branches, how, text, 'refs/heads/');
      }
      if (path === 'github.ref_name' && how === 'equals') {
        if (merge) return /^\d+\/merge$/.test(text) ? undefined : false;
        if (event === 'push' && trigger.onBranches && !trigger.onTags) return branchRef(trigger.branches, how, text, '');
        if (event === 'pull_request_target') return branchRef(trigger.branches, how, text, '');
      }
      if (path === 'github.base_ref' && TYPED.has(event)) return branchRef(trigger.branches, how, text, '');
      return undefined;
    },
  };
}

/** Whether a text that begins with `prefix` can pass. */
function fits(prefix: string, how: TextTest, text: string): boolean {
  return how === 'equals' ? text.startsWith(prefix) : how === 'startsWith' ? text.startsWith(prefix) || prefix.startsWith(text) : true;
}

function pushRef(trigger: Started, how: TextTest, text: string): false | undefined {
  if (how !== 'equals' && how !== 'startsWith') return undefined;
  const heads = trigger.onBranches || !trigger.onTags, tags = trigger.onTags || !trigger.onBranches;
  const branch = heads ? branchRef(trigger.branches, how, text, 'refs/heads/') : false;
  const tag = tags ? branchRef(trigger.tags, how, text, 'refs/tags/') : false;
  return branch === false && tag === false ? false : undefined;
}

/** False where no ref that the patterns let through passes; without patterns only the prefix counts. */
function branchRef(patterns: readonly string[] | null, how: TextTest, text: string, prefix: string): false | undefined {
  if (how !== 'equals' && how !== 'startsWith') return undefined;
  if (!fits(prefix, how, text)) return false;
  if (!patterns) return undefined;
  return patterns.some(p => {
    const special = p.search(/[*?+[\]!\\]|\$\{\{/);
    // What stands before `?` and `+` is part of the pattern.
    const fixed = prefix + (special < 0 ? p : p.slice(0, /[?+]/.test(p[special]!) ? Math.max(0, special - 1) : special)).toLowerCase();
    if (special < 0) return how === 'equals' ? fixed === text : fixed.startsWith(text);
    return fits(fixed, how, text);
  }) ? undefined : false;
}
