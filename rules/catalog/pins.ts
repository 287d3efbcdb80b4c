/** Which commit a ref stands for, and which commit to pin. */
import { advisoriesOfTag, isMalicious, namedTag } from './advisories';
import { onCatalogChange, record, repositoryRecord, type ActionRecord, type Tag } from './store';
import { compareVersions, fits, isFullSha, isReleaseTag, releaseNumbers } from './versions';
import { unshared } from '../workflow/unshared';

export interface Pin {
  /** 40 lower-case hexadecimal digits. */
  readonly sha: string;
  /** The tag of that commit, as its owner writes it: `v4.2.2`. */
  readonly version: string;
  /** Set where the commit is not the one that the ref names: why another was chosen. */
  readonly note?: string;
}

export interface NewestPin { readonly uses: string; readonly sha: string; readonly version: string }

export type PinAnswer =
  | { readonly kind: 'pin'; readonly pin: Pin }
  /** The catalogue knows the ref, and no commit that it may be pinned to. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'branch' }
  | { readonly kind: 'unknown' };

/** First version of each major line of actions/checkout that refuses a fork's code in a privileged run. */
const FORK_GUARD: readonly (readonly number[])[] = [[2, 8, 0], [3, 7, 0], [4, 4, 0], [5, 1, 0], [6, 1, 0]];
const FORK_GUARD_MAJOR = 7;

function guarded(tag: Tag): boolean {
  if (!tag.release) return false;
  const major = tag.numbers[0] ?? 0;
  if (major >= FORK_GUARD_MAJOR) return true;
  const first = FORK_GUARD.find(g => g[0] === major);
  return first !== undefined && compareVersions(tag.numbers, first) >= 0;
}

const isCheckout = (name: string): boolean => name.toLowerCase() === 'actions/checkout';

const objections = new WeakMap<Tag, string | null>();

/** Why a version may not be pinned; undefined where it may. */
function objection(known: ActionRecord, tag: Tag): string | undefined {
  let answer = objections.get(tag);
  if (answer === undefined) objections.set(tag, answer = findObjection(known, tag) ?? null);
  return answer ?? undefined;
}

function findObjection(known: ActionRecord, tag: Tag): string | undefined {
  const [owner = '', repo = ''] = known.name.split('/');
  const advisory = advisoriesOfTag(owner, repo, tag.numbers)[0];
  if (advisory) return `${tag.name} is subject to ${advisory.id}`;
  if (isMalicious(owner, repo, known.sha(tag))) return `${tag.name} names a malicious commit`;
  if (known.meta.retagged?.[tag.name] !== undefined) return `the tag ${tag.name} was moved after its release`;
  if (!tag.release) return `${tag.name} is a pre-release`;
  if (isCheckout(known.name) && !guarded(tag)) return `${tag.name} lacks the guard against checking out a fork's code in privileged runs`;
  return undefined;
}

const pinOf = (known: ActionRecord, tag: Tag, note?: string): PinAnswer =>
  ({ kind: 'pin', pin: { sha: known.sha(tag), version: tag.name, ...(note === undefined ? {} : { note }) } });

