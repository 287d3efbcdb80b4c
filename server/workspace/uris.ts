import { URI } from 'vscode-uri';

/**
 * The name that the server keeps a resource under, with `/` only and nothing percent-encoded: `/home/me/repo/ci.yml`,
 * `c:/repo/ci.yml`, and `scheme://authority/path` for what isn't on disk. Clients encode one URI in several ways; keys compare.
 */
export function keyOf(uri: string): string {
  const parsed = URI.parse(uri);
  if (parsed.scheme === 'file') return trimEnd(parsed.fsPath.replaceAll('\\', '/'));
  return `${parsed.scheme}://${parsed.authority}${trimEnd(parsed.path)}`;
}

/** The URI of a key, encoded as VS Code does. */
export function uriOf(key: string): string {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\/([^/]*)(.*)$/i.exec(key);
  if (!scheme) return URI.file(key).toString();
  return URI.from({ scheme: scheme[1]!, authority: scheme[2]!, path: scheme[3]! }).toString();
}

/** The last part of a key. */
export function nameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

/** True for what Node's file system can read. */
export function isOnDisk(key: string): boolean {
  return !/^[a-z][a-z0-9+.-]+:\/\//i.test(key);
}

/** The path below a root, or undefined where the key lies elsewhere. `''` for the root itself. */
export function relativeTo(root: string, key: string): string | undefined {
  if (key === root) return '';
  const prefix = root.endsWith('/') ? root : root + '/';
  return key.startsWith(prefix) ? key.slice(prefix.length) : undefined;
}

export function joinKey(root: string, path: string): string {
  return path === '' ? root : root.endsWith('/') ? root + path : `${root}/${path}`;
}

function trimEnd(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
