import { defineQuery, defineRule } from '../../engine/rule';
import { lockKeys, lockOf } from '../shared/lockfile';
import { nameOf } from '../shared/upgrade';

interface LockState {
  /** The lockfile covers the workflow. */
  readonly listed: boolean;
  readonly locked: boolean;
  /** Other refs of the same repository that are locked for the workflow. */
  readonly others: readonly string[];
}

const lockState = defineQuery('lockfile-incomplete.state', ({ document, repository }, name: string, ref: string): LockState => {
  const keys = lockOf(repository)?.workflows.get(document.path);
  if (!keys) return { listed: false, locked: false, others: [] };
  const own = lockKeys(name, ref);
  const same = new Set(own.map(k => k.slice(0, k.indexOf('@') + 1)));
  const others = [...keys].filter(k => same.has(k.slice(0, k.indexOf('@') + 1))).map(k => k.slice(k.indexOf('@') + 1));
  return { listed: true, locked: own.some(k => keys.has(k)), others };
});

export default defineRule({
  id: 'lockfile-incomplete',
  category: 'supply-chain',
  severity: 'high',
  confidence: 'high',
  scope: 'repository',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'none',
  docs: {
    summary: 'Finds actions of a locked workflow that `actions.lock` doesn\'t list for it.',
    why: 'GitHub checks a locked workflow when it starts, and rejects the run where anything is missing.',
    references: ['https://docs.github.com/en/actions/concepts/security/workflow-dependency-lockfiles', 'https://github.com/github/gh-actions-lock'],
    standards: ['SEC-3'],
  },
  messages: {
    missing: '`actions.lock` covers this workflow and does not list {name}@{ref}, so its runs are rejected. Run `gh actions-lock` and commit what it writes.',
    changed: '`actions.lock` lists {name} at {others}, not at {ref}, so the runs are rejected. Run `gh actions-lock` and commit what it writes.',
    local: '`actions.lock` covers this workflow, and a locked workflow can\'t use an action by `./`. Write `$/{path}`, and run `gh actions-lock`.',
  },
  create(context) {
    return {
      uses(uses, { step }) {
        if (uses.kind === 'local' && step) {
          if (context.query(lockState, '', '').listed) context.report({ at: uses.scalar, messageId: 'local', data: { path: uses.path ?? '' } });
          return;
        }
        const { ref, refSpan } = uses;
        if (uses.kind !== 'repository' || !ref || !refSpan || /[\s{}]/.test(ref)) return;
        const name = nameOf(uses);
        const state = context.query(lockState, name, ref);
        if (!state.listed) return;
        context.instance();
        if (state.locked) return;
        context.report({
          at: refSpan, messageId: state.others.length > 0 ? 'changed' : 'missing', data: { name, ref, others: state.others.join(', ') },
        });
      },
    };
  },
});
