/** Version tags of actions. Actions don't keep to semantic versions: `v4`, `4.1`, `v1.2.3.4`, `V28` and `2023.1` all occur. */
import { unshared } from '../workflow/unshared';

/** `v4`, `4.2`, `v4.2.2`: digits and dots, perhaps with a `v`. */
export function isReleaseTag(ref: string): boolean {
  return /^[vV]?\d{1,9}(?:\.\d{1,9}){0,4}$/.test(ref);
}

/** True for 40 or 64 hexadecimal digits: the only refs that name one commit for ever. */
export function isFullSha(ref: string): boolean {
  return /^(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{64})$/.test(ref);
}

/** True for 7 to 39 hexadecimal digits with at least one letter and one digit: an abbreviated commit, not a tag like `20231201`. */
export function isShortSha(ref: string): boolean {
  return /^[0-9a-fA-F]{7,39}$/.test(ref) && /[a-fA-F]/.test(ref) && /\d/.test(ref);
}

/** The numbers of a tag, in order: `[4, 2, 2]` of `v4.2.2-rc.1` holds the pre-release number too. */
export function versionNumbers(tag: string): number[] {
  return (tag.match(/\d{1,9}/g) ?? []).map(Number);
}

/** The numbers before any pre-release part: `[4, 2, 2]` of `v4.2.2-rc.1`. */
export function releaseNumbers(tag: string): readonly number[] {
  let numbers = remembered.get(tag);
  if (!numbers) {
    if (remembered.size >= 2000) remembered.clear();
    remembered.set(unshared(tag), numbers = readNumbers(tag));
  }
  return numbers;
}

const remembered = new Map<string, readonly number[]>();

function readNumbers(tag: string): readonly number[] {
  const head = /^[vV]?(\d{1,9}(?:\.\d{1,9})*)/.exec(tag)?.[1];
  return head === undefined ? [] : head.split('.').map(Number);
}

/** Negative where `a` is the older one; missing parts count as 0. */
export function compareVersions(a: readonly number[], b: readonly number[]): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The order of version tags, newest first: a release before its pre-releases, and by name where all else is the same. */
export function newestFirst(a: string, b: string): number {
  const [x, y] = [versionNumbers(a), versionNumbers(b)];
  return compareVersions(y, x) || y.length - x.length || Number(isReleaseTag(b)) - Number(isReleaseTag(a)) || (a < b ? -1 : a > b ? 1 : 0);
}

/** True where `numbers` starts with `prefix`: `v4.2` fits `v4.2.2`. */
export function fits(prefix: readonly number[], numbers: readonly number[]): boolean {
  return prefix.every((n, i) => (numbers[i] ?? 0) === n);
}
