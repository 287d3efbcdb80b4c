/** Published advisories about actions, and commits known to be malicious. */
import advisoriesData from './data/advisories.json';
import archivedData from './data/archived.json';
import { currentUpdate, onCatalogChange, packSha, repositoryRecord, type ActionRecord, type Tag } from './store';
import { compareVersions, fits, isFullSha, isReleaseTag, releaseNumbers } from './versions';

export interface Advisory {
  /** `owner/repo`, or `owner/repo/path` where one action below a repository is meant. */
  readonly action: string;
  readonly id: string;
  readonly cve?: string;
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  /** `compromise`: somebody put malicious code behind the tags for a while. */
  readonly kind: 'vulnerability' | 'compromise';
  /** `YYYY-MM-DD`. */
  readonly published: string;
  readonly summary: string;
  /** First version without the flaw, without a `v`; undefined where none is known. */
  readonly patched?: string;
  readonly url: string;
}

type Triple = readonly [string, string, string];
/** As it is kept. A range is `[from, to)`; `to` is `=x` where x itself is affected. */
export interface RawAdvisory extends Omit<Advisory, 'url'> { readonly ranges: readonly (readonly [string, string])[] }

let byRepository: Map<string, RawAdvisory[]> | undefined;
/** By repository, then by packed commit. */
let malicious: Map<string, Map<string, string>> | undefined;
let archived: Map<string, readonly [string, string]> | undefined;

onCatalogChange(() => { byRepository = undefined; });

/** Those that are checked in; with news, also those that have come since. */
export function knownAdvisories(news: boolean): readonly RawAdvisory[] {
  const own = advisoriesData.advisories as unknown as readonly RawAdvisory[];
  return news ? [...own, ...currentUpdate()?.advisories ?? []] : own;
}

function advisories(owner: string, repo: string): readonly RawAdvisory[] {
  if (!byRepository) {
    byRepository = new Map();
    for (const advisory of knownAdvisories(true)) {
      const key = advisory.action.toLowerCase().split('/').slice(0, 2).join('/');
      const list = byRepository.get(key);
      if (list) list.push(advisory); else byRepository.set(key, [advisory]);
    }
  }
  return byRepository.get(`${owner}/${repo}`.toLowerCase()) ?? [];
}

function inRange(numbers: readonly number[], range: readonly [string, string]): boolean {
  const [from, to] = range;
  if (from !== '' && compareVersions(numbers, releaseNumbers(from)) < 0) return false;
  if (to.startsWith('=')) return compareVersions(numbers, releaseNumbers(to.slice(1))) <= 0;
  return compareVersions(numbers, releaseNumbers(to)) < 0;
}

/** True where every version of a line (`v4`: 4.0.0 up to, not including, 5.0.0) is in the range: then no release of it helps. */
function lineInRange(prefix: readonly number[], range: readonly [string, string]): boolean {
  if (!inRange(prefix, range)) return false;
  const next = [...prefix.slice(0, -1), (prefix.at(-1) ?? 0) + 1];
  const end = releaseNumbers(range[1].replace('=', ''));
  return compareVersions(end, next) >= 0;
}

const shown = (a: RawAdvisory): Advisory => ({
  action: a.action, id: a.id, cve: a.cve, severity: a.severity, kind: a.kind, published: a.published, summary: a.summary,
  patched: a.patched, url: `https://github.com/advisories/${a.id}`,
});

function concerns(advisory: RawAdvisory, path: string | undefined): boolean {
  const own = advisory.action.split('/').slice(2).join('/').toLowerCase();
  return own === '' || own === (path ?? '').toLowerCase();
}

/** Advisories that one version of a known repository is subject to. Used by the choice of pins. */
export function advisoriesOfTag(owner: string, repo: string, numbers: readonly number[]): readonly { readonly id: string }[] {
  return advisories(owner, repo).filter(a => concerns(a, undefined) && a.ranges.some(r => inRange(numbers, r)));
}

