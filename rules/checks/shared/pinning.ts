/** What the two rules about unpinned refs have in common. */
import { advisoriesFor, explainPin, isFullSha, isMalicious, isShortSha, refKind } from '../../catalog';
import { defineQuery, type Fix, type ResolvedRef, type RuleContext } from '../../engine/rule';
import type { SourceDocument, TextEdit } from '../../workflow/document';
import { setTrailingComment } from '../../workflow/edits';
import type { UsesRef } from '../../workflow/model';
import type { Span } from '../../workflow/nodes';
import { pinnedByLockfile } from './lockfile';

/** Whether the configuration says that an owner's refs need no pin. */
export const trustedOwner = defineQuery('config.trusted-owner', (world, owner: string, repo: string): boolean => {
  const { trustedOwners } = world.config;
  if (trustedOwners.length === 0) return false;
  const names = new Set([owner.toLowerCase(), `${owner}/${repo}`.toLowerCase()]);
  return trustedOwners.some(t => names.has(t.trim().toLowerCase()));
});

export interface Unpinned {
  readonly messageId: 'tag' | 'branch' | 'short' | 'unsound';
  readonly at: Span;
  readonly data: Readonly<Record<string, string>>;
  readonly adjust: readonly { readonly by: number; readonly reason: string }[];
  readonly fixes: readonly Fix[];
  readonly official?: boolean;
}

/**
 * What is wrong with the ref of a `uses`; undefined where it is pinned, or needs no pin. Counts an instance where there is a ref
 * to judge.
 */
export function unpinned(uses: UsesRef, context: Pick<RuleContext, 'query' | 'instance'>): Unpinned | undefined {
  const { owner, repo, ref, refSpan } = uses;
  if (uses.kind !== 'repository' || !owner || !repo || !refSpan || !ref || /[\s{}]/.test(ref)) return undefined;
  if (context.query(trustedOwner, owner, repo)) return undefined;
  context.instance();
  if (isFullSha(ref)) return undefined;
  const name = uses.text.slice(0, uses.text.indexOf('@'));
  if (context.query(pinnedByLockfile, name, ref)) return undefined;
  const data = { name, ref };
  const found = (messageId: Unpinned['messageId'], fixes: readonly Fix[], more: Partial<Unpinned> = {}): Unpinned =>
    ({ messageId, at: refSpan, data, adjust: [], fixes, ...more });
  const answer = explainPin(owner, repo, ref);
  if (answer.kind === 'pin') {
    const { sha, version, note } = answer.pin;
    return found('tag', [{
      title: `Pin ${name} to ${version} (${sha.slice(0, 7)})`,
      // A commit that the ref doesn't name is other code, however much better it is.
      safety: note === undefined ? 'safe' : 'unsafe', preferred: true,
      edits: ({ document }) => pinEdits(document, uses, { sha, version }),
    }]);
  }
  if (answer.kind === 'refused') return found('unsound', [], { data: { ...data, reason: answer.reason } });
  const lookUp: Fix = {
    title: `Pin ${name} to the commit of ${ref}`, safety: 'safe', preferred: true, needs: { kind: 'resolve-ref', owner, repo, ref },
    edits: ({ document }, resolved) => (resolved && 'sha' in resolved && sound(owner, repo, resolved) ? pinEdits(document, uses, resolved) : undefined),
  };
  if (refKind(owner, repo, ref) === 'branch') {
    return found('branch', [lookUp], { adjust: [{ by: 1, reason: 'a branch gets new code with every push' }] });
  }
  return isShortSha(ref) ? found('short', [lookUp], { official: ref.length <= 8 }) : found('tag', [lookUp]);
}

/** A look-up's answer is refused where the catalogue knows better. */
function sound(owner: string, repo: string, { sha, version }: ResolvedRef): boolean {
  return isFullSha(sha) && !isMalicious(owner, repo, sha) && advisoriesFor(owner, repo, sha).length === 0
    && (version === undefined || advisoriesFor(owner, repo, version).length === 0);
}

/** Replaces the ref by the commit and puts the version into the comment behind it. */
export function pinEdits(document: SourceDocument, uses: UsesRef, { sha, version }: ResolvedRef): TextEdit[] | undefined {
  const { refSpan, ref } = uses;
  // With escapes or folding the ref has no place of its own in the text.
  if (!refSpan || ref === undefined || !document.has(refSpan) || document.source(refSpan) !== ref) return undefined;
  const pin = { ...document.range(refSpan), newText: sha.toLowerCase() };
  // A branch has no version: its name says at least where the commit was found.
  if (version === undefined && uses.comment) return [pin];
  const comment = versionComment(document, uses, version ?? ref);
  return comment && [pin, ...comment];
}

/** A comment that is nothing but a version, in the forms that update tools write. */
export const VERSION_COMMENT = /^(?:(?:tag|ref|pin)\s*[=:@]?\s*)?[vV]?\d+(?:\.\d+)*(?:[-+][\w.]+)?$/;
/** The rest of a flow mapping on its line: nothing in it can hold a `#`. */
const FLOW_REST = /^[^'"#|>&*!]*[}\],]\s*$/;

/** Puts the version into the comment behind a ref. Undefined where something else follows on the line. */
export function versionComment(document: SourceDocument, uses: UsesRef, version: string): TextEdit[] | undefined {
  const value = uses.entry.value ?? uses.entry.key;
  if (!document.has(value)) return undefined;
  if (uses.comment) {
    const range = document.range(uses.comment);
    const old = uses.comment.text;
    const text = old === '' || VERSION_COMMENT.test(old) || old === uses.ref ? `# ${version}` : keeps(old, version);
    return [{ ...range, newText: text }];
  }
  const behind = setTrailingComment(document, value, version);
  if (behind) return behind;
  const { end } = document.range(value);
  const line = document.positionAt(end).line;
  const lineEnd = (document.lineStarts[line + 1] ?? document.text.length + 1) - 1;
  const rest = document.text.slice(end, lineEnd).replace(/[\r\n]+$/, '');
  if (!FLOW_REST.test(rest)) return undefined;
  const at = end + rest.trimEnd().length;
  return [{ start: at, end: at, newText: ` # ${version}` }];
}

/** `v4.2.2`, `tag=v4.2.2`, `pin@v4`, `ratchet:actions/checkout@v4`, with or without words behind it. */
const COMMENTED = /^(?:(?:tag|ref|pin)\s*[=:@]?\s*|(?:ratchet:)?[\w./-]*@)?([vV]?\d+(?:\.\d+)*(?:[-+][\w.]+)?)(?=$|[\s,;:)])/;

/** The version that a comment behind a pin begins with, and where it stands in the comment's text; undefined where it begins with none. */
export function commentedVersion(comment: string): { readonly version: string; readonly at: number } | undefined {
  const found = COMMENTED.exec(comment);
  const version = found?.[1];
  return found && version !== undefined ? { version, at: found[0].length - version.length } : undefined;
}

/** What somebody else wrote stays behind the version; a version at its head is replaced. */
function keeps(old: string, version: string): string {
  const said = commentedVersion(old);
  if (said && said.at > 0) return `# ${old.slice(0, said.at)}${version}${old.slice(said.at + said.version.length)}`;
  const [head = '', ...rest] = old.split(/\s+/);
  return VERSION_COMMENT.test(head.replace(/[,;:]$/, '')) ? `# ${version}${rest.length ? ` ${rest.join(' ')}` : ''}` : `# ${version} # ${old}`;
}
