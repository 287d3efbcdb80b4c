/** What a registry of images says, for a server on this machine that stands in for one. */
import { createHash } from 'node:crypto';
import { json, type Handler } from './loopback';

export const INDEX = JSON.stringify({
  schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: ['amd64', 'arm64'].map((architecture, i) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: `sha256:${String(i).repeat(64)}`, size: 400, platform: { architecture, os: 'linux' },
  })),
});
export const SINGLE = JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.docker.distribution.manifest.v2+json', config: {}, layers: [] });
export const digestOf = (manifest: string): string => `sha256:${createHash('sha256').update(manifest).digest('hex')}`;

export interface MadeRegistry {
  /** Manifests by `path:tag`. */
  readonly images: Readonly<Record<string, string>>;
  /** Only with a token that the registry's own `/token` gives, as Docker Hub, ghcr.io and quay.io do. */
  readonly tokens?: boolean;
  /** The header with the digest is left out, as some registries do. */
  readonly silent?: boolean;
}

/** A registry with these images. Asked for an index it gives one; asked for less, one platform of it. */
export function madeRegistry({ images, tokens = false, silent = false }: MadeRegistry): Handler {
  return (url, request, response) => {
    const own = `http://${request.headers.host}`;
    const error = (status: number, code: string, headers: Record<string, string> = {}): void => json(response, status, { errors: [{ code }] }, headers);
    if (url.pathname === '/token') {
      const scope = url.searchParams.get('scope') ?? '';
      return url.searchParams.get('service') === 'registry.example' ? json(response, 200, { token: `anonymous-${scope}` }) : error(400, 'BAD');
    }
    const [, path, tag] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(url.pathname) ?? [];
    const scope = `repository:${path}:pull`;
    if (tokens && request.headers.authorization !== `Bearer anonymous-${scope}`) {
      return error(401, 'UNAUTHORIZED', { 'www-authenticate': `Bearer realm="${own}/token",service="registry.example",scope="${scope}"` });
    }
    const manifest = images[`${path}:${tag}`];
    if (manifest === undefined) return error(404, 'MANIFEST_UNKNOWN');
    const wantsIndex = (request.headers.accept ?? '').includes('image.index');
    const body = wantsIndex ? manifest : SINGLE;
    response.writeHead(200, { 'content-type': (JSON.parse(body) as { mediaType: string }).mediaType, ...(silent ? {} : { 'docker-content-digest': digestOf(body) }) });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
}
