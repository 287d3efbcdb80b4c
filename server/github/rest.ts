/** Looking a ref up through GitHub's REST interface. */
import type { ResolvedRef } from '../../rules/engine/rule';
import { ResolveError } from './errors';
import { addresses, type RefName } from './names';
import { fullerTags, type ListedRef } from './tags';

export interface RestOptions {
  readonly githubUrl: string;
  readonly token?: string;
  /** The limit of all questions together, or one for each. */
  readonly signal: AbortSignal | (() => AbortSignal);
  readonly fetch?: typeof globalThis.fetch;
}

/** Asks for a route; throws `ResolveError`. */
export type Get = (route: string) => Promise<unknown>;
/** What was answered, with the route of the page behind it where there is one. */
export interface Answer { readonly data: unknown; readonly next?: string }

const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** Annotated tags that are opened to find the fullest name of a commit: each costs a request. */
const PEELED_AT_MOST = 5;
/** A tag that points at a tag that points at a tag …: nobody does that on purpose. */
const PEEL_DEPTH = 3;
const CACHE_SIZE = 500;

/** Answers by address, with the mark that lets GitHub say that nothing has changed (which costs nothing of the rate limit). */
const answers = new Map<string, { readonly etag: string; readonly answer: Answer }>();

/** Forgets every answer. */
export function clearCache(): void {
  answers.clear();
}

function remember(key: string, etag: unknown, answer: Answer): void {
  if (typeof etag !== 'string' || etag === '') return;
  answers.delete(key);
  if (answers.size >= CACHE_SIZE) answers.delete(answers.keys().next().value ?? '');
  answers.set(key, { etag, answer });
}

export const isObject = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v);
export const bad = (what: string): ResolveError => new ResolveError('bad-answer', `GitHub's answer about ${what} can't be read`);

export function shaOf(value: unknown, what: string): string {
  const sha = typeof value === 'string' ? value.toLowerCase() : '';
  if (!SHA.test(sha)) throw bad(what);
  return sha;
}

function listedRef(value: unknown, what: string): ListedRef {
  if (!isObject(value) || typeof value.ref !== 'string' || !isObject(value.object)) throw bad(what);
  return { name: value.ref, sha: shaOf(value.object.sha, what), type: value.object.type === 'tag' ? 'tag' : 'commit' };
}

async function peel(get: Get, base: string, ref: ListedRef, what: string): Promise<string> {
  let { sha, type } = ref;
  for (let depth = 0; type === 'tag'; depth++) {
    const tag = await get(`${base}/git/tags/${sha}`);
    if (!isObject(tag) || !isObject(tag.object) || depth >= PEEL_DEPTH) throw bad(what);
    sha = shaOf(tag.object.sha, what);
    type = tag.object.type === 'tag' ? 'tag' : 'commit';
  }
  return sha;
}

/** Resolves a tag, a branch or an abbreviated commit. Throws `ResolveError`. */
export async function resolveByRest(name: RefName, options: RestOptions): Promise<ResolvedRef> {
  const { owner, repo, ref } = name;
  const what = `${owner}/${repo}@${ref}`;
  const get = await client(options, what);
  const base = `/repos/${owner}/${repo}`;
  const encoded = ref.split('/').map(encodeURIComponent).join('/');
  const list = await get(`${base}/git/matching-refs/tags/${encoded}`);
  if (!Array.isArray(list)) throw bad(what);
  const refs = list.map(r => listedRef(r, what));
  const exact = refs.find(r => r.name === `refs/tags/${ref}`);
  if (exact) {
    const sha = await peel(get, base, exact, what);
    return { sha, version: await fullest(get, base, ref, sha, refs, what) };
  }
  const branch = await optional(get(`${base}/git/ref/heads/${encoded}`));
  if (branch !== undefined) return { sha: listedRef(branch, what).sha };
  if (/^[0-9a-f]{7,40}$/i.test(ref)) {
    const commit = await optional(get(`${base}/commits/${encoded}`));
    if (isObject(commit)) {
      const sha = shaOf(commit.sha, what);
      if (sha.startsWith(ref.toLowerCase())) return { sha };
    }
  }
  throw new ResolveError('not-found', `${owner}/${repo} has no tag or branch ${ref}`);
}

async function fullest(get: Get, base: string, ref: string, sha: string, refs: readonly ListedRef[], what: string): Promise<string> {
  const fuller = fullerTags(ref, refs);
  const same = fuller.find(r => r.type === 'commit' && r.sha === sha);
  if (same) return same.name.slice(10);
  for (const tag of fuller.filter(r => r.type === 'tag').slice(0, PEELED_AT_MOST)) {
    if (await peel(get, base, tag, what) === sha) return tag.name.slice(10);
  }
  return ref;
}

