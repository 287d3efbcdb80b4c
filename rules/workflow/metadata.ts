/** What a workflow says about itself in the comment above it: `# @workflow-owner: @org/team`, one tag a line. */
import type { Workflow } from './model';
import { scalarText, type Comment, type Span } from './nodes';

export interface MetadataTagInfo {
  readonly tag: string;
  /** One sentence: what it is for. */
  readonly about: string;
  /** What to write; only these where `closed`. */
  readonly values?: readonly string[];
  readonly closed?: boolean;
  readonly example: string;
}

/** Every tag, in the order in which they are written. */
export const METADATA_TAGS: readonly MetadataTagInfo[] = [
  { tag: 'workflow-name', about: 'What the workflow is called, as in its `name`.', example: 'CI' },
  { tag: 'workflow-purpose', about: 'What it is for, in a sentence.', example: 'Tests every pull request before it is merged.' },
  { tag: 'workflow-owner', about: 'Who is asked when it fails or has to change: a user, a team or an address.', example: '@octo-org/platform' },
  { tag: 'workflow-category', about: 'What kind of workflow it is.', values: ['ci', 'security', 'deployment', 'release', 'maintenance', 'automation', 'monitoring', 'documentation'], example: 'ci' },
  { tag: 'workflow-criticality', about: 'What stands still while it fails: nothing (low), a convenience (medium), merges or releases (high), what people use (critical).',
    values: ['low', 'medium', 'high', 'critical'], closed: true, example: 'high' },
  { tag: 'workflow-slo', about: 'What is promised of it, with numbers: a share of runs that succeed, a duration.', example: '95 % of runs succeed, p95 below 10 min' },
  { tag: 'workflow-maturity', about: 'Its level of maturity: 1 Initial, 2 Guarded, 3 Managed, 4 Hardened, 5 Verified.', values: ['1', '2', '3', '4', '5'], example: '3' },
  { tag: 'workflow-dependencies', about: 'Workflows that it calls or waits for, by file; `none` where there are none.', example: 'build.yml' },
  { tag: 'workflow-triggers', about: 'The events that start it, as under `on`.', example: 'pull_request, push' },
];

export const METADATA_TAG_NAMES: readonly string[] = METADATA_TAGS.map(t => t.tag);

export interface MetadataEntry {
  /** As written, without `@`: `workflow-owner`. May be none that is known. */
  readonly tag: string;
  /** With its `@`. */
  readonly tagSpan: Span;
  /** Without quotes and space around it; empty where nothing is given. */
  readonly value: string;
  /** The value, or the place behind the tag where there is none. */
  readonly valueSpan: Span;
  readonly comment: Comment;
}

const LINE = /^#+[ \t]*(?:[*-][ \t]+)?(@(workflow-[A-Za-z0-9_-]*))[ \t]*:?[ \t]*/;

/** The tags in comments above the first key, in order, each as often as it stands there. Empty where there is no such header. */
export function workflowMetadata(workflow: Workflow): MetadataEntry[] {
  const [first] = workflow.entries;
  if (!first) return [];
  const { block } = first, found: MetadataEntry[] = [];
  for (const comment of block.comments) {
    if (!comment.ownLine || comment.start >= first.start) continue;
    const source = block.text.slice(comment.start, comment.end), m = LINE.exec(source);
    if (!m) continue;
    const at = comment.start + source.indexOf('@'), value = source.slice(m[0].length).trimEnd(), from = comment.start + m[0].length;
    found.push({
      tag: m[2]!, tagSpan: { block, start: at, end: at + m[1]!.length }, value: value.replace(/^(["'])(.*)\1$/, '$2').trim(),
      valueSpan: value === '' ? { block, start: at + m[1]!.length, end: at + m[1]!.length } : { block, start: from, end: from + value.length }, comment,
    });
  }
  return found;
}

/** One line of a comment: what could end it, or read as a directive of this or another tool, is left out. */
export function metadataText(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0020\u007f-\u00a0\u2028\u2029#[\]]+/g, ' ').trim().slice(0, 200).trim();
}

/** Names of events under `on`, in order. */
export function triggerNames(workflow: Workflow): string[] { return [...new Set(workflow.triggers.map(t => t.event))]; }

/** What the file calls itself; undefined where it doesn't, or where that is computed. */
export function staticName(workflow: Workflow): string | undefined {
  const name = scalarText(workflow.name?.value)?.trim();
  return name === undefined || name === '' || name.includes('${{') ? undefined : name;
}
