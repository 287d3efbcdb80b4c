/** Parts of the typed model that workflows, jobs, steps and actions share. */
import type { Concurrency, EnvMap, EnvVariable, Environment, InputDecl, Permissions, PermissionScope, UsesRef } from '../model';
import { asMapping, asScalar, deref, getEntry, scalarText } from '../nodes';
import type { Entry, MappingNode, Span, YamlNode } from '../nodes';
import type { ParsedBlock } from './block';
import { unshared } from '../unshared';

export function permissionsOf(entry: Entry | undefined): Permissions | undefined {
  if (!entry) return undefined;
  const value = deref(entry.value);
  if (value?.kind === 'mapping') {
    const scopes = value.entries.map((e): PermissionScope => ({ name: e.key.value, access: scalarText(e.value) ?? '', entry: e }));
    return { entry, shape: scopes.length ? 'map' : 'none', scopes };
  }
  const text = value?.kind === 'scalar' ? value.value : undefined;
  return { entry, shape: text === 'write-all' || text === 'read-all' ? text : 'invalid', scopes: [] };
}

export function envOf(entry: Entry | undefined): EnvMap | undefined {
  if (!entry) return undefined;
  const variables = (asMapping(entry.value)?.entries ?? []).map((e): EnvVariable => {
    const value = asScalar(e.value);
    return { name: e.key.value, entry: e, ...(value && { value }) };
  });
  return { entry, variables };
}

export function concurrencyOf(entry: Entry | undefined): Concurrency | undefined {
  if (!entry) return undefined;
  const map = asMapping(entry.value);
  const group = asScalar(map ? getEntry(map, 'group')?.value : entry.value);
  return { entry, group, cancelInProgress: getEntry(map, 'cancel-in-progress'), queue: getEntry(map, 'queue') };
}

export function environmentOf(entry: Entry | undefined): Environment | undefined {
  if (!entry) return undefined;
  const map = asMapping(entry.value);
  const name = asScalar(map ? getEntry(map, 'name')?.value : entry.value);
  return { entry, name, url: getEntry(map, 'url'), deployment: getEntry(map, 'deployment') };
}

export function inputsOf(node: YamlNode | null | undefined): InputDecl[] {
  return (asMapping(node)?.entries ?? []).map((entry): InputDecl => ({
    name: entry.key.value,
    entry,
    type: scalarText(getEntry(entry.value, 'type')?.value),
    required: scalarText(getEntry(entry.value, 'required')?.value)?.toLowerCase() === 'true',
    default: getEntry(entry.value, 'default')?.value ?? undefined,
  }));
}

/** Undefined where the entry is absent or its value is no text. */
export function usesOf(entry: Entry | undefined): UsesRef | undefined {
  const scalar = asScalar(entry?.value);
  if (!entry || !scalar) return undefined;
  const text = scalar.value.trim();
  // Inside quotes the text sits one further; with escapes, folding or padding offsets in value and source differ.
  const plain = scalar.style === 'plain';
  const valueStart = plain ? scalar.start : scalar.start + 1;
  const exact = scalar.style !== 'literal' && scalar.style !== 'folded' && (plain ? scalar.end : scalar.end - 1) === valueStart + text.length
    && scalar.block.text.startsWith(text, valueStart);
  const span = (start: number, end: number): Span => exact
    ? { block: scalar.block, start: valueStart + start, end: valueStart + end }
    : { block: scalar.block, start: scalar.start, end: scalar.end };
  const docker = text.startsWith('docker://');
  const local = text.startsWith('./'), self = text.startsWith('$/');
  const at = local || self ? -1 : text.indexOf('@');
  const nameEnd = at < 0 ? text.length : at;
  const uses: Mutable<UsesRef> = {
    entry, scalar, kind: docker ? 'docker' : local ? 'local' : self ? 'self' : 'invalid', text,
    owner: undefined, repo: undefined, slug: '', path: local || self ? text.slice(2) : undefined, ref: at < 0 ? undefined : text.slice(at + 1),
    nameSpan: span(0, nameEnd), refSpan: at < 0 ? undefined : span(at + 1, text.length),
    image: docker ? text.slice('docker://'.length) : undefined, comment: commentOf(entry),
  };
  if (uses.kind !== 'invalid') return uses;
  const slash = text.indexOf('/');
  if (slash <= 0 || slash >= nameEnd) return uses;
  const second = text.indexOf('/', slash + 1);
  const repoEnd = second < 0 || second > nameEnd ? nameEnd : second;
  const owner = text.slice(0, slash), repo = text.slice(slash + 1, repoEnd);
  if (!repo || /[\s{}$]/.test(owner) || /[\s{}$]/.test(repo)) return uses;
  uses.kind = 'repository';
  uses.owner = owner;
  uses.repo = repo;
  uses.slug = slugOf(text.slice(0, repoEnd));
  if (repoEnd < nameEnd) uses.path = text.slice(repoEnd + 1, nameEnd) || undefined;
  return uses;
}

/** A workflow names few actions, and many tables are keyed by them: a string that was looked up once knows its hash. */
const slugs = new Map<string, string>();
const MAX_SLUGS = 1000;

function slugOf(written: string): string {
  let slug = slugs.get(written);
  if (slug === undefined) {
    if (slugs.size >= MAX_SLUGS) slugs.clear();
    slugs.set(unshared(written), slug = unshared(written.toLowerCase()));
  }
  return slug;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The comment behind the value where the key stands: an alias' comment is the alias' own. */
function commentOf(entry: Entry): UsesRef['comment'] {
  const block = entry.block as ParsedBlock;
  const end = entry.value?.end ?? entry.end;
  const comments = block.comments;
  let lo = 0, hi = comments.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (comments[mid]!.start < end) lo = mid + 1; else hi = mid;
  }
  const comment = comments[lo];
  if (!comment || comment.ownLine) return undefined;
  const newline = block.text.indexOf('\n', end);
  return newline >= 0 && newline < comment.start ? undefined : comment;
}

/** The last entry of each key, as `getEntry` finds it, looked up in one pass. */
export function entriesByKey(map: MappingNode | undefined): ReadonlyMap<string, Entry> {
  const found = new Map<string, Entry>();
  for (const e of map?.entries ?? []) found.set(e.key.value, e);
  return found;
}
