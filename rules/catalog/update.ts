/**
 * News over the checked-in data: what GitHub has said since of the same actions. It is made on request, kept by whoever asked, and taken
 * back in only where every part of it is sound. The checked-in data stands below it and works alone.
 */
import { knownAdvisories, type RawAdvisory } from './advisories';
import { EMBEDDED_DATE, embeddedActions, packSha, record, unpackSha, useUpdate, type CatalogUpdate, type UpdatedAction } from './store';
import { compareVersions, fits, isReleaseTag, newestFirst, releaseNumbers } from './versions';

export type { CatalogUpdate, UpdatedAction } from './store';

/** An advisory as GitHub publishes it. */
export type PublishedAdvisory = RawAdvisory;

export interface Published {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** By repository as the catalogue writes it: every tag with its commit. Repositories that are missing stay as they are. */
  readonly tags: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly advisories: readonly PublishedAdvisory[];
}

/** What is other than in the catalogue that is in use. */
export interface CatalogChanges {
  readonly versions: readonly { readonly name: string; readonly tags: readonly string[] }[];
  /** Versions whose tag is on another commit now. They are not pinned any more. */
  readonly moved: readonly { readonly name: string; readonly tag: string; readonly from: string; readonly to: string }[];
  readonly advisories: readonly { readonly id: string; readonly action: string; readonly summary: string }[];
}

/** More versions than that, besides those of the checked-in data, nobody meets. */
const VERSIONS_AT_MOST = 100;
/** A tag of a whole line (`v4`, `v4.2`) that its owner moves; a full version has three numbers or more. */
const isPartial = (tag: string): boolean => releaseNumbers(tag).length < 3;

/** Repositories that have version tags in the catalogue, as it writes them. */
export function knownRepositories(): string[] {
  return embeddedActions().filter(([name, tags]) => tags !== '' && name.split('/').length === 2).map(([name]) => name);
}

/** The news over the checked-in data, and what they are over the catalogue that is in use. */
export function makeUpdate({ date, tags, advisories }: Published): { readonly update: CatalogUpdate; readonly changes: CatalogChanges } {
  const actions: UpdatedAction[] = [];
  const versions: { name: string; tags: string[] }[] = [], moved: CatalogChanges['moved'][number][] = [];
  for (const [name, embeddedTags, commits, meta] of embeddedActions()) {
    const published = tags.get(name);
    if (!published) continue;
    const before = new Map(embeddedTags.split(' ').filter(t => t !== '').map((t, i) => [t, unpackSha(commits.slice(i * 27, (i + 1) * 27))]));
    actions.push(news(name, before, published, meta.retagged ?? {}));
    const now = record(name)!;
    const all = [...published.keys()].filter(isReleaseTag);
    const isLine = (t: string): boolean => isPartial(t) && all.some(o => releaseNumbers(o).length > releaseNumbers(t).length && fits(releaseNumbers(t), releaseNumbers(o)));
    const newer = all.filter(t => !now.tag(t) && !isLine(t)).sort(newestFirst).filter(t => !now.tags[0] || compareVersions(releaseNumbers(t), now.tags[0].numbers) > 0);
    if (newer.length > 0) versions.push({ name, tags: newer });
    for (const [tag, sha] of published) {
      const known = isPartial(tag) ? undefined : now.tag(tag);
      if (known && now.sha(known) !== sha) moved.push({ name, tag, from: now.sha(known), to: sha });
    }
  }
  const known = new Set(knownAdvisories(false).map(idOf)), current = new Set(knownAdvisories(true).map(idOf));
  const fresh = advisories.filter(a => !known.has(idOf(a)));
  return {
    update: { format: 1, date, actions, advisories: fresh },
    changes: { versions, moved, advisories: fresh.filter(a => !current.has(idOf(a))).map(({ id, action, summary }) => ({ id, action, summary })) },
  };
}

const idOf = ({ id, action }: { readonly id: string; readonly action: string }): string => `${id} ${action.toLowerCase()}`;

