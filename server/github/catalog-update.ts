/** Asks GitHub for what the catalogue knows: the tags of its repositories and the advisories about actions. All of it, or nothing. */
import type { PublishedAdvisory } from '../../rules/catalog';
import { publishedAdvisories } from './advisories';
import { ResolveError } from './errors';
import { RepositoryRefs } from './facts';
import { tagsByGit } from './git';
import { limited, type ResolveOptions } from './resolve';
import { client } from './rest';

const AT_ONCE = 6;

export interface FetchedCatalog {
  /** By name as it was asked for. */
  readonly tags: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly advisories: readonly PublishedAdvisory[];
  /** Repositories that are private or gone. */
  readonly missing: readonly string[];
}

/**
 * The tags of all these repositories (`owner/repo`) and all advisories. With a token the REST interface is asked; without one it would
 * answer sixty questions an hour, so git is. Throws `ResolveError` where anything but a missing repository gets in the way.
 */
export async function fetchCatalog(repositories: readonly string[], options: ResolveOptions): Promise<FetchedCatalog> {
  const advisories = await publishedAdvisories(options);
  const tags = new Map<string, ReadonlyMap<string, string>>();
  const missing: string[] = [];
  const open = [...repositories];
  let failed = false;
  const work = async (): Promise<void> => {
    for (let name = open.shift(); name !== undefined && !failed; name = open.shift()) {
      try {
        tags.set(name, await tagsOf(name, options));
      } catch (error) {
        if (error instanceof ResolveError && error.kind === 'not-found') missing.push(name);
        else {
          failed = true;
          throw error;
        }
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  // A server that knows none of them is not the one that the catalogue is about.
  if (tags.size === 0 && repositories.length > 0) throw new ResolveError('not-found', 'none of the catalogue\'s repositories was found there');
  return { tags, advisories, missing: missing.sort() };
}

async function tagsOf(name: string, options: ResolveOptions): Promise<ReadonlyMap<string, string>> {
  const [owner = '', repo = ''] = name.split('/');
  const byGit = (): Promise<Map<string, string>> =>
    tagsByGit({ owner, repo }, { githubUrl: options.githubUrl, gitPath: options.gitPath || undefined, signal: limited(options) });
  if (options.token === undefined && options.gitPath !== false) return byGit();
  const get = await client({ ...options, signal: () => limited(options) }, name);
  const listing = await new RepositoryRefs(`/repos/${owner}/${repo}`, get).tags;
  if (listing.complete) return new Map(listing.items.map(t => [t.name, t.sha]));
  if (options.gitPath === false) throw new ResolveError('bad-answer', `${name} has more tags than can be asked for`);
  return byGit();
}
