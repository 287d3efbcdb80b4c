import picomatch from 'picomatch/posix';

/**
 * The config file of a scanned repository is not to be trusted with a regular expression. Globs are limited to what cannot backtrack
 * for long: few wildcards in a row, no nested or repeated groups.
 */
const MAX_LENGTH = 300;
const MAX_WILDCARDS_IN_SEGMENT = 3;
const MAX_GLOBSTARS = 4;

const compiled = new Map<string, ((path: string) => boolean) | undefined>();

/**
 * A matcher of paths relative to the repository's root (with `/`), or undefined for a glob beyond the limits. A trailing slash
 * means everything below.
 */
export function compileGlob(glob: string): ((path: string) => boolean) | undefined {
  if (compiled.has(glob)) return compiled.get(glob);
  if (compiled.size > 500) compiled.clear();
  const matcher = build(glob);
  compiled.set(glob, matcher);
  return matcher;
}

function build(glob: string): ((path: string) => boolean) | undefined {
  if (glob.length > MAX_LENGTH || glob.trim() === '') return undefined;
  const pattern = (glob.endsWith('/') ? `${glob}**` : glob).replace(/^\.?\//, '');
  const segments = pattern.split('/');
  if (segments.filter(s => s.includes('**')).length > MAX_GLOBSTARS) return undefined;
  if (segments.some(s => (s.match(/\*+/g)?.length ?? 0) > MAX_WILDCARDS_IN_SEGMENT)) return undefined;
  // The matcher passes groups and repetitions on to the regular expression.
  if (/[()|]|[\]}]\+/.test(pattern)) return undefined;
  // Brace groups multiply what stands in them.
  if ((pattern.match(/\{/g)?.length ?? 0) > 2) return undefined;
  try {
    return picomatch(pattern, { dot: true, noextglob: true, nonegate: true, maxLength: MAX_LENGTH + 2 });
  } catch {
    return undefined;
  }
}