/** The tag that a floating ref (`v4`, `v4.2`) names in the catalogue; undefined where it names none or is a branch. */
export function namedTag(known: ActionRecord, ref: string): Tag | undefined {
  const exact = known.tag(ref);
  if (exact) return exact;
  const moved = known.meta.moving?.[ref];
  if (moved !== undefined) return known.tag(moved);
  if (!isReleaseTag(ref) || known.meta.branches === '*' || known.meta.branches?.split(' ').includes(ref)) return undefined;
  const prefix = releaseNumbers(ref);
  if (prefix.length > 2) return undefined;
  const withV = /^[vV]/.test(ref);
  // `@4` where the tags are called `v4.…` is no tag of theirs; `@v2` where they are called `2.…` is what some do.
  return known.tags.find(t => t.release && t.numbers.length > prefix.length && fits(prefix, t.numbers) && (withV || !/^[vV]/.test(t.name)));
}

/**
 * Advisories that `owner/repo@refOrSha` is subject to. A commit counts as the version whose tag it carries; a floating tag
 * counts as the version that it names in the catalogue, and where the catalogue doesn't know the action's tags, only if
 * every version of its line is affected. Branches and unknown commits have none, unless the commit itself is malicious.
 */
export function advisoriesFor(owner: string, repo: string, refOrSha: string, path?: string): readonly Advisory[] {
  const all = advisories(owner, repo).filter(a => concerns(a, path));
  if (all.length === 0) return [];
  const known = repositoryRecord(owner, repo);
  if (isFullSha(refOrSha)) {
    const bad = maliciousAdvisory(owner, repo, refOrSha);
    const tag = known?.tagsOn(refOrSha)[0];
    return all.filter(a => a.id === bad || (tag && a.ranges.some(r => inRange(tag.numbers, r)))).map(shown);
  }
  if (!isReleaseTag(refOrSha)) return [];
  const named = known && namedTag(known, refOrSha);
  if (named) return all.filter(a => a.ranges.some(r => inRange(named.numbers, r))).map(shown);
  if (known?.meta.branches === '*' || known?.meta.branches?.split(' ').includes(refOrSha)) return [];
  const numbers = releaseNumbers(refOrSha);
  const hit = numbers.length < 3 ? lineInRange : inRange;
  return all.filter(a => a.ranges.some(r => hit(numbers, r))).map(shown);
}

function maliciousAdvisory(owner: string, repo: string, sha: string): string | undefined {
  if (sha.length !== 40) return undefined;
  if (!malicious) {
    malicious = new Map();
    for (const [action, packed, id] of advisoriesData.malicious as unknown as readonly Triple[]) {
      const commits = malicious.get(action);
      if (commits) commits.set(packed, id); else malicious.set(action, new Map([[packed, id]]));
    }
  }
  return malicious.get(`${owner}/${repo}`.toLowerCase())?.get(packSha(sha));
}

/** True for a commit that an incident report names as the attackers'. */
export function isMalicious(owner: string, repo: string, sha: string): boolean {
  return maliciousAdvisory(owner, repo, sha) !== undefined;
}

export interface Archived {
  /** `archived` is GitHub's own mark; the others come from the action's README. */
  readonly status: 'archived' | 'deprecated' | 'maintenance-only' | 'superseded';
  /** What to use instead, as `owner/repo` or in words; undefined where nothing is known. */
  readonly replacement?: string;
}

/** Whether nobody looks after an action any more, and what to use instead. Undefined for one that isn't known to be so. */
export function archivedAction(owner: string, repo: string, path?: string): Archived | undefined {
  archived ??= new Map((archivedData as unknown as readonly Triple[]).map(([a, s, r]) => [a, [s, r]]));
  const name = `${owner}/${repo}`.toLowerCase();
  const found = (path ? archived.get(`${name}/${path.toLowerCase()}`) : undefined) ?? archived.get(name);
  return found && { status: found[0] as Archived['status'], replacement: found[1] === '' ? undefined : found[1] };
}

/** True where GitHub shows the action's repository as archived. */
export function isArchived(owner: string, repo: string, path?: string): boolean {
  return archivedAction(owner, repo, path)?.status === 'archived';
}
