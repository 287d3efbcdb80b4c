/**
 * What may stand in a request to a registry. The name of an image comes from a workflow file, so from anybody: what isn't plainly a name
 * is refused before anything is asked.
 */
import { ResolveError } from '../github/errors';

export interface ImageName {
  /** As people write it: `docker.io`, `ghcr.io`, `127.0.0.1:5000`. */
  readonly host: string;
  /** `library/postgres`. */
  readonly path: string;
  readonly tag: string;
}

const HOST = /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}(?::\d{1,5})?$/;
const PART = /^[a-z0-9][a-z0-9._-]{0,127}$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const HUB = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);

/** Reads `postgres`, `ghcr.io/owner/name:1`, `localhost:5000/name:1`, as container engines do. Throws `refused` for what is no such name. */
export function parseImageName(image: string): ImageName {
  const refused = (): ResolveError => new ResolveError('refused', `${JSON.stringify(image.slice(0, 300))} is not an image that can be looked up`);
  const parts = image.split('/');
  const first = parts[0] ?? '';
  const named = parts.length > 1 && (/[.:]/.test(first) || first === 'localhost');
  const host = named ? first : 'docker.io';
  const rest = (named ? parts.slice(1) : parts).join('/');
  const colon = rest.lastIndexOf(':');
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? 'latest' : rest.slice(colon + 1);
  const pieces = path.split('/');
  if (!HOST.test(host) || host.includes('..') || !TAG.test(tag) || pieces.length > 8 || !pieces.every(p => PART.test(p) && !p.includes('..'))) throw refused();
  if (!HUB.has(host.toLowerCase())) return { host, path, tag };
  return { host: 'docker.io', path: pieces.length === 1 ? `library/${path}` : path, tag };
}

/** The address of a registry: without encryption on this machine alone, as container engines do. */
export function registryAddress(host: string): string {
  if (host === 'docker.io') return 'https://registry-1.docker.io';
  return isLoopback(host.replace(/:\d+$/, '')) ? `http://${host}` : `https://${host}`;
}

export function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name);
}
