/** Whether a job uses one scope of its token for writing, with what is known about everything that it does. */
import type { Job, Permissions } from '../../workflow/model';
import type { PermissionNeed } from './inferred-permissions';
import { inputsOf } from './inferred-permissions';

/**
 * `needs`: something known does. `might`: something does things that nobody wrote down. `unlikely`: a program of the project could, by
 * taking git's token from the working copy or by asking for an identity, though nothing says so. `no`: nothing can.
 */
export type Use = 'needs' | 'might' | 'unlikely' | 'no';

export interface ScopeUse {
  readonly use: Use;
  /** What might use it, as it is shown. */
  readonly by: readonly string[];
}

/** Names of scripts and tasks that push, publish or deploy more often than not. */
const RELEASING = new RegExp([
  'release', 'publish', 'deploy', 'version', 'changelog', 'changeset', 'push', 'commit', '\\btag', 'bump', 'sync', 'upload', 'provision', 'terraform',
  'tofu', 'pulumi', 'sign', 'attest', 'cosign', 'lerna', '\\bnx\\b', 'oidc', 'e2e', 'integration',
].join('|'), 'i');

/** Whatever these do with the token, an identity they don't ask for. */
const WITHOUT_IDENTITY = /^(?:gh|git|docker push)(?: |$)/;

/** Either lets comments and labels through on issues and on pull requests. */
const TWINS: Readonly<Record<string, string>> = { 'issues': 'pull-requests', 'pull-requests': 'issues' };

/** How a job uses a scope for writing. `need`: what `inferJob` says of it. `granted`: the block that gives the job its scopes. */
export function scopeUse(job: Job, scope: string, need: PermissionNeed, granted: Permissions): ScopeUse {
  if (need.scopes[scope] === 'write') return { use: 'needs', by: [] };
  const twin = TWINS[scope];
  if (twin && need.scopes[twin] === 'write' && !granted.scopes.some(s => s.name === twin && s.access === 'write')) return { use: 'needs', by: [] };
  if (need.optional.includes(scope)) return { use: 'might', by: [] };
  if (isUnfinished(job)) return { use: 'might', by: [] };
  const open = [...new Set([...need.unknown, ...need.handed])].filter(what => scope !== 'id-token' || !WITHOUT_IDENTITY.test(what));
  if (open.length > 0) return { use: 'might', by: open };
  // Git's token and an identity are there for every program, whether or not it is handed anything.
  const reachable = scope === 'id-token' || (scope === 'contents' && leavesToken(job));
  if (!reachable || need.code.length === 0) return { use: 'no', by: [] };
  const likely = need.code.filter(c => RELEASING.test(c));
  if (likely.length > 0 || RELEASING.test(job.id)) return { use: 'might', by: likely.length > 0 ? likely : need.code };
  return { use: 'unlikely', by: need.code };
}

/** Somebody is still typing: what a step will do isn't there yet, or isn't read. */
function isUnfinished(job: Job): boolean {
  if (job.entry.block.problems.length > 0) return true;
  return job.steps.some(s => (s.uses ? s.uses.kind === 'invalid' : !s.run && !s.parallel && !s.wait && !s.waitAll && !s.cancel));
}

/** A checkout in the job, or one that a local action may make, leaves its token for git. */
function leavesToken(job: Job): boolean {
  return job.steps.some(({ uses }, i) => {
    if (uses?.kind === 'local' || uses?.kind === 'self') return true;
    if (!uses || !/^(?:actions|taiki-e)$/i.test(uses.owner ?? '') || !/checkout/i.test(uses.repo ?? '')) return false;
    return (inputsOf(job.steps[i]!)['persist-credentials'] ?? '').trim().toLowerCase() !== 'false';
  });
}
