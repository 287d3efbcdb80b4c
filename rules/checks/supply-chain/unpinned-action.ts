import { resolvePin } from '../../catalog';
import { defineRule, type Fix } from '../../engine/rule';
import { setStepInput } from '../../workflow/edits';
import type { Step, UsesRef } from '../../workflow/model';
import { inputEntry } from '../shared/artifact-uploads';
import { pinEdits, unpinned } from '../shared/pinning';

/**
 * Actions whose branches are the versions of what they set up, with the input that says it as well. A commit of such a branch
 * doesn't last, as the branch is written anew with each release.
 */
const CHOSEN_BY_BRANCH: Readonly<Record<string, string>> = { 'dtolnay/rust-toolchain': 'toolchain' };

function chosenInput(uses: UsesRef): string | undefined {
  const name = uses.slug;
  return Object.hasOwn(CHOSEN_BY_BRANCH, name) && !uses.path && !/^(?:master|main)$/.test(uses.ref ?? '') ? CHOSEN_BY_BRANCH[name] : undefined;
}

/** Pins a release and says by the input what the branch said. */
function pinAndChoose(uses: UsesRef, step: Step, input: string): Fix[] {
  const { owner = '', repo = '', ref = '' } = uses, pin = resolvePin(owner, repo, 'v1');
  if (!pin) return [];
  return [{
    title: `Pin ${owner}/${repo} to ${pin.version} (${pin.sha.slice(0, 7)}) with ${input}: ${ref}`, safety: 'unsafe', preferred: true,
    edits: ({ document }) => {
      const pinned = pinEdits(document, uses, pin);
      const chosen = inputEntry(step, input) ? [] : setStepInput(document, step, input, ref);
      return pinned && chosen && [...pinned, ...chosen];
    },
  }];
}

export default defineRule({
  id: 'unpinned-action',
  category: 'supply-chain',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds actions of other repositories that are named by a tag or a branch instead of a commit.',
    why: 'Whoever can move the tag or push to the branch decides what runs in this workflow, with its token and its secrets.',
    references: [
      'https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions',
      'https://docs.github.com/en/actions/concepts/security/workflow-dependency-lockfiles',
      'https://github.com/advisories/GHSA-mrrh-fwg8-r2c3',
    ],
    standards: ['SEC-3', 'SEC-8', 'CIS 3.1.7', 'CIS 2.4.2', 'S2C2F ENF-1'],
  },
  messages: {
    tag: '`{ref}` is a tag, and {name} can be given other code under it at any time. Pin the full commit hash, with the version in a comment.',
    branch: '`{ref}` is a branch, and every push to {name} runs here next time. Pin the full commit hash, with the version in a comment.',
    chosen: '`{ref}` is a branch of {name} that is written anew time and again, and the newest runs here. Pin a commit of its release and set `{input}: {ref}`.',
    short: '`{ref}` is an abbreviated commit, which a branch or tag of the same name can stand in for. Write all 40 digits.',
    unsound: '`{ref}` of {name} can be given other code at any time, and {reason}. Move to a sound version and pin its full commit hash.',
  },
  aliases: { zizmor: ['unpinned-uses'], codeql: ['actions/unpinned-tag'] },
  create(context) {
    return {
      uses(uses, { step }) {
        const found = step && unpinned(uses, context);
        if (!found) return;
        const input = found.messageId === 'branch' ? chosenInput(uses) : undefined;
        if (input === undefined) context.report(found);
        else context.report({ ...found, messageId: 'chosen', data: { ...found.data, input }, fixes: pinAndChoose(uses, step, input) });
      },
    };
  },
});
