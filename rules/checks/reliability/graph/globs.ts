/** Patterns for branches, tags and paths that GitHub can't read, or that nothing can match. */
import type { RuleContext } from '../../../engine/rule';
import type { Workflow } from '../../../workflow/model';
import { getEntry, scalarList } from '../../../workflow/nodes';

export const GLOB_MESSAGES = {
  'glob-invalid': '`{glob}` matches no {what}: {why}. Correct the pattern.',
} as const;

const REFS = ['branches', 'branches-ignore', 'tags', 'tags-ignore'];
const PATHS = ['paths', 'paths-ignore'];

export function checkGlobs(context: RuleContext<keyof typeof GLOB_MESSAGES>, workflow: Workflow): void {
  for (const { config } of workflow.triggers) {
    if (!config) continue;
    for (const key of [...REFS, ...PATHS]) {
      for (const glob of scalarList(getEntry(config, key)?.value)) {
        if (glob.value === '' || glob.value.includes('${{')) continue;
        const paths = PATHS.includes(key);
        const why = globProblem(glob.value, paths);
        const what = paths ? 'path' : key.startsWith('tags') ? 'tag' : 'branch';
        if (why !== undefined) context.report({ at: glob, messageId: 'glob-invalid', data: { glob: glob.value, what, why } });
      }
    }
  }
}

/** Characters that git allows in no name of a branch or tag. */
const NO_REF = /[\s~^:]/;

/** What is wrong with a pattern; undefined where nothing is. */
export function globProblem(glob: string, paths: boolean): string | undefined {
  const text = glob.startsWith('!') ? glob.slice(1) : glob;
  if (text === '') return 'there is nothing behind the `!`';
  if (paths) {
    if (/^\s|\s$/.test(glob)) return 'it begins or ends with a space';
    if (/^\.\.?(?:\/|$)/.test(text)) return 'paths are taken from the root of the repository, without `./` and `../`';
  } else {
    // What a set may hold is another question.
    const bad = NO_REF.exec(text.replace(/\[[^\]]*\]/g, '[]'))?.[0];
    if (bad !== undefined) return bad.trim() === '' ? 'names of branches and tags have no spaces' : `names of branches and tags have no \`${bad}\``;
    if (text.startsWith('/') || text.endsWith('/')) return 'names of branches and tags have no slash at either end';
    if (text.includes('//')) return 'names of branches and tags have no two slashes in a row';
    if (text.includes('..')) return 'names of branches and tags have no two dots in a row';
    if (text.endsWith('.lock')) return 'names of branches and tags don\'t end with `.lock`';
    const slash = /\\([^[\]?+*!\\])/.exec(text)?.[1];
    if (slash !== undefined) return `names of branches and tags have no backslash, and \`${slash}\` needs none`;
    if (text.startsWith('refs/heads/') || text.startsWith('refs/tags/')) return 'it is compared with the short name, without `refs/…/`';
  }
  return specialProblem(text);
}

/** `?` and `+` repeat what stands before them, `[…]` is a set, `\` takes the next one as it is. */
function specialProblem(text: string): string | undefined {
  /** The one before is a `*`, `?` or `+` that is meant as such. */
  let special = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    const after = special;
    special = c === '*' || c === '?' || c === '+';
    if (c === '\\') i++;
    else if (c === '?' || c === '+') {
      if (i === 0 || after) return `nothing stands before the \`${c}\` that it could repeat`;
    } else if (c === '[') {
      const end = text.indexOf(']', i + 1);
      if (end < 0) return 'the `[` is not closed';
      const set = text.slice(i + 1, end);
      if (set === '') return 'the set `[]` is empty';
      for (let k = 1; k + 1 < set.length; k++) {
        if (set[k] === '-' && set[k - 1]! > set[k + 1]!) return `the range \`${set.slice(k - 1, k + 2)}\` runs backwards`;
      }
      i = end;
    }
  }
  return undefined;
}
