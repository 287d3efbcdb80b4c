/** Reads the examples of a rule's documentation, and makes whole files of snippets. */
import type { PinFacts } from '../../rules/engine/online';
import { readFacts } from './fixtures';

export interface Example {
  readonly section: 'Incorrect' | 'Correct';
  /** 1-based line of the fence. */
  readonly line: number;
  readonly path: string;
  readonly text: string;
  /** Further files of the checkout, which a first line `# beside: package.json package-lock.json` names; empty JSON each. */
  readonly files: ReadonlyMap<string, string>;
  /** What GitHub is taken to have said, which first lines `# online: owner/repo@ref {…}` hold. */
  readonly online: ReadonlyMap<string, PinFacts>;
}

export interface Prose { readonly title: string; readonly headings: readonly string[]; readonly examples: readonly Example[] }

/** Only fences that say `yaml` and nothing else are examples; `yaml fragment` is for what can't stand alone. */
export function readProse(markdown: string): Prose {
  const headings: string[] = [];
  const examples: Example[] = [];
  let title = '', fence: { language: string; line: number; lines: string[] } | undefined;
  markdown.split(/\r?\n/).forEach((line, i) => {
    const mark = /^```(.*)$/.exec(line);
    if (mark && !fence) fence = { language: mark[1]!.trim(), line: i + 1, lines: [] };
    else if (mark && fence) {
      const section = headings.at(-1);
      if (fence.language === 'yaml' && (section === 'Incorrect' || section === 'Correct')) {
        const beside = /^# beside: (.*)/.exec(fence.lines[0] ?? '')?.[1]?.split(/[\s,]+/) ?? [];
        const files = new Map(beside.map(name => [name, '{}\n']));
        const said = fence.lines.map(l => /^# online: (.*)/.exec(l)?.[1]).filter(l => l !== undefined);
        const code = fence.lines.slice(beside.length > 0 ? 1 : 0).filter(l => !l.startsWith('# online: '));
        examples.push({ section, line: fence.line, files, online: new Map(said.map(readFacts)), ...wholeFile(code.join('\n') + '\n') });
      }
      fence = undefined;
    } else if (fence) fence.lines.push(line);
    else if (line.startsWith('# ')) title = line.slice(2).trim();
    else if (line.startsWith('## ')) headings.push(line.slice(3).trim());
  });
  return { title, headings, examples };
}

/** Steps, a job's keys, jobs and workflow keys are put where they belong; a first line `# path: action.yml` says what a file is. */
export function wholeFile(snippet: string): { path: string; text: string } {
  const path = /^# path: (\S+)/.exec(snippet)?.[1];
  const keys = new Set([...snippet.matchAll(/^([\w-]+):/gm)].map(m => m[1]!));
  const has = (...names: string[]): boolean => names.some(n => keys.has(n));
  const indent = (text: string, by: number): string => text.replace(/^(?=.)/gm, ' '.repeat(by));
  const workflow = (text: string): { path: string; text: string } => ({ path: path ?? '.github/workflows/example.yml', text });
  const job = (body: string): { path: string; text: string } => workflow(`on: push\njobs:\n  example:\n${indent(body, 4)}`);

  if (path && !path.includes('.github/workflows/')) return { path, text: snippet };
  if (has('updates')) return { path: '.github/dependabot.yml', text: snippet };
  if (has('runs')) return { path: 'action.yml', text: snippet };
  if (has('jobs')) return workflow(has('on') ? snippet : `on: push\n${snippet}`);
  if (/^(?:#.*\n)*- /.test(snippet)) return job(`runs-on: ubuntu-latest\nsteps:\n${indent(snippet, 2)}`);
  if (has('steps', 'runs-on', 'strategy', 'container', 'services', 'environment', 'uses', 'needs', 'outputs', 'timeout-minutes')) {
    return job(has('runs-on', 'uses') ? snippet : `runs-on: ubuntu-latest\n${snippet}`);
  }
  if (has('on', 'permissions', 'env', 'concurrency', 'defaults', 'name', 'run-name')) {
    const rest = 'jobs:\n  example:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n';
    return workflow(`${has('on') ? '' : 'on: push\n'}${snippet}${rest}`);
  }
  return workflow(`on: push\njobs:\n${indent(snippet, 2)}`);
}
