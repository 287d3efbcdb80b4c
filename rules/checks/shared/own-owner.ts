/** Whose repository this is, as far as its files say: no remote is asked. */
import { defineQuery } from '../../engine/rule';

/** Where a manifest names its repository. Each is looked for in the first lines only, and is linear. */
const MANIFESTS: readonly (readonly [string, RegExp])[] = [
  ['package.json', /"repository"\s*:\s*(?:\{[^{}]{0,300}?"url"\s*:\s*)?"(?:[a-z+]{0,10}:\/\/(?:[\w-]{1,20}@)?(?:www\.)?github\.com\/|git@github\.com:|github:)?([\w-]{1,40})\/[\w.-]{1,100}"/],
  ['go.mod', /^module\s+github\.com\/([\w-]{1,40})\//m],
  ['Cargo.toml', /^repository\s*=\s*"https:\/\/github\.com\/([\w-]{1,40})\//m],
  ['pyproject.toml', /^"?(?:[Rr]epository|[Ss]ource|[Ss]ource[ _][Cc]ode)"?\s*=\s*"https:\/\/github\.com\/([\w-]{1,40})\//m],
];
const LOOKED_AT = 20_000;

/** The owner on GitHub that a manifest at the root names, in lower case; null where none does. In a fork that is where it came from. */
export const ownOwner = defineQuery('repository.own-owner', ({ repository }): string | null => {
  for (const [path, named] of MANIFESTS) {
    const owner = named.exec((repository?.read(path) ?? '').slice(0, LOOKED_AT))?.[1];
    if (owner !== undefined) return owner.toLowerCase();
  }
  return null;
});
