/** Scopes of the run's token. */
import scopesData from './data/scopes.json';

export type Access = 'read' | 'write';
/** What something needs; scopes that aren't named are not needed. */
export type Scopes = Readonly<Record<string, Access>>;

export interface ScopeInfo {
  readonly name: string;
  readonly values: readonly ('read' | 'write' | 'none')[];
  /** What write access lets somebody do, in a few words; undefined for scopes that can't be written. */
  readonly risk?: string;
  /** Access in a repository whose default is permissive; undefined where it isn't documented. */
  readonly permissive?: 'read' | 'write' | 'none';
  /** Access in a repository whose default is restricted. */
  readonly restricted?: 'read' | 'write' | 'none';
  /** The most that a pull request from a public fork gets. */
  readonly fork?: 'read' | 'none';
}

/** Every scope that `permissions:` takes, by name in alphabetical order. */
export const SCOPES: readonly ScopeInfo[] = scopesData as readonly ScopeInfo[];

/** A scope by its exact name. */
export function scopeInfo(name: string): ScopeInfo | undefined {
  return SCOPES.find(s => s.name === name);
}

/** The least that covers all, in alphabetical order. */
export function mergeScopes(...all: readonly Scopes[]): Scopes {
  const out: Record<string, Access> = {};
  for (const scopes of all) for (const name in scopes) if (out[name] !== 'write') out[name] = scopes[name]!;
  const names = Object.keys(out);
  if (names.length < 2) return out;
  const sorted: Record<string, Access> = {};
  for (const name of names.sort()) sorted[name] = out[name]!;
  return sorted;
}
