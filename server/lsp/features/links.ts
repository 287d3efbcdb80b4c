import type { DocumentLink } from 'vscode-languageserver';
import { isFullSha, versionOf } from '../../../rules/catalog';
import type { UsesRef } from '../../../rules/workflow/model';
import { rangeIn, type FileContext } from './context';
import { usesIn } from './places';

/** From each `uses` to what it runs: the page of the action at that version, or the file in this repository. */
export function documentLinks(context: FileContext): DocumentLink[] {
  // GitHub's own extension has the same links.
  if (context.repository.settings.officialExtension) return [];
  return usesIn(context.file.document).flatMap(uses => {
    const link = targetOf(context, uses);
    return link ? [{ range: rangeIn(context, context.file.document.range(uses.scalar)), ...link }] : [];
  });
}

function targetOf(context: FileContext, uses: UsesRef): Pick<DocumentLink, 'target' | 'tooltip'> | undefined {
  if (uses.kind === 'local' || uses.kind === 'self') {
    const file = localFile(context, uses.path ?? '');
    return file === undefined ? undefined : { target: context.uriOf(file), tooltip: `Open ${file}` };
  }
  const { owner, repo, path, ref } = uses;
  if (uses.kind !== 'repository' || !owner || !repo || ref === undefined || ref.includes('${{')) return undefined;
  const base = `${context.repository.settings.network.githubUrl.replace(/\/+$/, '')}/${encodeURIComponent(owner)}/${encodeURIComponent(repo)}`;
  const place = path === undefined || path === '' ? '' : `/${path.split('/').map(encodeURIComponent).join('/')}`;
  const kind = /\.ya?ml$/.test(place) ? 'blob' : 'tree';
  const version = isFullSha(ref) ? versionOf(owner, repo, ref) : undefined;
  return { target: `${base}/${kind}/${ref.split('/').map(encodeURIComponent).join('/')}${place}`, tooltip: `Open ${owner}/${repo}${place} at ${version ?? ref}` };
}

/** A workflow is a file, an action the folder of one. */
function localFile({ repository }: FileContext, given: string): string | undefined {
  const path = given.replace(/^\.?\//, '').replace(/\/+$/, '');
  if (path.split('/').includes('..')) return undefined;
  const names = path === '' ? ['action.yml', 'action.yaml'] : [path, `${path}/action.yml`, `${path}/action.yaml`];
  return names.find(name => /\.ya?ml$/.test(name) && repository.has(name));
}
