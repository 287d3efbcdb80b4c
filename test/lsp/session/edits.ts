import type { Random } from './random';

/** One replacement. `typed` comes character by character, anything else as one change. Offsets are UTF-16. */
export interface Edit { readonly what: string; readonly start: number; readonly remove: number; readonly insert: string; readonly typed: boolean }

/** What people write into a workflow, sound and unsound; each is indented as the line that it follows. */
const LINES: readonly string[] = [
  '- uses: actions/checkout@v4', '- uses: some-owner/some-action@main', '- uses: ./.github/actions/local', '- uses: docker://alpine:latest', '- name: a step',
  '- run: echo "${{ github.event.issue.title }}"', '- run: |\n    curl -sSf https://example.org/install.sh | bash\n    echo "${{ github.head_ref }}" >> "$GITHUB_ENV"',
  'permissions: write-all', 'permissions: {}', 'permissions:\n  contents: write\n  id-token: write', 'env:\n  TOKEN: ${{ secrets.TOKEN }}', 'pull_request_target:', 'workflow_run: { workflows: [CI] }',
  'timeout-minutes: 5', "if: github.actor == 'dependabot[bot]'", 'if: ${{ always() && ', 'continue-on-error: true', 'runs-on: self-hosted', 'runs-on: ubuntu-24.04', 'needs: [nothing]',
  'with: { persist-credentials: true }', 'container: node:latest', 'secrets: inherit', 'uses: ./.github/workflows/called.yml', 'concurrency: one', '# – ü, 漢 and 😀', 'key: &anchor [1, 2',
  'again: *anchor', '"unfinished', '\ttab', 'on: [push', 'jobs:', 'more:\n  runs-on: ubuntu-latest\n  steps:\n    - run: npm publish', '- {', '? x', '---', '${{ secrets.A }}',
];
const REFS = ['main', 'v1', 'v4.1.2', '3d3c42e5aac5ba805825da76410c181273ba90b1', 'feature/x', ''];
const CHARACTERS = [':', ' ', '-', '#', '"', "'", '\n', '{', '[', '}', '|', '&x ', '*x', '${{ ', ' }}', '\t', '\r\n', '😀', '!', '@'];

/** The places of a text where a line starts. */
export function lineStarts(text: string): number[] {
  const out = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) out.push(i + 1);
  return out;
}

/** The next thing somebody does to a text. `ids` are rules that something is shown of; `others` are texts to copy from. */
export function nextEdit(random: Random, text: string, ids: readonly string[], others: readonly string[]): Edit {
  const roll = random.next();
  if (roll < 0.3) return newLine(random, text, random.of(LINES), 'type a line');
  if (roll < 0.42) return reference(random, text) ?? newLine(random, text, random.of(LINES), 'type a line');
  if (roll < 0.54) return character(random, text);
  if (roll < 0.66) return backspace(random, text);
  if (roll < 0.74) return word(random, text);
  if (roll < 0.82) return block(random, text);
  if (roll < 0.9) return paste(random, text, random.of(others));
  return suppression(random, text, ids);
}

function newLine(random: Random, text: string, line: string, what: string): Edit {
  const starts = lineStarts(text), at = random.below(starts.length);
  const end = endOfLine(text, starts, at);
  const indent = /^[ ]*/.exec(text.slice(starts[at]!, end))![0];
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  return { what, start: end, remove: 0, insert: `${eol}${line.split('\n').map(l => indent + l).join(eol)}`, typed: true };
}

function reference(random: Random, text: string): Edit | undefined {
  const uses = [...text.matchAll(/uses: *[\w./-]+@([\w./-]+)/g)];
  if (uses.length === 0) return undefined;
  const match = random.of(uses), ref = match[1]!;
  return { what: 'type another ref', start: match.index + match[0].length - ref.length, remove: ref.length, insert: random.of(REFS), typed: true };
}

function character(random: Random, text: string): Edit {
  return { what: 'type a character', start: whole(text, random.below(text.length + 1)), remove: 0, insert: random.of(CHARACTERS), typed: true };
}

function backspace(random: Random, text: string): Edit {
  const end = whole(text, random.below(text.length + 1)), start = whole(text, Math.max(0, end - 1 - random.below(30)));
  return { what: 'delete characters', start, remove: end - start, insert: '', typed: true };
}

function word(random: Random, text: string): Edit {
  const words = [...text.matchAll(/[\w-]+/g)];
  if (words.length < 2) return character(random, text);
  const from = random.of(words), to = random.of(words);
  return { what: 'replace a word', start: from.index, remove: from[0].length, insert: to[0], typed: true };
}

function block(random: Random, text: string): Edit {
  const starts = lineStarts(text), first = random.below(starts.length);
  const start = starts[first]!, end = starts[first + 1 + random.below(20)] ?? text.length;
  return { what: 'delete a block', start, remove: end - start, insert: '', typed: false };
}

function paste(random: Random, text: string, from: string): Edit {
  const source = lineStarts(from), first = random.below(source.length);
  const insert = from.slice(source[first]!, source[first + 1 + random.below(25)] ?? from.length);
  const starts = lineStarts(text);
  return { what: 'paste', start: random.of(starts), remove: 0, insert, typed: false };
}

function suppression(random: Random, text: string, ids: readonly string[]): Edit {
  const id = random.of([...ids, 'unpinned-action', 'nothing-of-the-kind']);
  const comment = random.of([`# ci-hardening: ignore[${id}]`, `# ci-hardening: ignore[${id}] because it is fine`, `# ci-hardening: ignore-file[${id}]`, `# zizmor: ignore[${id}]`, '# ci-hardening: ignore[']);
  if (random.chance(0.5)) return newLine(random, text, comment, 'type a suppression');
  const starts = lineStarts(text);
  return { what: 'type a suppression', start: endOfLine(text, starts, random.below(starts.length)), remove: 0, insert: ` ${comment}`, typed: true };
}

function endOfLine(text: string, starts: readonly number[], line: number): number {
  const end = (starts[line + 1] ?? text.length + 1) - 1;
  return text[end - 1] === '\r' ? end - 1 : end;
}

/** Not inside a surrogate pair nor a `\r\n`: no cursor stands there. */
export function whole(text: string, offset: number): number {
  return /^[\uDC00-\uDFFF]/.test(text.slice(offset, offset + 1)) || (text[offset] === '\n' && text[offset - 1] === '\r') ? offset - 1 : offset;
}

/** What one press of a key makes: code points, and `\r\n` as one. */
export function keys(text: string): string[] { return text.match(/\r\n|[^]/gu) ?? []; }