/** The answer, or undefined where there is no such thing. */
export async function optional(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ResolveError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

/** A caller of the REST interface. Loads the client only when somebody asks for the network. `what` names in messages what is asked about. */
export async function client(options: RestOptions, what: string): Promise<Get> {
  const ask = await pagedClient(options, what);
  return async route => (await ask(route)).data;
}

/** As `client`, with the way to the next page. */
export async function pagedClient(options: RestOptions, what: string): Promise<(route: string) => Promise<Answer>> {
  const [{ Octokit }, { retry }, { throttling }] = await Promise.all([
    import('@octokit/core'), import('@octokit/plugin-retry'), import('@octokit/plugin-throttling'),
  ]);
  const { api } = addresses(options.githubUrl);
  const silent = (): void => undefined;
  const octokit = new (Octokit.plugin(retry, throttling))({
    baseUrl: api, auth: options.token, userAgent: 'ci-hardening',
    log: { debug: silent, info: silent, warn: silent, error: silent },
    // A user waits for the answer: one more try is worth it, waiting for the limit to pass is not.
    retry: { retries: 1, retryAfterBaseValue: 200 },
    throttle: { onRateLimit: () => false, onSecondaryRateLimit: () => false },
    request: { fetch: options.fetch ?? globalThis.fetch },
  });
  const caller = options.token === undefined ? 'anonymous' : 'signed-in';
  return async route => {
    const signal = typeof options.signal === 'function' ? options.signal() : options.signal;
    const key = `${caller} ${api}${route}`;
    const known = answers.get(key);
    try {
      const answer = await octokit.request(`GET ${route}`, {
        headers: { accept: 'application/vnd.github+json', ...(known ? { 'if-none-match': known.etag } : {}) },
        request: { signal },
      });
      const next = nextPage(answer.headers.link, route);
      const given: Answer = { data: answer.data as unknown, ...(next === undefined ? {} : { next }) };
      remember(key, answer.headers.etag, given);
      return given;
    } catch (error) {
      if (known && isObject(error) && error.status === 304) return known.answer;
      throw explain(error, what, api, signal);
    }
  };
}

/** The route behind `<https://…?page=2>; rel="next"`: the same one with another query, wherever the address points. */
function nextPage(link: unknown, route: string): string | undefined {
  const address = typeof link === 'string' ? /<([^<>]{1,2000})>\s*;\s*rel="next"/.exec(link)?.[1] : undefined;
  return address !== undefined && URL.canParse(address) ? `${route.replace(/\?.*$/, '')}${new URL(address).search}` : undefined;
}

function explain(error: unknown, what: string, api: string, signal: AbortSignal): ResolveError {
  const options = { cause: error };
  const host = new URL(api).host;
  if (signal.aborted) {
    return isTimeout(signal.reason)
      ? new ResolveError('timed-out', `${host} did not answer in time`, undefined, options)
      : new ResolveError('aborted', 'the look-up was cancelled', undefined, options);
  }
  const status = isObject(error) && typeof error.status === 'number' ? error.status : 0;
  const headers = isObject(error) && isObject(error.response) && isObject(error.response.headers) ? error.response.headers : undefined;
  const limited = headers?.['x-ratelimit-remaining'] === '0' || headers?.['retry-after'] !== undefined || status === 429;
  if ((status === 403 || status === 429) && limited) {
    const resetAt = resetTime(headers);
    const until = resetAt ? `; it answers again at ${resetAt.toISOString()}` : '';
    const message = `${host} has answered too many requests from here${until}. Signing in raises the limit.`;
    return new ResolveError('rate-limited', message, resetAt, options);
  }
  if (status === 404) {
    const message = `${what} was not found: it does not exist, or it is private and needs a sign-in`;
    return new ResolveError('not-found', message, undefined, options);
  }
  if (status === 401 || status === 403) {
    return new ResolveError('denied', `${host} refused to answer about ${what} (${status})`, undefined, options);
  }
  // A failed connection comes as status 500 without a response.
  if (headers === undefined) return new ResolveError('offline', `${host} can't be reached`, undefined, options);
  return new ResolveError('bad-answer', `${host} answered about ${what} with an error (${status})`, undefined, options);
}

const isTimeout = (reason: unknown): boolean => isObject(reason) && reason.name === 'TimeoutError';

function resetTime(headers: Record<string, unknown> | undefined): Date | undefined {
  const after = Number(headers?.['retry-after']), reset = Number(headers?.['x-ratelimit-reset']);
  if (Number.isFinite(after) && after > 0) return new Date(Date.now() + after * 1000);
  return Number.isFinite(reset) && reset > 0 ? new Date(reset * 1000) : undefined;
}