/** What kind of ref it is, as far as the catalogue can tell. */
export function refKind(owner: string, repo: string, ref: string): 'commit' | 'tag' | 'branch' | 'unknown' {
  if (isFullSha(ref)) return 'commit';
  const known = repositoryRecord(owner, repo);
  if (known && namedTag(known, ref)) return 'tag';
  if (/^(?:main|master|develop|dev|trunk|HEAD)$/.test(ref) || /^refs\/heads\//.test(ref)) return 'branch';
  if (!known) return 'unknown';
  if (ref === (known.meta.branch ?? 'main')) return 'branch';
  const branches = known.meta.branches;
  if (branches === '*') return 'branch';
  return branches?.split(' ').includes(ref) ? 'branch' : 'unknown';
}

/**
 * The commit to pin `owner/repo@ref` to, or why there is none. A floating tag (`v4`, `v4.2`) gives the version that it names,
 * which is the newest one of its line unless its owner left it behind; a full tag gives its own commit. A commit that is
 * vulnerable, malicious, retagged, a pre-release or, for actions/checkout, without the guard against a fork's code is never
 * given: the nearest later version of the same major is, with a note, if there is one.
 */
export function explainPin(owner: string, repo: string, ref: string): PinAnswer {
  if (isFullSha(ref)) return { kind: 'unknown' };
  const key = `${owner}/${repo}@${ref}`;
  let answer = explained.get(key);
  if (!answer) {
    if (explained.size >= MAX_EXPLAINED) explained.clear();
    explained.set(unshared(key), answer = explain(unshared(owner), unshared(repo), unshared(ref)));
  }
  return answer;
}

/** A repository names the same few actions over and over. */
const explained = new Map<string, PinAnswer>();
const MAX_EXPLAINED = 1000;
onCatalogChange(() => explained.clear());

function explain(owner: string, repo: string, ref: string): PinAnswer {
  const known = repositoryRecord(owner, repo);
  const tag = known && namedTag(known, ref);
  if (!known || !tag) return refKind(owner, repo, ref) === 'branch' ? { kind: 'branch' } : { kind: 'unknown' };
  const reason = objection(known, tag);
  if (reason === undefined) return pinOf(known, tag);
  if (!tag.release) return { kind: 'refused', reason };
  const major = tag.numbers.slice(0, 1);
  const later = known.tags.filter(t => t.release && fits(major, t.numbers) && compareVersions(t.numbers, tag.numbers) > 0);
  const fit = later.filter(t => objection(known, t) === undefined);
  const floating = tag.name !== ref;
  const chosen = floating ? fit[0] : fit.at(-1);
  if (!chosen) return { kind: 'refused', reason: `${reason}, and no later version of the same major is known to be sound` };
  return pinOf(known, chosen, `${reason}; ${chosen.name} is the ${floating ? 'newest' : 'nearest'} sound version of the same major`);
}

/** The commit to pin a ref to; undefined where the catalogue has none: see `explainPin`. */
export function resolvePin(owner: string, repo: string, ref: string): Pin | undefined {
  const answer = explainPin(owner, repo, ref);
  return answer.kind === 'pin' ? answer.pin : undefined;
}

export interface LaterPin extends Pin {
  /** The tag of its whole major (`v4`), where its owner has one that names a sound version today. */
  readonly floating?: string;
}

/**
 * The nearest sound release after the one that a ref or commit stands for: of the same major if there is one, else of the next that has one.
 * For a full version or a commit that is the first one that will do, for a floating tag and at a change of major the newest of its major; for
 * a commit that isn't known the newest of all. `fit` says of a tag whether it will do. Undefined where the catalogue has none.
 */
export function laterPin(owner: string, repo: string, refOrSha: string, fit: (version: string) => boolean = () => true): LaterPin | undefined {
  const known = repositoryRecord(owner, repo);
  if (!known) return undefined;
  const sound = (tag: Tag): boolean => objection(known, tag) === undefined && fit(tag.name);
  const named = isFullSha(refOrSha) ? known.tagsOn(refOrSha)[0] : namedTag(known, refOrSha);
  const from = named?.numbers ?? (isReleaseTag(refOrSha) ? releaseNumbers(refOrSha) : undefined);
  const later = known.tags.filter(t => t.release && (from === undefined || compareVersions(t.numbers, from) > 0) && sound(t));
  const majors = later.map(t => t.numbers[0] ?? 0);
  const major = from === undefined ? majors[0] : Math.min(...majors);
  const line = later.filter(t => t.numbers[0] === major);
  const floats = !isFullSha(refOrSha) && named?.name !== refOrSha;
  const tag = from === undefined || major !== from[0] || floats ? line[0] : line.at(-1);
  if (!tag) return undefined;
  const float = known.meta.floats?.split(' ').find(f => releaseNumbers(f)[0] === major);
  const today = float === undefined ? undefined : namedTag(known, float);
  return { sha: known.sha(tag), version: tag.name, ...(float !== undefined && today && sound(today) ? { floating: float } : {}) };
}

/** The version that a tag names or a commit carries, in full; undefined where the catalogue can't tell. */
export function versionNamed(owner: string, repo: string, refOrSha: string): string | undefined {
  if (isFullSha(refOrSha)) return versionOf(owner, repo, refOrSha);
  const known = repositoryRecord(owner, repo);
  return known && namedTag(known, refOrSha)?.name;
}

/** The commit that a version's tag or a floating tag names, sound or not; undefined where the catalogue can't tell. */
export function commitNamed(owner: string, repo: string, ref: string): string | undefined {
  const known = repositoryRecord(owner, repo);
  const tag = known && namedTag(known, ref);
  return tag && known.sha(tag);
}

/** Every version tag that the catalogue knows on a commit, newest first. */
export function versionsOn(owner: string, repo: string, sha: string): string[] {
  return (repositoryRecord(owner, repo)?.tagsOn(sha) ?? []).map(t => t.name);
}

/** The fullest version tag on a commit (`v4.2.2` rather than `v4`); undefined for a commit without one or that isn't known. */
export function versionOf(owner: string, repo: string, sha: string): string | undefined {
  const tags = repositoryRecord(owner, repo)?.tagsOn(sha) ?? [];
  let best: Tag | undefined;
  for (const tag of tags) {
    if (!best || (tag.release && !best.release) || (tag.release === best.release && tag.numbers.length > best.numbers.length)) best = tag;
  }
  return best?.name;
}

/**
 * The newest sound version of an action, for text that is written anew. `uses` is the name without `@`.
 * Throws for an action that the catalogue doesn't know: a scaffold that asks for one is wrong.
 */
export function newestPin(owner: string, repo: string, path?: string): NewestPin {
  const found = newestKnown(owner, repo);
  if (!found) throw new Error(`the catalogue knows no sound version of ${owner}/${repo}`);
  return { uses: path ? `${found.name}/${path}` : found.name, sha: found.sha, version: found.version };
}

/** As `newestPin`, undefined instead of throwing. `name` is `owner/repo` as its owner writes it. */
export function newestKnown(owner: string, repo: string): (Pin & { readonly name: string }) | undefined {
  const known = record(`${owner}/${repo}`);
  const tag = known?.tags.find(t => objection(known, t) === undefined);
  return known && tag && { name: known.name, sha: known.sha(tag), version: tag.name };
}

/**
 * Whether actions/checkout at this ref or commit refuses a fork's code in privileged runs. A floating tag counts as the newest
 * version of its line. Undefined where the catalogue can't tell.
 */
export function checkoutHasForkGuard(refOrSha: string): boolean | undefined {
  const known = repositoryRecord('actions', 'checkout');
  if (!known) return undefined;
  if (isFullSha(refOrSha)) {
    const tags = known.tagsOn(refOrSha);
    return tags.length === 0 ? undefined : tags.some(guarded);
  }
  if (refOrSha === 'main' || refOrSha === 'HEAD') return true;
  const named = namedTag(known, refOrSha);
  if (named) return guarded(named);
  if (!isReleaseTag(refOrSha)) return undefined;
  const numbers = releaseNumbers(refOrSha);
  return numbers.length < 3 ? undefined : guarded({ name: refOrSha, numbers, release: true, index: -1 });
}
