import { definePractice, type Evidence, type Verdict } from '../practice';
import type { Repository } from '../../repository';
import { scalarText } from '../../workflow/nodes';
import { documents } from '../shared/documents';
import { documentScaffold } from '../shared/generated';
import { labelText } from '../shared/mermaid-text';
import { ownWorkflows } from '../shared/pipelines';
import { cut, met, missing } from '../shared/verdict';

const PATH = 'docs/pipeline.md';
const NAMES = /(?:^|\/)[^/]*(?:pipeline|workflow|github[-_]?actions|cicd|ci[-_]cd|deploy|release|build|architecture|contributing|develop|devops|automation)[^/]*\.(?:mdx?|rst|adoc)$|(?:^|\/)ci[^a-z/][^/]*\.(?:mdx?|rst|adoc)$|^(?:docs\/|\.github\/)?readme\.(?:mdx?|rst|adoc)$|\.(?:mmd|mermaid)$/i;
/** From this share of the jobs on a picture is taken for one of the pipeline, and for one that is up to date. */
const SOME = 0.5, MOST = 0.9;

/** A job counts as named by its id or its name. */
interface Named { readonly id: string; readonly names: readonly string[] }

function jobs(repo: Repository): Named[] {
  return ownWorkflows(repo).flatMap(d => d.workflow!.jobs.map(j => ({ id: `${j.id} in ${d.path}`, names: [j.id, scalarText(j.name?.value) ?? ''].filter(n => n !== '') })));
}

interface Picture { readonly start: number; readonly end: number; readonly text: string }

/** Mermaid in fences, in directives of reStructuredText, or a file that is nothing else. */
function pictures(path: string, text: string): Picture[] {
  if (/\.(?:mmd|mermaid)$/i.test(path)) return [{ start: 0, end: text.length, text }];
  const found: Picture[] = [];
  const open = /^[ \t]*(?:`{3,}|~{3,}|:{3,})[ \t]*\{?mermaid\b[^\n]*\n|^[ \t]*\.\. mermaid::[^\n]*\n|^\[mermaid[^\n]*\n/gm;
  for (let m = open.exec(text); m && found.length < 100; m = open.exec(text)) {
    const from = m.index + m[0].length;
    const end = m[0].trimStart().startsWith('..') ? /\n(?=\S)/g : /^[ \t]*(?:`{3,}|~{3,}|:{3,}|\.{4}|-{4})[ \t]*\r?$/gm;
    end.lastIndex = from;
    // The fence that opens an AsciiDoc block follows its header.
    const first = end.exec(text);
    const close = first && m[0].startsWith('[') ? end.exec(text) ?? first : first;
    const to = close ? close.index : text.length;
    if (to > from) found.push({ start: m.index, end: to, text: text.slice(from, to) });
    open.lastIndex = Math.max(to, from);
  }
  return found;
}

const WORD = /[\p{L}\p{N}_-]/u;

function says(text: string, name: string): boolean {
  const wanted = name.replace(/\s+/g, ' ').trim();
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    if (!WORD.test(text[at - 1] ?? ' ') && !WORD.test(text[at + wanted.length] ?? ' ')) return true;
  }
  return false;
}

/** Something that only a picture of the pipeline says: `test` and `build` alone are words of every flowchart. */
function isAboutPipeline(repo: Repository, text: string): boolean {
  return /\b(?:pull_request|workflow_dispatch|workflow_run|workflow_call|merge_group|schedule|GitHub Actions|CI\/CD|pull request|PR|push|tag|cron|merge)\b/i.test(text)
    || ownWorkflows(repo).some(d => says(text, d.path.slice(d.path.lastIndexOf('/') + 1)));
}

function evidence(repo: Repository): Verdict {
  const all = jobs(repo);
  const wanted = `a Mermaid diagram of the pipeline in the docs, for instance ${PATH}`;
  if (all.length === 0) return missing(wanted, 'a workflow: there is nothing to draw yet');
  const found = documents(repo, NAMES);
  let best: { readonly share: number; readonly evidence: Evidence; readonly open: readonly string[] } | undefined;
  for (const { path, text } of found) {
    if (text === undefined || !(/mermaid/i.test(text) || /\.mmd$/i.test(path))) continue;
    const drawn = pictures(path, text);
    const words = drawn.map(p => labelText(p.text)).join('\n');
    const open = all.filter(j => !j.names.some(n => says(words, n))), share = 1 - open.length / all.length;
    if (drawn.length === 0 || share < SOME || !isAboutPipeline(repo, words) || (best && best.share >= share)) continue;
    best = { share, open: open.map(j => j.id), evidence: { path, start: drawn[0]!.start, end: drawn[0]!.end, text: `a diagram that names ${all.length - open.length} of ${all.length} jobs` } };
  }
  if (best && best.share >= MOST) return met([best.evidence]);
  if (best) return { result: best.share, evidence: [best.evidence], lookedFor: cut(best.open.map(id => `${id} in the diagram`)) };
  // Where people look first.
  const unread = found.filter(f => f.text === undefined).map(f => f.path)
    .sort((a, b) => Number(!/^(?:docs\/|\.github\/)?readme\./i.test(a)) - Number(!/^(?:docs\/|\.github\/)?readme\./i.test(b)) || a.split('/').length - b.split('/').length);
  if (unread.length > 0 && unread.length === found.length) return { result: 'unknown', evidence: [], lookedFor: [`${unread.slice(0, 3).join(', ')} could not be read`] };
  return missing(wanted, 'one that names at least half of the jobs, by id or name');
}

export default definePractice({
  id: 'pipeline-diagram',
  title: 'Pipeline diagram',
  category: 'Developer Experience',
  level: 5,
  severity: 'low',
  since: '0.1.0',
  docs: {
    summary: 'The docs hold a Mermaid diagram of the pipeline that names the jobs that exist.',
    why: 'Who sees at a glance what runs when, and what waits for what, changes a workflow without breaking the one behind it.',
    references: [
      'https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/creating-diagrams',
      'https://mermaid.js.org/syntax/flowchart.html',
    ],
  },
  applies: () => true,
  evidence,
  scaffold: documentScaffold({
    title: 'Add a pipeline diagram',
    document: 'pipeline',
    path: PATH,
    mark: 'ci-hardening diagram --format markdown',
    there: repo => { const v = evidence(repo); return v.result === 1 ? v.evidence[0]!.path : undefined; },
    explanation: `Adds ${PATH}: what starts each workflow, its jobs and what they wait for, drawn from the files.`,
    todo: ['Link the page from the README, and draw it again when workflows change: ci-hardening diagram --format markdown.'],
  }),
});
