/** The checked-in data, indexed on first use. Nothing here is for callers outside `catalog/`. */
import actionsData from './data/actions.json';
import type { RawAdvisory } from './advisories';
import { isReleaseTag, newestFirst, releaseNumbers } from './versions';

/** What the generator writes for an action besides its tags; lists are space-separated. */
export interface RawMeta {
  readonly inputs?: string;
  /** Those without a default that have to be given. */
  readonly required?: string;
  /** The version that the inputs were read at, where it is not the newest one; empty where it isn't known. */
  readonly at?: string;
  readonly deprecated?: string;
  readonly token?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  /** `[first version, runtime]`, newest first. */
  readonly runtimes?: readonly (readonly [string, string])[];
  /** The newest version whose runtime was read, where later ones are known. */
  readonly read?: string;
  /** Partial tags that name another version than the newest one of their line. */
  readonly moving?: Readonly<Record<string, string>>;
  /** Tags of whole majors that are moved with each release, newest first. */
  readonly floats?: string;
  /** Branches that look like versions; `*` for an action that has only such branches. */
  readonly branches?: string;
  /** The default branch where it isn't `main`. */
  readonly branch?: string;
  readonly post?: boolean;
  /** What its newest version uses of other repositories without a commit: `actions/cache@v4`. */
  readonly loose?: string;
  /** Versions whose tag was moved to another commit, with the earlier commits, packed. */
  readonly retagged?: Readonly<Record<string, string>>;
}

type RawAction = readonly [name: string, tags: string, commits: string, meta: RawMeta];

/** What is other of one repository than in the checked-in data: tags that are new or on another commit, and all moving ones. */
export type UpdatedAction = readonly [name: string, tags: string, commits: string, meta: {
  readonly moving: Readonly<Record<string, string>>;
  readonly floats: string;
  /** Tags of the checked-in data that move now. */
  readonly dropped?: string;
  /** Earlier commits, packed, of versions whose tag was moved. */
  readonly retagged?: Readonly<Record<string, string>>;
}];

/** News over the checked-in data. */
export interface CatalogUpdate {
  readonly format: 1;
  /** The day on which GitHub was asked, `YYYY-MM-DD`. */
  readonly date: string;
  readonly actions: readonly UpdatedAction[];
  /** Those that the checked-in data does not have. */
  readonly advisories: readonly RawAdvisory[];
}

export interface Tag {
  readonly name: string;
  readonly numbers: readonly number[];
  readonly release: boolean;
  /** Position of its commit in the packed commits. */
  readonly index: number;
}

export const EMBEDDED_DATE: string = actionsData.generated;
/** The day of the newest part of the catalogue that is in use. */
export let CATALOG_DATE: string = EMBEDDED_DATE;

/** Characters of one packed commit: 20 bytes in base64url. */
const PACKED = 27;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const HEX = '0123456789abcdef';

/** 27 base64url characters for 40 hexadecimal digits. */
export function packSha(sha: string): string {
  let out = '';
  const digits = `${sha.toLowerCase()}00`;
  for (let i = 0; i + 3 <= digits.length && out.length < PACKED; i += 3) {
    const n = Number.parseInt(digits.slice(i, i + 3), 16);
    out += ALPHABET.charAt(n >> 6) + ALPHABET.charAt(n & 63);
  }
  return out.slice(0, PACKED);
}

export function unpackSha(packed: string): string {
  let out = '';
  for (let i = 0; i < packed.length; i += 2) {
    const n = (ALPHABET.indexOf(packed.charAt(i)) << 6) | Math.max(0, ALPHABET.indexOf(packed.charAt(i + 1)));
    out += HEX.charAt(n >> 8) + HEX.charAt((n >> 4) & 15) + HEX.charAt(n & 15);
  }
  return out.slice(0, 40);
}

const NO_TAGS: readonly Tag[] = [];
/** Several rules ask about each commit; a hostile file may name any number of them. */
const MAX_REMEMBERED = 500;

/** One repository's versions, decoded on first use. */
export class ActionRecord {
  #tags?: readonly Tag[];
  #byName?: Map<string, Tag>;
  readonly #bySha = new Map<string, readonly Tag[]>();
  constructor(readonly name: string, readonly rawTags: string, readonly commits: string, readonly meta: RawMeta) {}

