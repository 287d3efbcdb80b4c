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

/** The least that covers both. */
export function mergeScopes(...all: readonly Scopes[]): Scopes {
  const out: Record<string, Access> = {};
  for (const scopes of all) for (const [name, access] of Object.entries(scopes)) if (out[name] !== 'write') out[name] = access;
  return Object.fromEntries(Object.entries(out).sort(([a], [b]) => (a < b ? -1 : 1)));
}
