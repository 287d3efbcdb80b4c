/** Choosing among the refs that a server lists. */

export interface ListedRef {
  /** `refs/tags/v4`. */
  readonly name: string;
  readonly sha: string;
  /** `tag` for an annotated tag whose commit is not known yet. */
  readonly type: 'commit' | 'tag';
}

const VERSION = /^[vV]?\d{1,9}(?:\.\d{1,9}){0,4}$/;
const numbers = (tag: string): number[] => (tag.match(/\d+/g) ?? []).map(Number);

function newestFirst(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (b[i] ?? 0) - (a[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return b.length - a.length;
}

/** Version tags that may be fuller names of `ref`, most numbers first, then newest first, without `ref` itself. */
export function fullerTags(ref: string, refs: readonly ListedRef[]): readonly ListedRef[] {
  if (!VERSION.test(ref)) return [];
  const own = numbers(ref);
  return refs
    .filter(r => r.name.startsWith('refs/tags/') && VERSION.test(r.name.slice(10)))
    .map(r => ({ ref: r, parts: numbers(r.name.slice(10)) }))
    .filter(({ parts }) => parts.length > own.length && own.every((n, i) => parts[i] === n))
    .sort((a, b) => b.parts.length - a.parts.length || newestFirst(a.parts, b.parts))
    .map(({ ref: r }) => r);
}
