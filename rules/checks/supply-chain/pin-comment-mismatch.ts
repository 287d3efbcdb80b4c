import { isFullSha, versionOf, versionsOn } from '../../catalog';
import { defineQuery, defineRule } from '../../engine/rule';
import type { UsesRef } from '../../workflow/model';
import type { Span } from '../../workflow/nodes';
import { commentedVersion, versionComment } from '../shared/pinning';
import { nameOf } from '../shared/upgrade';

/** Comments that tell a tool something, and people nothing about the version. */
const DIRECTIVE = /^[\w-]+:?\s*(?:ignore|disable|exclude|noqa|nosem)\b/i;

/** True for a file that says so at its top: a tool writes it anew, and with it its own comments. */
const isGenerated = defineQuery('pin-comment-mismatch.generated', ({ document }) =>
  document.comments.slice(0, 5).some(c => c.ownLine && /\bdo not (?:manually )?edit\b/i.test(c.text)));

const numbers = (version: string): string[] => version.replace(/^[vV]/, '').split('.');
/** `v4` says the same of `v4.2.2`, and `4.2.2` too. */
const says = (comment: string, tag: string): boolean => {
  const tagged = numbers(tag);
  return numbers(comment).every((n, i) => n === tagged[i]);
};

/** Some keep the version on a line of its own above. */
function saidAbove({ entry }: UsesRef, version: string): boolean {
  const { comments, text } = entry.block;
  const above = comments.filter(c => c.ownLine && c.end <= entry.start).at(-1);
  return above !== undefined && above.text.includes(version.replace(/^[vV]/, '')) && text.slice(above.end, entry.start).split('\n').length === 2;
}

export default defineRule({
  id: 'pin-comment-mismatch',
  category: 'supply-chain',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds pinned commits whose comment names another version than the commit is, and those without a comment.',
    why: 'People and update tools go by the comment: a wrong one hides what runs.',
    references: [
      'https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions',
      'https://docs.github.com/en/code-security/reference/supply-chain-security/supported-ecosystems-and-repositories#github-actions',
    ],
    standards: ['SEC-3'],
  },
  messages: {
    mismatch: 'The comment says {said}, but {commit} is {version} of {name}. Correct the comment, or pin the commit that was meant.',
    missing: 'Nothing says which version of {name} {commit} is. Name it in a comment, {version}, so that people and update tools can read the pin.',
  },
  aliases: { zizmor: ['ref-version-mismatch'] },
  create(context) {
    return {
      uses(uses) {
        const { owner, repo, ref, refSpan, comment } = uses;
        if (uses.kind !== 'repository' || !owner || !repo || !ref || !refSpan || !isFullSha(ref)) return;
        // What an alias repeats is commented where it is written.
        if (uses.entry.value?.kind === 'alias') return;
        context.instance();
        const version = versionOf(owner, repo, ref);
        // Of a commit that the catalogue doesn't know, nobody can say offline what its comment should be.
        if (version === undefined) return;
        const data = { name: nameOf(uses), version, commit: ref.slice(0, 7) };
        const text = comment?.text ?? '';
        const said = commentedVersion(text);
        if (said && comment) {
          if (versionsOn(owner, repo, ref).some(tag => says(said.version, tag))) return;
          const start = comment.start + comment.block.text.slice(comment.start, comment.end).indexOf(text) + said.at;
          const at: Span = { block: comment.block, start, end: start + said.version.length };
          context.report({
            at, messageId: 'mismatch', data: { ...data, said: said.version },
            fixes: [{
              title: `Correct the comment to ${version}`, safety: 'safe', preferred: true,
              edits: ({ document }) => (document.has(at) ? [{ ...document.range(at), newText: version }] : undefined),
            }],
          });
        } else if ((text === '' || DIRECTIVE.test(text)) && !saidAbove(uses, version) && !context.query(isGenerated)) {
          context.report({
            at: refSpan, messageId: 'missing', data,
            adjust: [{ by: -1, reason: 'the right commit runs, only its version is not said' }],
            fixes: [{
              title: `Add the comment ${version}`, safety: 'safe', preferred: true,
              edits: ({ document }) => versionComment(document, uses, version),
            }],
          });
        }
      },
    };
  },
});
