import { SCOPES, type Access } from '../../catalog';
import { defineQuery, defineRule, type Fix, type Locator } from '../../engine/rule';
import type { Repository } from '../../repository/repository';
import { permissionsWithin, scopeAccess, type EffectivePermissions } from '../../workflow/effective';
import type { Job, Permissions } from '../../workflow/model';
import { inheritedPermissions, named } from '../shared/permission-facts';
import { grantScopes } from '../shared/permission-moves';

/** What one block of a called workflow asks for. Plain JSON: it is the answer to a query. */
interface Request {
  readonly path: string;
  /** Null for the block at the top. */
  readonly job: string | null;
  readonly scopes: Readonly<Record<string, Access>>;
}

/** Workflows call each other this deep at most. */
const MAX_DEPTH = 9;
const LEVEL: Readonly<Record<string, number>> = { none: 0, read: 1, write: 2 };

/** Every block that is held against what the caller grants: those of the file, and of what it calls with the same permissions. */
const requests = defineQuery('permissions-caller-callee.requests', ({ repository }, path: string): readonly Request[] => {
  const found: Request[] = [];
  collect(repository, path, found, new Set(), 0);
  return found;
});

function collect(repository: Repository | undefined, path: string, found: Request[], seen: Set<string>, depth: number): void {
  const workflow = repository?.document(path)?.workflow;
  if (!workflow || seen.has(path) || depth > MAX_DEPTH) return;
  seen.add(path);
  const add = (permissions: Permissions | undefined, job: string | null): void => {
    const scopes = permissions && asked(permissions);
    if (scopes) found.push({ path, job, scopes });
  };
  add(workflow.permissions, null);
  for (const job of workflow.jobs) {
    add(job.permissions, job.id);
    const nested = job.uses?.kind === 'local' || job.uses?.kind === 'self' ? job.uses.path : undefined;
    // What a file in between sets is the limit from there on, and its own finding.
    if (nested !== undefined && !job.permissions && !workflow.permissions) collect(repository, nested, found, seen, depth + 1);
  }
}

function asked(permissions: Permissions): Record<string, Access> | undefined {
  const scopes: Record<string, Access> = {};
  switch (permissions.shape) {
    case 'map':
      for (const s of permissions.scopes) if (s.access === 'read' || s.access === 'write') scopes[s.name] = s.access;
      return scopes;
    case 'read-all': case 'write-all': {
      const all: Access = permissions.shape === 'read-all' ? 'read' : 'write';
      // The few that every permissive token has: newer scopes are not sure to be among them.
      for (const s of SCOPES) if (s.values.includes(all) && s.permissive === 'write') scopes[s.name] = all;
      return scopes;
    }
    default: return undefined;
  }
}

export default defineRule({
  id: 'permissions-caller-callee',
  category: 'permissions',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 0,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds calls of reusable workflows that ask for more than the calling job may do.',
    why: 'GitHub refuses to start such a run: not one of its jobs runs.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations#access-and-permissions-for-nested-workflows',
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions',
    ],
  },
  messages: {
    refused: '`{callee}` asks for {scopes}, which `{job}` does not have, so that GitHub refuses to start the run. Grant it to the job.',
  },
  create(context) {
    return {
      job(job) {
        const { uses } = job;
        if (!uses || (uses.kind !== 'local' && uses.kind !== 'self') || !uses.path) return;
        const granted = permissionsWithin(job, context.query(inheritedPermissions));
        // The repository's default decides.
        if (granted.shape === 'default' || granted.shape === 'invalid') return;
        context.instance();
        const missing: Record<string, Access> = {};
        const from: Request[] = [];
        for (const request of context.query(requests, uses.path)) {
          const more = beyond(request.scopes, granted);
          if (more.length === 0) continue;
          from.push(request);
          for (const [name, access] of more) if (missing[name] !== 'write') missing[name] = access;
        }
        const scopes = Object.entries(missing).map(([name, access]) => `${name}: ${access}`);
        if (scopes.length === 0) return;
        context.report({
          at: job.permissions?.entry.key ?? uses.nameSpan,
          messageId: 'refused',
          data: { callee: uses.path.split('/').at(-1) ?? uses.path, scopes: named(scopes), job: job.id },
          related: from.slice(0, 4).map(r => ({ at: place(r), message: r.job === null ? 'Asks for it' : `\`${r.job}\` asks for it` })),
          fixes: scopes.length > 6 ? [] : [fix(job, missing)],
        });
      },
    };
  },
});

function beyond(scopes: Readonly<Record<string, Access>>, granted: EffectivePermissions): [string, Access][] {
  return Object.entries(scopes).filter(([name, access]) => {
    const has = scopeAccess(granted, name);
    return has !== 'unknown' && LEVEL[has]! < LEVEL[access]!;
  });
}

function place({ path, job }: Request): Locator {
  return ({ repository }) => {
    const document = repository?.document(path);
    const owner = job === null ? document?.workflow : document?.workflow?.jobs.find(j => j.id === job);
    const entry = owner?.permissions?.entry;
    return document && entry && { path, ...document.range(entry.key) };
  };
}

function fix(job: Job, missing: Readonly<Record<string, Access>>): Fix {
  return {
    title: `Grant ${Object.entries(missing).map(([name, access]) => `${name}: ${access}`).join(', ')}`, safety: 'safe', preferred: true,
    edits: ({ document }) => grantScopes(document, document.workflow, job, missing),
  };
}
