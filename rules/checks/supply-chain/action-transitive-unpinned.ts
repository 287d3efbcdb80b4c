import { defineQuery, defineRule, type Query } from '../../engine/rule';
import type { UsesRef } from '../../workflow/model';
import { localDocument, reachedUses } from '../shared/local-actions';
import { listed } from '../shared/lock-places';
import { unpinned } from '../shared/pinning';

interface Part { readonly name: string; readonly path: string; readonly start: number; readonly end: number }

/** What an action of the checkout uses that is not pinned, itself or through others of the checkout, for the document that calls it. */
const looseParts = defineQuery('action-transitive-unpinned.parts', (world, path: string): readonly Part[] => {
  const { repository } = world;
  const action = repository && localDocument(repository, { kind: 'local', path });
  if (!repository || !action?.action) return [];
  const asker = { query: <A extends readonly (string | number | boolean)[], R>(q: Query<A, R>, ...args: A): R => q.ask(world, ...args), instance() {} };
  return reachedUses(repository, action).uses.flatMap(({ uses, document }) => {
    const span = unpinned(uses, asker) && (uses.refSpan ?? uses.scalar);
    return span ? [{ name: uses.text, path: document.path, ...document.range(span) }] : [];
  });
});

const MAX_RELATED = 5;

export default defineRule({
  id: 'action-transitive-unpinned',
  category: 'supply-chain',
  severity: 'low',
  confidence: 'high',
  scope: 'repository',
  profile: 'strict',
  level: 5,
  since: '0.1.0',
  fix: 'none',
  docs: {
    summary: 'Finds workflows that pin all that they name and call an action of the repository that does not.',
    why: 'The workflow looks pinned, and runs what somebody can change at any time.',
    references: [
      'https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions',
      'https://docs.github.com/en/actions/concepts/security/workflow-dependency-lockfiles',
    ],
    standards: ['SEC-3', 'SLSA Dependency L1'],
  },
  messages: {
    parts: 'This workflow pins what it names, and `{path}` uses what is not pinned: {names}. Pin it in {file}.',
  },
  create(context) {
    return {
      workflow(workflow) {
        const steps = workflow.jobs.flatMap(j => j.steps);
        const own = [...workflow.jobs, ...steps].map(s => s.uses).filter((u): u is UsesRef => u !== undefined);
        const asker = { query: context.query.bind(context), instance() {} };
        const loose = own.some(u => unpinned(u, asker) !== undefined);
        const told = new Set<string>();
        for (const { uses } of steps) {
          if (!uses || (uses.kind !== 'local' && uses.kind !== 'self') || told.has(uses.path ?? '')) continue;
          told.add(uses.path ?? '');
          context.instance();
          // Where the workflow itself is not pinned, that is what there is to say.
          const parts = loose ? [] : context.query(looseParts, uses.path ?? '');
          if (parts.length === 0) continue;
          context.report({
            at: uses.scalar, messageId: 'parts',
            data: {
              path: uses.text, names: listed([...new Set(parts.map(p => p.name))]), file: listed([...new Set(parts.map(p => p.path))]),
            },
            related: parts.slice(0, MAX_RELATED).map(({ name, ...place }) => ({ at: () => place, message: `${name} is not pinned.` })),
          });
        }
      },
    };
  },
});
