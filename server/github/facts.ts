/** What GitHub says of the ref of a `uses`: where its commit comes from, which version it is, and since when there is that version. */
import type { PinFacts } from '../../rules';
import { ResolveError } from './errors';
import { checkNames, type RefName } from './names';
import { limited } from './limited';
import type { ResolveOptions } from './resolve';
import { bad, client, isObject, optional, shaOf, type Get } from './rest';

interface NamedCommit { readonly name: string; readonly sha: string }
interface Listing { readonly items: readonly NamedCommit[]; /** False where there are more than are worth asking for. */ readonly complete: boolean }

const PER_PAGE = 100;
const TAG_PAGES = 10;
const BRANCH_PAGES = 3;
/** Branches and tags that a commit which none of them names is compared with: a question each. */
const COMPARED_AT_MOST = 120;
/** Versions on one commit that are asked for their release. */
const RELEASES_AT_MOST = 3;

const VERSION = /^[vV]?\d{1,9}(?:\.\d{1,9}){0,4}$/;
const FULL_SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;
const parts = (tag: string): number => tag.split('.').length;

/** Refs of one repository, listed when they are first needed; several pins of one repository share them. */
export class RepositoryRefs {
  #tags?: Promise<Listing>;
  #branches?: Promise<Listing>;

  constructor(readonly base: string, private readonly get: Get) {}

  get tags(): Promise<Listing> { return this.#tags ??= this.#list('tags', TAG_PAGES); }
  get branches(): Promise<Listing> { return this.#branches ??= this.#list('branches', BRANCH_PAGES); }

  async #list(kind: 'tags' | 'branches', pages: number): Promise<Listing> {
    const items: NamedCommit[] = [];
    for (let page = 1; page <= pages; page++) {
      const answer = await this.get(`${this.base}/${kind}?per_page=${PER_PAGE}&page=${page}`);
      if (!Array.isArray(answer)) throw bad(`the ${kind} of ${this.base.slice(7)}`);
      for (const item of answer) {
        if (!isObject(item) || typeof item.name !== 'string' || !isObject(item.commit)) throw bad(`the ${kind} of ${this.base.slice(7)}`);
        items.push({ name: item.name, sha: shaOf(item.commit.sha, `the ${kind} of ${this.base.slice(7)}`) });
      }
      if (answer.length < PER_PAGE) return { items, complete: true };
    }
    return { items, complete: false };
  }
}

/** Asks about pins, one repository's refs once. Throws `ResolveError` for a pin that GitHub gives no answer about. */
export class PinInspector {
  readonly #repositories = new Map<string, RepositoryRefs>();

  constructor(private readonly options: ResolveOptions) {}

