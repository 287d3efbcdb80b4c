/** Parts of the typed model that workflows, jobs, steps and actions share. */
import type { Concurrency, EnvMap, EnvVariable, Environment, InputDecl, Permissions, PermissionScope, UsesRef } from '../model';
import { asMapping, asScalar, deref, getEntry, scalarText } from '../nodes';
import type { Entry, MappingNode, ScalarNode, Span, YamlNode } from '../nodes';
import type { ParsedBlock } from './block';

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
  const whole: Span = { block: scalar.block, start: scalar.start, end: scalar.end };
  const base = { entry, scalar, text, ...commentOf(entry) };
  // Inside quotes the text sits one further; with escapes, folding or padding offsets in value and source differ.
  const source = scalar.block.text;
  const valueStart = scalar.style === 'plain' ? scalar.start : scalar.start + 1;
  const exact = scalar.style !== 'literal' && scalar.style !== 'folded' && source.startsWith(text, valueStart)
    && (scalar.style === 'plain' ? scalar.end : scalar.end - 1) === valueStart + text.length;
  const span = (start: number, end: number): Span =>
    exact ? { block: scalar.block, start: valueStart + start, end: valueStart + end } : whole;
  if (text.startsWith('docker://')) {
    const image = text.slice('docker://'.length);
    const at = image.indexOf('@');
    return {
      ...base, kind: 'docker', image, nameSpan: span(0, at < 0 ? text.length : at + 9),
      ...(at >= 0 && { ref: image.slice(at + 1), refSpan: span(at + 10, text.length) }),
    };
  }
  if (/^(?:\.|\$)\//.test(text)) {
    const path = text.slice(2);
    return { ...base, kind: text.startsWith('$') ? 'self' : 'local', path, nameSpan: span(0, text.length) };
  }
  const at = text.indexOf('@');
  const name = at < 0 ? text : text.slice(0, at);
  const ref = at < 0 ? {} : { ref: text.slice(at + 1), refSpan: span(at + 1, text.length) };
  const nameSpan = span(0, name.length);
  const [owner, repo, ...rest] = name.split('/');
  if (!owner || !repo || /[\s{}$]/.test(owner + repo)) return { ...base, kind: 'invalid', nameSpan, ...ref };
  const path = rest.join('/');
  return { ...base, kind: 'repository', owner, repo, ...(path && { path }), nameSpan, ...ref };
}

/** The comment behind the value where the key stands: an alias' comment is the alias' own. */
function commentOf(entry: Entry): { comment?: UsesRef['comment'] } {
  const block = entry.block as ParsedBlock;
  const end = entry.value?.end ?? entry.end;
  const comments = block.comments;
  let lo = 0, hi = comments.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (comments[mid]!.start < end) lo = mid + 1; else hi = mid;
  }
  const comment = comments[lo];
  if (!comment || block.text.slice(end, comment.start).includes('\n')) return {};
  return { comment: { block, start: comment.start, end: comment.end, text: comment.text } };
}

/** The last entry of each key, as `getEntry` finds it, looked up in one pass. */
export function entriesByKey(map: MappingNode | undefined): ReadonlyMap<string, Entry> {
  const found = new Map<string, Entry>();
  for (const e of map?.entries ?? []) found.set(e.key.value, e);
  return found;
}

export function isScalarNode(node: YamlNode | null | undefined): node is ScalarNode { return node?.kind === 'scalar'; }
