/** What is known about an action itself: its inputs, its runtime, its place among its versions. */
import { namedTag } from './advisories';
import { record, recordNames, repositoryRecord, type ActionRecord } from './store';
import { compareVersions, isFullSha, isReleaseTag, releaseNumbers } from './versions';

export interface ActionInfo {
  readonly owner: string;
  readonly repo: string;
  readonly path?: string;
  /** `owner/repo` or `owner/repo/path`, as its owner writes it. */
  readonly name: string;
  /** `node24`, `docker`, `composite`, `reusable-workflow` at its newest version; undefined where its file wasn't read. */
  readonly using?: string;
  /** Names of inputs at its newest version; undefined where its file wasn't read. They compare without case. */
  readonly inputs?: readonly string[];
  readonly required: readonly string[];
  readonly deprecated: readonly string[];
  /** Inputs that default to the run's token. */
  readonly tokenInputs: readonly string[];
  /** It has a step that runs after the job. */
  readonly post: boolean;
  /** What its newest known version uses of other repositories by a tag or a branch: `actions/cache@v4`. */
  readonly loose: readonly string[];
  /** Known release tags of the repository, newest first; not all of them. */
  readonly versions: readonly string[];
  /** The repository has no version tags, only branches by version. */
  readonly branchesOnly: boolean;
}

const words = (text: string | undefined): string[] => (text ? text.split(' ') : []);

/**
 * An action or reusable workflow by name, whatever the case; undefined for one that the catalogue doesn't know. A `path` below a known
 * repository that isn't known itself gives undefined.
 */
export function lookupAction(owner: string, repo: string, path?: string): ActionInfo | undefined {
  const parent = repositoryRecord(owner, repo);
  const found = path ? record(`${owner}/${repo}/${path}`) : parent;
  if (!found) return undefined;
  let info = infos.get(found);
  if (!info) infos.set(found, info = describe(found, parent ?? found));
  return info;
}

const infos = new WeakMap<ActionRecord, ActionInfo>();

function describe(found: ActionRecord, parent: ActionRecord): ActionInfo {
  const [owner = '', repo = '', ...rest] = found.name.split('/');
  const meta = found.meta;
  return {
    owner, repo, path: rest.length ? rest.join('/') : undefined, name: found.name,
    using: meta.runtimes?.[0]?.[1],
    inputs: meta.runtimes === undefined ? undefined : words(meta.inputs),
    required: words(meta.required), deprecated: words(meta.deprecated), tokenInputs: words(meta.token),
    post: meta.post === true,
    loose: words(meta.loose),
    versions: parent.tags.filter(t => t.release).map(t => t.name),
    branchesOnly: parent.meta.branches === '*',
  };
}

/** True where the catalogue knows any action of the repository. */
export function knowsRepository(owner: string, repo: string): boolean {
  return repositoryRecord(owner, repo) !== undefined;
}

/** `runs.using` of an action at a ref or commit; undefined where it isn't known for that version. */
export function runtimeOf(owner: string, repo: string, refOrSha: string, path?: string): string | undefined {
  const parent = repositoryRecord(owner, repo);
  const runtimes = (path ? record(`${owner}/${repo}/${path}`) : parent)?.meta.runtimes;
  if (!parent || !runtimes) return undefined;
  const tag = isFullSha(refOrSha) ? parent.tagsOn(refOrSha)[0] : namedTag(parent, refOrSha);
  const numbers = tag?.numbers ?? (isReleaseTag(refOrSha) && releaseNumbers(refOrSha).length >= 3 ? releaseNumbers(refOrSha) : undefined);
  const { read } = parent.meta;
  // A later version may have moved on.
  if (read !== undefined && (!numbers || compareVersions(numbers, releaseNumbers(read)) > 0)) return undefined;
  if (runtimes.length === 1 && runtimes[0]?.[0] === '') return path ? undefined : runtimes[0][1];
  if (!numbers) return undefined;
  return runtimes.find(([from]) => compareVersions(numbers, releaseNumbers(from)) >= 0)?.[1];
}

export interface KnownInputs {
  /** As their owner writes them; they compare without case. */
  readonly all: readonly string[];
  /** Those without a default that have to be given. */
  readonly required: readonly string[];
  /**
   * `version`: the ref names the very version that was read. `line`: a moving tag (`v4`) that named it when the catalogue was made, and
   * may name a later one today. `other`: any other version, which may have had other inputs.
   */
  readonly fit: 'version' | 'line' | 'other';
}

/** The inputs of an action as far as the catalogue knows them; undefined where its file wasn't read, or the ref is not one of its versions. */
export function knownInputs(owner: string, repo: string, ref: string, path?: string): KnownInputs | undefined {
  const info = lookupAction(owner, repo, path);
  const parent = repositoryRecord(owner, repo);
  const found = path ? record(`${owner}/${repo}/${path}`) : parent;
  if (!info?.inputs || !parent || !found || info.using === 'reusable-workflow' || parent.meta.branches === '*') return undefined;
  const at = found.meta.at ?? parent.tags.find(t => t.release)?.name;
  const commit = isFullSha(ref);
  const tags = commit ? parent.tagsOn(ref.toLowerCase()) : [namedTag(parent, ref)];
  if (!tags.some(t => t !== undefined)) return undefined;
  const fits = at !== undefined && tags.some(t => t?.name === at);
  const fixed = commit || parent.tag(ref) !== undefined && releaseNumbers(ref).length >= 3;
  return { all: info.inputs, required: info.required, fit: !fits ? 'other' : fixed ? 'version' : 'line' };
}

/** Every name in the catalogue, `owner/repo` and `owner/repo/path`, for completion. */
export function actionNames(): string[] {
  return recordNames();
}
