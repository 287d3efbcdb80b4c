/** Linters that look for vulnerabilities where their settings say so: gosec in golangci-lint, Bandit's rules in Ruff, plugins of ESLint. */
import { basename, isSample, isVendored, type Repository } from '../../repository';
import type { Verdict } from '../practice';
import { linterOf } from './linter-settings';
import { evidenceOf, sightings } from './sightings';
import { met, unique } from './verdict';

interface Kind {
  readonly linters: RegExp;
  readonly file: RegExp;
  /** Where in its settings it is told to; undefined where it isn't. */
  readonly told: (text: string) => { readonly start: number; readonly end: number } | undefined;
  readonly what: string;
  /** Nothing but this file says so: unread, it is not known. */
  readonly alone?: boolean;
}

const MAX_TEXT = 200_000;

const by = (pattern: RegExp): Kind['told'] => text => {
  const m = pattern.exec(text);
  return m ? { start: m.index, end: m.index + m[0].length } : undefined;
};

const KINDS: readonly Kind[] = [
  { linters: /golangci/, file: /^\.golangci\.(?:ya?ml|toml|json)$/, told: gosec, what: 'gosec is among the linters of golangci-lint', alone: true },
  { linters: /^(?:ruff|pre-commit|prek|ruff-action)$/, file: /^(?:ruff|\.ruff|pyproject)\.toml$/, what: 'Ruff is told Bandit’s rules (S)',
    told: by(/^[ \t]*(?:extend-)?select[ \t]*=[ \t]*\[[^\]]{0,4000}["'](?:S|S\d{1,3}|ALL)["']/m) },
  { linters: /^(?:eslint|xo)$/, file: /^(?:eslint\.config\.[cm]?[jt]s|\.eslintrc(?:\.(?:json|[cm]?js|ya?ml))?)$/, what: 'ESLint has rules about security',
    told: by(/eslint-plugin-(?:security|no-unsanitized|no-secrets)\b|@microsoft\/eslint-plugin-sdl|plugin:(?:security|no-unsanitized)\//) },
];

/** Whether gosec is enabled: by its name, or as one of all. What is only set up or excluded isn't. */
function gosec(text: string): { start: number; end: number } | undefined {
  let list = '', at = 0, all: { start: number; end: number } | undefined, off = false;
  for (const line of text.split('\n')) {
    const plain = line.replace(/(?:^|[ \t])#.*$/, ''), key = /^[ \t"]*([\w-]+)"?[ \t]*[:=]/.exec(plain)?.[1];
    const span = { start: at, end: at + line.trimEnd().length };
    at += line.length + 1;
    if (key !== undefined) list = key;
    if (/^[ \t"]*(?:enable-all"?[ \t]*[:=][ \t]*true|default"?[ \t]*[:=][ \t]*["']?all\b)/.test(plain)) all = span;
    else if (/(?:^|[^\w-])gosec(?![\w-])/.test(plain) && key !== 'gosec') {
      if (list === 'enable' && !/^[ \t-]{0,100}[\w-]{1,100}:[ \t]{0,100}["']?gosec/.test(plain)) return span;
      if (list === 'disable') off = true;
    }
  }
  return off ? undefined : all;
}

/** Met where a linter that runs on pull requests is told to; unknown where settings that decide it can't be read; else undefined. */
export function securityLinting(repo: Repository): Verdict | undefined {
  const linters = sightings(repo, 'lint').filter(s => s.problem === undefined), closed: string[] = [];
  if (linters.length === 0) return undefined;
  for (const path of repo.files) {
    const kind = KINDS.find(k => k.file.test(basename(path)));
    if (!kind || isVendored(path) || isSample(path)) continue;
    const linter = linterOf(linters, kind.linters);
    if (!linter) continue;
    const text = repo.read(path)?.slice(0, MAX_TEXT), told = text === undefined ? undefined : kind.told(text);
    if (told) return met([{ path, ...told, text: kind.what }, evidenceOf(linter, `${linter.tool} runs on pull requests and can fail`)]);
    if (text === undefined && kind.alone) closed.push(path);
  }
  return closed.length === 0 ? undefined : { result: 'unknown', evidence: [],
    lookedFor: unique(closed).slice(0, 3).map(c => `whether ${c}, which could not be read, enables gosec`) };
}
