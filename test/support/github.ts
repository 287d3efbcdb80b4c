/** What GitHub's REST interface says, for a server on this machine that stands in for it. */
import { json, type Handler } from './loopback';

/** A ref as `git/matching-refs` lists it; of type `tag` for an annotated one. */
export const listed = (name: string, sha: string, type: 'commit' | 'tag' = 'commit'): unknown => ({ ref: `refs/tags/${name}`, object: { sha, type } });

/** Answers by route below `/repos/<repository>/`, of a GitHub server of one's own. Everything else is not found. */
export function repositoryRoutes(repository: string, answers: Readonly<Record<string, unknown>>): Handler {
  const base = `/api/v3/repos/${repository}/`;
  return (url, _request, response) => {
    const body = url.pathname.startsWith(base) ? answers[url.pathname.slice(base.length)] : undefined;
    if (body === undefined) json(response, 404, { message: 'Not Found' }); else json(response, 200, body);
  };
}

/** For an answer that never comes: nobody waits longer for it than they must. */
export const SOON_MS = 300;
/** For all others: longer than any answer of this machine takes. */
export const LATE_MS = 60_000;

/** Ways in which a look-up comes to nothing, with what the user is told about `o/r@v1`. */
export const FAILURES: Readonly<Record<string, { readonly handle: Handler; readonly message: RegExp; readonly timeoutMs?: number }>> = {
  'is rate limited': {
    handle: (_url, _request, response) => json(response, 403, { message: 'API rate limit exceeded' }, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1893456000' }),
    message: /answered too many requests from here; it answers again at 2030-01-01T00:00:00\.000Z\. Signing in raises the limit\./,
  },
  'knows no such repository': {
    handle: (_url, _request, response) => json(response, 404, { message: 'Not Found' }),
    message: /o\/r@v1 was not found: it does not exist, or it is private and needs a sign-in/,
  },
  'knows no such tag': {
    handle: repositoryRoutes('o/r', { 'git/matching-refs/tags/v1': [listed('v1.0.0', 'a'.repeat(40))] }),
    message: /o\/r has no tag or branch v1/,
  },
  'never answers': { handle: () => undefined, message: /127\.0\.0\.1:\d+ did not answer in time/, timeoutMs: SOON_MS },
  'answers with a page': {
    handle: (_url, _request, response) => { response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Sign in to the guest network</body></html>'); },
    message: /GitHub's answer about o\/r@v1 can't be read/,
  },
  'answers with another shape': {
    handle: repositoryRoutes('o/r', { 'git/matching-refs/tags/v1': [{ ref: 'refs/tags/v1', object: { sha: 'not-a-commit', type: 'commit' } }] }),
    message: /GitHub's answer about o\/r@v1 can't be read/,
  },
  'answers half': {
    handle: (_url, _request, response) => { response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' }).write('[{"ref":"refs/ta'); response.destroy(); },
    message: /can't be reached|can't be read/,
  },
  'refuses': { handle: (_url, _request, response) => json(response, 401, { message: 'Bad credentials' }), message: /refused to answer about o\/r@v1 \(401\)/ },
  'is broken': { handle: (_url, _request, response) => json(response, 500, { message: 'Server Error' }), message: /answered about o\/r@v1 with an error \(500\)/ },
};

export interface MadeRepository {
  readonly tags?: Readonly<Record<string, string>>;
  readonly branches?: Readonly<Record<string, string>>;
  /** Publication by tag. */
  readonly releases?: Readonly<Record<string, string>>;
  /** Commits that the repository, or a fork of it, has, with their date. */
  readonly commits?: Readonly<Record<string, string>>;
  /** Commits that lead to others. */
  readonly leadsTo?: Readonly<Record<string, readonly string[]>>;
}

/** GitHub with these repositories: their tags, branches, releases, commits and how they compare. */
export function madeGitHub(repositories: Readonly<Record<string, MadeRepository>>): Handler {
  return (url, request, response) => {
    const [, owner, repo, rest = ''] = /^\/api\/v3\/repos\/([^/]+)\/([^/]+)\/?(.*)$/.exec(url.pathname) ?? [];
    const made = repositories[`${owner}/${repo}`];
    const none = (): void => json(response, 404, { message: 'Not Found' });
    if (!made) return none();
    if (rest === '') return json(response, 200, { full_name: `${owner}/${repo}` });
    const page = (items: Readonly<Record<string, string>> = {}): void => {
      const size = Number(url.searchParams.get('per_page')), from = (Number(url.searchParams.get('page')) - 1) * size;
      json(response, 200, Object.entries(items).slice(from, from + size).map(([name, sha]) => ({ name, commit: { sha } })));
    };
    const [kind = '', ...more] = rest.split('/');
    const name = decodeURIComponent(more.join('/'));
    if (rest === 'tags' || rest === 'branches') return page(made[rest]);
    if (kind === 'releases') return made.releases?.[name.slice(5)] === undefined ? none() : json(response, 200, { published_at: made.releases[name.slice(5)] });
    if (kind === 'commits') {
      const date = made.commits?.[name];
      return date === undefined ? json(response, 422, { message: `No commit found for SHA: ${name}` }) : json(response, 200, { sha: name, commit: { committer: { date } } });
    }
    if (kind === 'compare') {
      const [base = '', head = ''] = name.split('...');
      const status = base === head ? 'identical' : made.leadsTo?.[base]?.includes(head) ? 'behind' : 'diverged';
      return json(response, 200, { status, commits: [] });
    }
    if (kind === 'git' && more[0] === 'ref') {
      const [, type = '', ...ref] = more;
      const sha = (type === 'heads' ? made.branches : made.tags)?.[decodeURIComponent(ref.join('/'))];
      return sha === undefined ? none() : json(response, 200, { ref: `refs/${type}/${ref.join('/')}`, object: { sha, type: 'commit' } });
    }
    return none();
  };
}