  /** Newest first. */
  get tags(): readonly Tag[] {
    return this.#tags ??= this.rawTags === '' ? [] : this.rawTags.split(' ').map((name, index) =>
      ({ name, numbers: releaseNumbers(name), release: isReleaseTag(name), index }));
  }

  tag(name: string): Tag | undefined {
    this.#byName ??= new Map(this.tags.map(t => [t.name, t]));
    return this.#byName.get(name);
  }

  sha(tag: Tag): string {
    return unpackSha(this.commits.slice(tag.index * PACKED, (tag.index + 1) * PACKED));
  }

  /** Every tag on a commit, newest first; for a tag that was moved also the commits it had before. */
  tagsOn(sha: string): readonly Tag[] {
    if (sha.length !== 40) return NO_TAGS;
    let tags = this.#bySha.get(sha);
    if (!tags) {
      if (this.#bySha.size >= MAX_REMEMBERED) this.#bySha.clear();
      this.#bySha.set(sha, tags = this.#findTags(sha));
    }
    return tags;
  }

  #findTags(sha: string): readonly Tag[] {
    const packed = packSha(sha);
    const found: Tag[] = [];
    for (let at = this.commits.indexOf(packed); at >= 0; at = this.commits.indexOf(packed, at + 1)) {
      const tag = at % PACKED === 0 ? this.tags[at / PACKED] : undefined;
      if (tag) found.push(tag);
    }
    for (const [name, commits] of Object.entries(this.meta.retagged ?? {})) {
      const at = commits.indexOf(packed);
      if (at < 0 || at % PACKED !== 0) continue;
      found.push(this.tag(name) ?? { name, numbers: releaseNumbers(name), release: true, index: -1 });
    }
    return found;
  }
}

let index: Map<string, ActionRecord> | undefined;
let update: CatalogUpdate | undefined;
const forgetful: (() => void)[] = [];

/** Calls back when the data is another: what was derived from it does not hold any more. */
export function onCatalogChange(forget: () => void): void {
  forgetful.push(forget);
}

/** Takes news in, or out again. */
export function useUpdate(news: CatalogUpdate | undefined): void {
  update = news;
  index = undefined;
  CATALOG_DATE = news?.date ?? EMBEDDED_DATE;
  for (const forget of forgetful) forget();
}

export function currentUpdate(): CatalogUpdate | undefined {
  return update;
}

export function embeddedActions(): readonly RawAction[] {
  return actionsData.actions as unknown as readonly RawAction[];
}

/** One entry of the checked-in data with the news of its repository. */
function updated(entry: RawAction, news: UpdatedAction | undefined, newestRead: string | undefined): RawAction {
  if (!news) return entry;
  const [name, tags, commits, meta] = entry;
  // Inputs and runtimes were read at the newest version of then.
  const asRead = { ...(meta.inputs !== undefined && meta.at === undefined ? { at: newestRead ?? '' } : {}), ...(meta.runtimes && meta.read === undefined ? { read: newestRead } : {}) };
  if (name.split('/').length > 2) return [name, tags, commits, news[1] === '' ? meta : { ...meta, ...asRead }];
  const { moving, floats, dropped = '', retagged } = news[3];
  if (news[1] === '' && dropped === '') return [name, tags, commits, { ...meta, moving, floats }];
  const all = new Map<string, string>();
  const add = (names: string, packed: string): void => {
    if (names !== '') names.split(' ').forEach((tag, i) => all.set(tag, packed.slice(i * PACKED, (i + 1) * PACKED)));
  };
  add(tags, commits);
  for (const tag of dropped.split(' ')) all.delete(tag);
  add(news[1], news[2]);
  const sorted = [...all.keys()].sort(newestFirst);
  return [name, sorted.join(' '), sorted.map(t => all.get(t)).join(''), {
    ...meta, ...(news[1] === '' ? {} : asRead), moving, floats, retagged: { ...meta.retagged, ...retagged },
  }];
}

function actions(): Map<string, ActionRecord> {
  if (index) return index;
  index = new Map();
  const news = new Map(update?.actions.map(a => [a[0].toLowerCase(), a]));
  const newest = new Map<string, string | undefined>();
  for (const entry of embeddedActions()) {
    const repository = entry[0].split('/').slice(0, 2).join('/').toLowerCase();
    if (news.has(repository) && !newest.has(repository)) newest.set(repository, entry[1].split(' ').find(isReleaseTag));
    const [name, tags, commits, meta] = updated(entry, news.get(repository), newest.get(repository));
    index.set(name.toLowerCase(), new ActionRecord(name, tags, commits, meta));
  }
  return index;
}

/** The record of `owner/repo` or of `owner/repo/path`, whatever their case. */
export function record(name: string): ActionRecord | undefined {
  return actions().get(name.toLowerCase());
}

export function repositoryRecord(owner: string, repo: string): ActionRecord | undefined {
  return record(`${owner}/${repo}`);
}

/** All names, as their owners write them. */
export function recordNames(): string[] {
  return [...actions().values()].map(a => a.name);
}
