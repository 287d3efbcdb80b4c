/**
 * What may stand in a request or on git's command line. The names come from a workflow file, so from anybody: what isn't
 * plainly a name is refused before anything is asked.
 */
import { ResolveError } from './errors';

const OWNER = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;
const REPO = /^[A-Za-z0-9._-]{1,100}$/;
const REF = /^[A-Za-z0-9_][A-Za-z0-9._+/-]{0,199}$/;

export interface RefName { readonly owner: string; readonly repo: string; readonly ref: string }

/** Throws `refused` for anything that isn't an owner, a repository and a ref that git could have. */
export function checkNames({ owner, repo, ref }: RefName): void {
  const badRef = !REF.test(ref) || ref.includes('..') || ref.includes('//') || /(?:[/.]|\.lock)$/.test(ref);
  if (!OWNER.test(owner) || !REPO.test(repo) || /^\.{1,2}$/.test(repo) || badRef) {
    throw new ResolveError('refused', `${JSON.stringify(`${owner}/${repo}@${ref}`)} is not a name that can be looked up`);
  }
}

/** Addresses of the REST interface and of repositories for a GitHub server. Throws `refused` for anything but https (http on loopback). */
export function addresses(githubUrl: string): { readonly api: string; readonly web: string; readonly host: string } {
  let url: URL;
  try {
    url = new URL(githubUrl);
  } catch (cause) {
    throw new ResolveError('refused', `${JSON.stringify(githubUrl)} is not the address of a GitHub server`, undefined, { cause });
  }
  const loopback = url.hostname === '127.0.0.1' || url.hostname === 'localhost' || url.hostname === '[::1]';
  if (url.username !== '' || url.password !== '' || !(url.protocol === 'https:' || (url.protocol === 'http:' && loopback))) {
    throw new ResolveError('refused', 'the address of the GitHub server must start with https:// and hold no user name');
  }
  const web = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  if (url.hostname === 'github.com') return { api: 'https://api.github.com', web, host: url.host };
  // GitHub Enterprise Cloud with data residency has its interface beside it, a server of one's own has it below it.
  if (url.hostname.endsWith('.ghe.com')) return { api: `https://api.${url.host}`, web, host: url.host };
  return { api: `${web}/api/v3`, web, host: url.host };
}
