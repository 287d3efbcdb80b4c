/** Which jobs and steps of the checkout call which of its files. */
import type { World } from '../../../engine/rule';
import type { Repository } from '../../../repository/repository';
import { OwnMemo } from '../../../workflow/block-memo';
import type { SourceDocument } from '../../../workflow/document';
import type { Job, Step, UsesRef } from '../../../workflow/model';

export interface CallSite {
  readonly document: SourceDocument;
  /** Absent for a step of an action. */
  readonly job?: Job;
  /** Absent where the job itself calls a workflow. */
  readonly step?: Step;
}

/** Of a file that is called more often, the first so many are looked at. */
const MAX_SITES = 50;

const ofDocument = new OwnMemo<SourceDocument, ReadonlyMap<string, readonly CallSite[]>>();
const ofRepository = new WeakMap<Repository, ReadonlyMap<string, readonly CallSite[]>>();

/** Everything that calls the file at `path`, the document of the world as it is now. */
export function callSites(world: World, path: string): readonly CallSite[] {
  const { repository, document } = world;
  const own = sitesIn(document).get(targetOf(path)) ?? [];
  if (!repository) return own;
  const others = (sitesOf(repository).get(targetOf(path)) ?? []).filter(s => s.document.path !== document.path);
  return [...own, ...others].slice(0, MAX_SITES);
}

/** The workflow or action of the checkout that a `uses:` names. */
export function calledDocument(world: World, uses: UsesRef, by: 'step' | 'job'): SourceDocument | undefined {
  if (uses.kind !== 'local' && uses.kind !== 'self') return undefined;
  const path = clean(uses.path ?? '');
  const names = by === 'job' ? [path] : ['action.yml', 'action.yaml'].map(n => path === '' ? n : `${path}/${n}`);
  for (const name of names) {
    const document = name === world.document.path ? world.document : world.repository?.document(name);
    if (document) return document;
  }
  return undefined;
}

/** Actions are called by their folder. */
function targetOf(path: string): string {
  const action = /^(?:(.*)\/)?action\.ya?ml$/.exec(path);
  return action ? `action ${action[1] ?? ''}` : `workflow ${path}`;
}

function clean(path: string): string { return path.replace(/\/+$/, '').replace(/^(?:\.\/)+/, ''); }

function sitesIn(document: SourceDocument): ReadonlyMap<string, readonly CallSite[]> {
  return ofDocument.get(document, collect);
}

function collect(document: SourceDocument): ReadonlyMap<string, readonly CallSite[]> {
  const sites = new Map<string, CallSite[]>();
  const add = (kind: 'action' | 'workflow', uses: UsesRef | undefined, site: CallSite): void => {
    if (uses?.kind !== 'local' && uses?.kind !== 'self') return;
    const key = `${kind} ${clean(uses.path ?? '')}`, list = sites.get(key);
    if (list) list.push(site); else sites.set(key, [site]);
  };
  for (const job of document.workflow?.jobs ?? []) {
    add('workflow', job.uses, { document, job });
    for (const step of job.steps) add('action', step.uses, { document, job, step });
  }
  for (const step of document.action?.steps ?? []) add('action', step.uses, { document, step });
  return sites;
}

function sitesOf(repository: Repository): ReadonlyMap<string, readonly CallSite[]> {
  let all = ofRepository.get(repository);
  if (!all) {
    const sites = new Map<string, CallSite[]>();
    for (const document of repository.documents) {
      for (const [key, own] of sitesIn(document)) {
        const list = sites.get(key);
        if (list) list.push(...own); else sites.set(key, [...own]);
      }
    }
    ofRepository.set(repository, all = sites);
  }
  return all;
}
