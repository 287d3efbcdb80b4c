/** What a step of actions/upload-artifact uploads, pattern by pattern. */
import { versionOf } from '../../catalog';
import type { Step } from '../../workflow/model';
import { asMapping, asScalar, type Entry, type ScalarNode, type Span } from '../../workflow/nodes';
import { valueRangeSpan } from '../../workflow/scalar-map';

export interface UploadPattern {
  /** Below the workspace, without `./`: `''` for the workspace itself. As written where it isn't below it. */
  readonly path: string;
  /** `!`: left out. */
  readonly excludes: boolean;
  readonly text: string;
  readonly at: Span;
}

export interface Upload {
  readonly step: Step;
  readonly path: Entry;
  readonly scalar: ScalarNode;
  readonly patterns: readonly UploadPattern[];
  /** Files and folders whose names begin with a dot go along. */
  readonly hidden: boolean;
  /** The input that says so. */
  readonly hiddenEntry?: Entry;
}

/** An input's entry, its name without case. */
export function inputEntry(step: Step, name: string): Entry | undefined {
  return asMapping(step.with?.value)?.entries.find(e => e.key.value.toLowerCase() === name);
}

/** Whether a step uses `owner/repo` (lower case) itself, not something below it. */
export function usesAction(step: Step, name: string): boolean {
  return step.uses?.kind === 'repository' && !step.uses.path && step.uses.slug === name;
}

/** Undefined for a step that uploads nothing, or whose paths aren't written here. */
export function uploadOf(step: Step): Upload | undefined {
  if (!usesAction(step, 'actions/upload-artifact')) return undefined;
  const path = inputEntry(step, 'path'), scalar = asScalar(path?.value);
  if (!path || !scalar) return undefined;
  const hiddenEntry = inputEntry(step, 'include-hidden-files');
  const asked = /^true$/i.test(asScalar(hiddenEntry?.value)?.value.trim() ?? '');
  return { step, path, scalar, patterns: patternsOf(scalar), hidden: asked || !skipsHidden(step.uses?.ref ?? ''), ...(asked ? { hiddenEntry } : {}) };
}

/** Since 4.4 they stay behind unless asked for. A commit that isn't known is taken for a new one. */
function skipsHidden(ref: string): boolean {
  const version = versionOf('actions', 'upload-artifact', ref) ?? ref;
  const numbers = /^[vV]?(\d{1,3})(?:\.(\d{1,3}))?(?:$|\.)/.exec(version);
  if (!numbers) return true;
  const major = Number(numbers[1]);
  return major > 4 || (major === 4 && Number(numbers[2] ?? 99) >= 4);
}

function patternsOf(scalar: ScalarNode): UploadPattern[] {
  const found: UploadPattern[] = [];
  let start = 0;
  for (const line of scalar.value.split('\n')) {
    const text = line.trim(), from = start + line.indexOf(text);
    start += line.length + 1;
    if (text === '' || text.startsWith('#')) continue;
    const excludes = text.startsWith('!');
    found.push({ path: belowWorkspace(excludes ? text.slice(1) : text), excludes, text, at: valueRangeSpan(scalar, from, from + text.length) });
  }
  return found;
}

function belowWorkspace(text: string): string {
  const own = text.trim().replaceAll('\\', '/').replace(/^\$\{\{\s*(?:github\.workspace|env\.GITHUB_WORKSPACE)\s*\}\}(?=\/|$)/i, '.');
  return own.replace(/^\.(?:\/+|$)/, '').replace(/\/+$/, '');
}

/** Everything below a folder (`''`: the workspace), by the folder's name, one above it, or a pattern that leaves nothing out. */
export function takesAllOf(pattern: UploadPattern, folder: string): boolean {
  const base = pattern.path.replace(/(?:^|\/)\*{1,2}(?:\/\*{1,2})?$/, '');
  return base === '' || base === folder || folder.startsWith(`${base}/`);
}
