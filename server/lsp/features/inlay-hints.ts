import { InlayHintKind, MarkupKind, type InlayHint } from 'vscode-languageserver';
import { pinKey, type OffsetRange } from '../../../rules';
import { isFullSha, versionOf } from '../../../rules/catalog';
import { effectivePermissions, type EffectivePermissions } from '../../../rules/workflow/effective';
import { toPosition } from '../positions';
import type { FileContext } from './context';
import { usesIn } from './places';

/** More scopes than these are counted, not named. */
const MOST_SCOPES = 3;
/** Editors cut what is longer: VS Code at 43 by its default. */
const MOST_CHARACTERS = 43;

/** What a reader would have to look up: the version behind a commit without a comment, and what a job's token may do. */
export function inlayHints(context: FileContext, within?: OffsetRange): InlayHint[] {
  const { versions, permissions } = context.repository.settings.inlayHints;
  const hints = [...(versions ? versionHints(context) : []), ...(permissions ? permissionHints(context) : [])];
  const shown = within ? hints.filter(h => within.start <= h.at && h.at <= within.end) : hints;
  return shown.sort((a, b) => a.at - b.at).map(({ at, label, tooltip, kind }) => ({
    position: toPosition(context.file.document, at, context.client.encoding), label, kind, paddingLeft: true, tooltip: { kind: MarkupKind.Markdown, value: tooltip },
  }));
}

interface Hint { readonly at: number; readonly label: string; readonly tooltip: string; readonly kind: InlayHintKind }

function versionHints({ file: { document }, repository }: FileContext): Hint[] {
  return usesIn(document).flatMap((uses): Hint[] => {
    const { owner, repo, ref, comment } = uses;
    // A comment says it already, or says something that people should read undisturbed.
    if (uses.kind !== 'repository' || !owner || !repo || ref === undefined || !isFullSha(ref) || comment) return [];
    const known = versionOf(owner, repo, ref);
    const version = known ?? repository.online?.get(pinKey(owner, repo, ref))?.version;
    if (version === undefined) return [];
    const source = known === undefined ? 'GitHub says so.' : 'The catalogue of this extension says so.';
    return [{ at: document.range(uses.scalar).end, label: version, kind: InlayHintKind.Type, tooltip: `The commit is that of \`${version}\`. ${source}` }];
  });
}

function permissionHints({ file: { document } }: FileContext): Hint[] {
  const { workflow } = document;
  return (workflow?.jobs ?? []).flatMap((job): Hint[] => {
    // Where it says so itself there is nothing to look up.
    if (!job.node || job.permissions || job.entry.colon < 0) return [];
    const effective = effectivePermissions(job, workflow);
    const at = document.startOf(job.entry.block) + job.entry.colon + 1;
    return [{ at, label: permissionLabel(effective), kind: InlayHintKind.Type, tooltip: whence(effective) }];
  });
}

function permissionLabel(effective: EffectivePermissions): string {
  for (let most = MOST_SCOPES; most > 1; most--) {
    const label = `token: ${permissionsInWords(effective, most)}`;
    if (label.length <= MOST_CHARACTERS) return label;
  }
  return `token: ${permissionsInWords(effective, 1)}`;
}

/** `contents: read, issues: write`; `nothing`, `read all`, `write all`, or that the repository decides. */
export function permissionsInWords({ shape, scopes }: EffectivePermissions, most = MOST_SCOPES): string {
  switch (shape) {
    case 'write-all': return 'write all';
    case 'read-all': return 'read all';
    case 'none': return 'nothing';
    case 'default': return 'as the repository is set';
    case 'invalid': return 'unknown';
    case 'map': {
      const given = Object.entries(scopes).filter(([, access]) => access !== 'none').map(([name, access]) => `${name}: ${access}`);
      if (given.length === 0) return 'nothing';
      return given.length > most ? `${given.slice(0, most).join(', ')} and ${given.length - most} more` : given.join(', ');
    }
  }
}

function whence({ source, scopes }: EffectivePermissions): string {
  if (source === 'default') return 'Neither the job nor the workflow has `permissions`, so that the settings of the repository or organisation decide what its token may do.';
  const all = Object.entries(scopes).map(([name, access]) => `- \`${name}: ${access}\``);
  return ['The job inherits the `permissions` of the workflow.', ...(all.length > 1 ? [all.join('\n')] : [])].join('\n\n');
}
