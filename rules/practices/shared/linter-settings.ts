/** What linters are set up to look for, as far as their settings can be read. */
import { basename, isSample, isVendored, type Repository } from '../../repository';
import type { Evidence } from '../practice';
import type { Sighting } from './sightings';

export interface Setting {
  /** Linters whose settings these are, as they are called. */
  readonly linters: RegExp;
  readonly file: RegExp;
  readonly says: RegExp;
}

export interface SettingFound { readonly linters: RegExp; readonly evidence: Evidence }

/** Settings beside documentation are about its pages, or there to be copied. */
const DOCS = /^(?:docs?|documentation)\//;

/** Settings that say it, and files of those linters that can't be read. */
export function settings(repo: Repository,
  table: readonly Setting[]): { readonly found: SettingFound[]; readonly unread: readonly { path: string; linters: RegExp }[] } {
  const found: SettingFound[] = [], unread: { path: string; linters: RegExp }[] = [];
  const depth = (path: string): number => path.split('/').length;
  const candidates = repo.files.filter(path => table.some(t => t.file.test(basename(path))) && !isVendored(path) && !isSample(path) && !DOCS.test(path));
  // Those at the root are about the most of the code.
  for (const path of candidates.sort((a, b) => depth(a) - depth(b))) {
    const base = basename(path), rows = table.filter(t => t.file.test(base));
    const text = repo.read(path)?.slice(0, 200_000);
    for (const { linters, says } of rows) {
      if (text === undefined) { unread.push({ path, linters }); continue; }
      const m = says.exec(text);
      if (m && m[0] !== '') found.push({ linters, evidence: { path, start: m.index, end: m.index + m[0].length,
        text: `${base} sets a limit` } });
    }
  }
  return { found, unread };
}

/** What runs other linters, and can't be looked into. Linters of one thing alone are none of them. */
const RUNNERS = /^(?:npm|pnpm|yarn|bun|make|gmake|just|task|nox|tox|hatch|pre-commit|prek|pre-commit\/action|j178\/prek-action|(?:github|super-linter|oxsecurity)\/\S*linter\S*|a script|“.*”|.*\.sh|.*\.ya?ml)$/;

/** The linter of these names, or what may run it. */
export function linterOf(linters: readonly Sighting[], names: RegExp): Sighting | undefined {
  return linters.find(l => names.test(l.tool) || names.test(l.tool.split('/').at(-1)!)) ?? linters.find(l => RUNNERS.test(l.tool));
}
