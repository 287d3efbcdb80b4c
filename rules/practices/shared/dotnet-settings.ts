/** What .NET's compiler is told in files of its own: analysers, styles and documentation fail the build then, and no command says so. */
import { repoFacts, type Repository } from '../../repository';
import type { Evidence } from '../practice';
import { sightings } from './sightings';

const SHARED = /^(?:src\/)?(?:Directory\.Build\.props|[\w.-]+\.props|\.editorconfig|\.globalconfig|[\w-]+\.globalconfig|[\w.-]+\.ruleset)$/;
const PROJECT = /\.(?:cs|fs|vb)proj$/;
const MAX_FILES = 60, MAX_TEXT = 100_000;

/** Settings that say it, or the file that could and can't be read; neither where nothing is compiled for pull requests. */
export function dotnetSays(repo: Repository, says: RegExp, text: string): { readonly found?: Evidence; readonly unread?: string } {
  const { stack } = repoFacts(repo);
  if ([...stack.languages.keys()].find(l => l !== 'shell') !== 'csharp') return {};
  // Tests can't run without what they test being compiled.
  if (!sightings(repo, 'test').some(s => s.problem === undefined)) return {};
  let unread: string | undefined;
  for (const path of repo.files.filter(f => SHARED.test(f) || PROJECT.test(f)).slice(0, MAX_FILES)) {
    const content = repo.read(path)?.slice(0, MAX_TEXT), at = content === undefined ? undefined : says.exec(content);
    if (at) return { found: { path, start: at.index, end: at.index + at[0].length, text } };
    if (content === undefined && SHARED.test(path)) unread ??= path;
  }
  return { unread };
}
