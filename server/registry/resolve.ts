/**
 * From an image's tag to its digest, through the interface that all registries have (OCI distribution), as an anonymous caller: the token
 * for GitHub goes to no registry. Asked for on a click, never before.
 */
import { createHash } from 'node:crypto';
import type { ResolvedImage } from '../../rules';
import { ResolveError } from '../github/errors';
import { isLoopback, parseImageName, registryAddress, type ImageName } from './names';

export interface ResolveImageOptions {
  readonly signal?: AbortSignal;
  readonly fetch?: typeof globalThis.fetch;
  /** For everything together; 10 s. */
  readonly timeoutMs?: number;
  /** The address of a registry's interface, `https://registry-1.docker.io` for `docker.io`. */
  readonly address?: (host: string) => string;
}

const TIMEOUT_MS = 10_000;
const REDIRECTS_AT_MOST = 3;
const MANIFEST_AT_MOST = 4 * 1024 * 1024;
const TOKEN_AT_MOST = 64 * 1024;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Indexes first: their digest stands for all platforms. */
const ACCEPT = [
  'application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** The digest behind an image's tag, `latest` where it has none. Throws `ResolveError`. */
export async function resolveImage(image: string, options: ResolveImageOptions = {}): Promise<ResolvedImage> {
  const name = parseImageName(image);
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  return new Registry(image, name, options, signal).digest();
}

class Registry {
  readonly #manifest: URL;
  #authorization?: string;

  constructor(private readonly image: string, private readonly name: ImageName, private readonly options: ResolveImageOptions, private readonly signal: AbortSignal) {
    this.#manifest = new URL(`/v2/${name.path}/manifests/${name.tag}`, (options.address ?? registryAddress)(name.host));
  }

  async digest(): Promise<ResolvedImage> {
    // A question for the headers alone counts for no limit on downloads.
    let answer = await this.#ask('HEAD');
    if (answer.status === 401) {
      this.#authorization = `Bearer ${await this.#token(answer.headers.get('www-authenticate') ?? '')}`;
      answer = await this.#ask('HEAD');
    }
    const named = answer.ok ? answer.headers.get('docker-content-digest') : null;
    if (named !== null && DIGEST.test(named)) return { digest: named };
    if (answer.ok || answer.status === 405) answer = await this.#ask('GET');
    if (!answer.ok) throw this.#refusal(answer);
    const body = await this.#body(answer, MANIFEST_AT_MOST);
    if (!isManifest(body)) throw this.#bad();
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    const said = answer.headers.get('docker-content-digest');
    if (said !== null && said !== digest) throw this.#bad();
    return { digest };
  }

  /** Follows redirections, some registries answer from elsewhere; what was given for one host is not shown to another. */
  async #ask(method: 'HEAD' | 'GET'): Promise<Response> {
    let url = this.#manifest;
    for (let hops = 0; ; hops++) {
      const own = url.host === this.#manifest.host && this.#authorization !== undefined;
      const answer = await this.#fetch(url, { method, headers: { accept: ACCEPT, ...(own ? { authorization: this.#authorization! } : {}) } });
      const location = answer.status >= 300 && answer.status < 400 ? answer.headers.get('location') : null;
      if (location === null) return answer;
      const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      if (!next || hops >= REDIRECTS_AT_MOST || !this.#mayAsk(next)) throw this.#bad();
      url = next;
    }
  }

  /** What anybody may have: the registry says where. */
  async #token(challenge: string): Promise<string> {
    const realm = parameter(challenge, 'realm');
    if (!/^bearer\s/i.test(challenge) || realm === undefined || !URL.canParse(realm)) {
      throw new ResolveError('denied', `${this.name.host} lets nobody look up ${this.image} without signing in`);
    }
    const url = new URL(realm);
    if (!this.#mayAsk(url)) throw this.#bad();
    const service = parameter(challenge, 'service');
    if (service !== undefined) url.searchParams.set('service', service);
    url.searchParams.set('scope', parameter(challenge, 'scope') ?? `repository:${this.name.path}:pull`);
    const answer = await this.#fetch(url, { headers: { accept: 'application/json' } });
    if (!answer.ok) throw this.#refusal(answer);
    let said: unknown;
    try {
      said = JSON.parse((await this.#body(answer, TOKEN_AT_MOST)).toString('utf8'));
    } catch (error) {
      throw error instanceof ResolveError ? error : this.#bad(error);
    }
    const { token, access_token: other } = (typeof said === 'object' && said !== null ? said : {}) as Record<string, unknown>;
    const found = typeof token === 'string' && token !== '' ? token : other;
    if (typeof found !== 'string' || !/^[\x21-\x7e]+$/.test(found)) throw this.#bad();
    return found;
  }

  /** Encrypted, or on this machine where the registry itself is: an answer must not send a question into somebody's network. */
  #mayAsk(url: URL): boolean {
    if (url.username !== '' || url.password !== '') return false;
    return isLoopback(url.hostname) ? isLoopback(this.#manifest.hostname) : url.protocol === 'https:';
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    try {
      return await (this.options.fetch ?? globalThis.fetch)(url, { ...init, redirect: 'manual', signal: this.signal });
    } catch (cause) {
      throw this.#failure(cause, url.host);
    }
  }

  async #body(answer: Response, most: number): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
        size += chunk.length;
        if (size > most) throw this.#bad();
        chunks.push(chunk);
      }
    } catch (cause) {
      throw cause instanceof ResolveError ? cause : this.#failure(cause, this.#manifest.host);
    }
    return Buffer.concat(chunks);
  }

  #failure(cause: unknown, host: string): ResolveError {
    if (this.options.signal?.aborted) return new ResolveError('aborted', 'the look-up was cancelled', undefined, { cause });
    if (this.signal.aborted) return new ResolveError('timed-out', `${host} did not answer in time`, undefined, { cause });
    return new ResolveError('offline', `${host} can't be reached`, undefined, { cause });
  }

  #refusal({ status, headers }: Response): ResolveError {
    const { host } = this.name;
    if (status === 404) return new ResolveError('not-found', `${host} has no ${this.name.path}:${this.name.tag}, or it is private`);
    if (status === 401 || status === 403) return new ResolveError('denied', `${host} lets nobody look up ${this.image} without signing in (${status})`);
    if (status === 429) {
      const after = Number(headers.get('retry-after'));
      const resetAt = Number.isFinite(after) && after > 0 ? new Date(Date.now() + after * 1000) : undefined;
      return new ResolveError('rate-limited', `${host} has answered too many requests from here${resetAt ? `; it answers again at ${resetAt.toISOString()}` : ''}`, resetAt);
    }
    return new ResolveError('bad-answer', `${host} answered about ${this.image} with an error (${status})`);
  }

  #bad(cause?: unknown): ResolveError {
    return new ResolveError('bad-answer', `the answer of ${this.name.host} about ${this.image} can't be read`, undefined, { cause });
  }
}

/** A value of a `WWW-Authenticate` header. */
function parameter(challenge: string, name: string): string | undefined {
  return new RegExp(`[\\s,]${name}="([^"]{1,1000})"`, 'i').exec(challenge)?.[1];
}

function isManifest(body: Buffer): boolean {
  try {
    const said = JSON.parse(body.toString('utf8')) as { schemaVersion?: unknown; mediaType?: unknown } | null;
    return typeof said === 'object' && said !== null && said.schemaVersion === 2;
  } catch {
    return false;
  }
}