/** What is other than in the checked-in data. */
function news(
  name: string, before: ReadonlyMap<string, string>, published: ReadonlyMap<string, string>, retaggedBefore: Readonly<Record<string, string>>,
): UpdatedAction {
  const all = [...published.keys()].filter(isReleaseTag).sort(newestFirst);
  const fuller = (tag: string): string[] => all.filter(t => releaseNumbers(t).length > releaseNumbers(tag).length);
  const lineOf = (tag: string): string[] => fuller(tag).filter(t => fits(releaseNumbers(tag), releaseNumbers(t)));
  const changed = new Map<string, string>(), dropped: string[] = [], floats: string[] = [];
  const moving: Record<string, string> = {}, retagged: Record<string, string> = {};
  let more = 0;
  for (const tag of all) {
    const sha = published.get(tag)!, old = before.get(tag);
    const line = isPartial(tag) ? lineOf(tag) : [];
    if (line.length > 0) {
      if (releaseNumbers(tag).length === 1) floats.push(tag);
      // What stands in the data as a tag of its own, and hasn't moved, goes on standing there.
      const named = old === sha ? undefined : [...line, ...fuller(tag)].find(t => published.get(t) === sha);
      if (named !== undefined) {
        // Some owners let it name a version of another line. The newest of its line is what such a tag is taken to name.
        if (published.get(line[0]!) !== sha) moving[tag] = named;
        if (old !== undefined) dropped.push(tag);
        continue;
      }
    }
    if (old === sha) continue;
    if (old === undefined && ++more > VERSIONS_AT_MOST) continue;
    changed.set(tag, sha);
    if (old !== undefined && !isPartial(tag)) retagged[tag] = (retaggedBefore[tag] ?? '') + packSha(old);
  }
  return [name, [...changed.keys()].join(' '), [...changed.values()].map(packSha).join(''), {
    moving, floats: floats.join(' '), ...(dropped.length > 0 ? { dropped: dropped.join(' ') } : {}),
    ...(Object.keys(retagged).length > 0 ? { retagged } : {}),
  }];
}

/** Takes news in, or takes them out again with undefined. Returns false, and changes nothing, where they are older than the checked-in data. */
export function useCatalogUpdate(update: CatalogUpdate | undefined): boolean {
  if (update && update.date < EMBEDDED_DATE) return false;
  useUpdate(update);
  return true;
}

const NAME = /^[A-Za-z0-9][\w.-]{0,99}\/[\w.-]{1,100}(?:\/[\w./-]{1,100})?$/;
const PACKED = /^[\w-]*$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const BOUND = /^(?:|=?\d{1,9}(?:\.\d{1,9}){0,4})$/;
const MOST = 5000;

type Json = Readonly<Record<string, unknown>>;
const isRecord = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v);
const isTags = (v: unknown): v is string => typeof v === 'string' && (v === '' || v.split(' ').every(isReleaseTag));
const isPacked = (v: unknown, count: number): boolean => typeof v === 'string' && PACKED.test(v) && v.length === count * 27;
const isText = (v: unknown, most: number): v is string => typeof v === 'string' && v !== '' && v.length <= most && !/\p{Cc}/u.test(v);

/** News that come from a file; undefined where any part of them is not what it should be. */
export function readCatalogUpdate(value: unknown): CatalogUpdate | undefined {
  if (!isRecord(value) || value.format !== 1 || typeof value.date !== 'string' || !DATE.test(value.date)) return undefined;
  const { actions, advisories } = value;
  if (!Array.isArray(actions) || !Array.isArray(advisories) || actions.length > MOST || advisories.length > MOST) return undefined;
  return actions.every(isUpdatedAction) && advisories.every(isAdvisory) ? value as unknown as CatalogUpdate : undefined;
}

function isUpdatedAction(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 4) return false;
  const [name, tags, commits, meta] = value as unknown[];
  if (typeof name !== 'string' || !NAME.test(name) || !isTags(tags) || !isPacked(commits, tags === '' ? 0 : tags.split(' ').length) || !isRecord(meta)) return false;
  const { moving, floats, dropped = '', retagged = {} } = meta;
  if (!isRecord(moving) || !isTags(floats) || !isTags(dropped) || !isRecord(retagged)) return false;
  return Object.entries(moving).every(([from, to]) => isReleaseTag(from) && typeof to === 'string' && isReleaseTag(to))
    && Object.entries(retagged).every(([tag, packed]) => isReleaseTag(tag) && typeof packed === 'string' && isPacked(packed, Math.max(1, Math.floor(packed.length / 27))));
}

/** Whether a value is an advisory of the catalogue's own form. */
export function isAdvisory(value: unknown): value is PublishedAdvisory {
  if (!isRecord(value)) return false;
  const { action, id, cve, severity, kind, published, summary, patched, ranges } = value;
  return typeof action === 'string' && NAME.test(action) && typeof id === 'string' && /^GHSA(?:-[0-9a-z]{4}){3}$/.test(id)
    && (cve === undefined || (typeof cve === 'string' && /^CVE-\d{4}-\d{1,9}$/.test(cve)))
    && (severity === 'low' || severity === 'medium' || severity === 'high' || severity === 'critical')
    && (kind === 'vulnerability' || kind === 'compromise') && typeof published === 'string' && DATE.test(published) && isText(summary, 300)
    && (patched === undefined || (typeof patched === 'string' && patched !== '' && BOUND.test(patched)))
    && Array.isArray(ranges) && ranges.length > 0 && ranges.length <= 100
    && ranges.every(r => Array.isArray(r) && r.length === 2 && r.every(b => typeof b === 'string' && BOUND.test(b)) && r[1] !== '' && !(r[0] as string).startsWith('='));
}