  async inspect(name: RefName): Promise<PinFacts> {
    checkNames(name);
    const get = await client({ ...this.options, signal: () => limited(this.options) }, `${name.owner}/${name.repo}@${name.ref}`);
    const base = `/repos/${name.owner}/${name.repo}`;
    const key = base.toLowerCase();
    let refs = this.#repositories.get(key);
    if (!refs) this.#repositories.set(key, refs = new RepositoryRefs(base, get));
    try {
      return FULL_SHA.test(name.ref) ? await inspectCommit(name.ref.toLowerCase(), refs, get) : await inspectName(name.ref, refs, get);
    } catch (error) {
      // What has failed is asked again by the next.
      this.#repositories.delete(key);
      throw error;
    }
  }
}

/** Whether a ref is the name of a tag, and of a branch. */
async function inspectName(ref: string, refs: RepositoryRefs, get: Get): Promise<PinFacts> {
  const tag = await isRef('tags', ref, refs, get), branch = await isRef('heads', ref, refs, get);
  // Of a repository that is private or gone nothing is known.
  if (!tag && !branch) await get(refs.base);
  return { ...(tag || branch ? { exists: true } : {}), tag, branch };
}

async function isRef(kind: 'tags' | 'heads', ref: string, refs: RepositoryRefs, get: Get): Promise<boolean> {
  const found = await optional(get(`${refs.base}/git/ref/${kind}/${ref.split('/').map(encodeURIComponent).join('/')}`));
  if (found !== undefined && (!isObject(found) || found.ref !== `refs/${kind}/${ref}`)) throw bad(`${refs.base.slice(7)}@${ref}`);
  return found !== undefined;
}

async function inspectCommit(sha: string, refs: RepositoryRefs, get: Get): Promise<PinFacts> {
  const [tags, branches] = [await refs.tags, await refs.branches];
  const named = async (list: Listing, kind: 'tags' | 'heads'): Promise<boolean> =>
    list.items.some(i => i.name === sha) || (!list.complete && await isRef(kind, sha, refs, get));
  const tag = await named(tags, 'tags'), branch = await named(branches, 'heads');
  const on = tags.items.filter(t => t.sha === sha && VERSION.test(t.name)).map(t => t.name).sort((a, b) => parts(b) - parts(a));
  const tagged = on.length > 0 ? true : tags.complete && tags.items.some(t => VERSION.test(t.name)) ? false : undefined;
  const found = { tag, branch, ...(tagged === undefined ? {} : { tagged }) };
  if ([...tags.items, ...branches.items].some(i => i.sha === sha)) {
    return { ...found, exists: true, reachable: true, ...(on[0] === undefined ? {} : { version: on[0], ...await publication(sha, on, refs, get) }) };
  }
  if (!await hasCommit(sha, refs, get)) return { tag, branch, exists: false };
  const reachable = await leadsTo(sha, tags, branches, refs, get);
  return { ...found, exists: true, ...(reachable === undefined ? {} : { reachable }) };
}

/** When a version was published: the release's date, which nobody can set, else the commit's, which its author can. */
async function publication(sha: string, versions: readonly string[], refs: RepositoryRefs, get: Get): Promise<{ published?: string }> {
  for (const version of versions.slice(0, RELEASES_AT_MOST)) {
    const release = await optional(get(`${refs.base}/releases/tags/${encodeURIComponent(version)}`));
    if (isObject(release) && isDate(release.published_at)) return { published: release.published_at };
  }
  const commit = await optional(get(`${refs.base}/commits/${sha}`));
  const by = isObject(commit) && isObject(commit.commit) && isObject(commit.commit.committer) ? commit.commit.committer.date : undefined;
  return isDate(by) ? { published: by } : {};
}

const isDate = (value: unknown): value is string => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(value) && !Number.isNaN(Date.parse(value));

/** GitHub says 422 of a commit that neither the repository nor any fork of it has. */
async function hasCommit(sha: string, refs: RepositoryRefs, get: Get): Promise<boolean> {
  try {
    const commit = await get(`${refs.base}/commits/${sha}`);
    if (!isObject(commit) || shaOf(commit.sha, sha) !== sha) throw bad(`${refs.base.slice(7)}@${sha}`);
    return true;
  } catch (error) {
    const status = error instanceof ResolveError && isObject(error.cause) ? error.cause.status : undefined;
    if (status === 404 || status === 422) return false;
    throw error;
  }
}

/** Whether any branch or tag has the commit behind it; undefined where there are too many to say no. */
async function leadsTo(sha: string, tags: Listing, branches: Listing, refs: RepositoryRefs, get: Get): Promise<boolean | undefined> {
  const heads = new Set<string>();
  // Where releases are made comes first: that is where most of such commits are.
  const likely = (b: NamedCommit): number => (/^(?:main|master|trunk|develop)$/.test(b.name) ? 0 : /^releases?\b|^v?\d/.test(b.name) ? 1 : 2);
  for (const b of [...branches.items].sort((a, z) => likely(a) - likely(z))) heads.add(b.sha);
  for (const t of tags.items) heads.add(t.sha);
  for (const head of [...heads].slice(0, COMPARED_AT_MOST)) {
    const comparison = await optional(get(`${refs.base}/compare/${head}...${sha}?per_page=1`));
    // Without an ancestor in common there is nothing to compare.
    if (comparison === undefined) continue;
    if (!isObject(comparison) || typeof comparison.status !== 'string') throw bad(`${refs.base.slice(7)}@${sha}`);
    if (comparison.status === 'behind' || comparison.status === 'identical') return true;
  }
  // A repository without a single branch is none that anybody could have pinned: the answer isn't whole.
  return tags.complete && branches.complete && branches.items.length > 0 && heads.size <= COMPARED_AT_MOST ? false : undefined;
}
