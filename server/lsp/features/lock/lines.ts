/**
 * `.github/workflows/actions.lock` as an editor sees it: line by line, half typed or not. What it means as a whole is read elsewhere
 * (`rules/checks/shared/lockfile.ts`), and only where it is sound.
 */

/** A word of a line, without its quotes; the offsets are those of the file and include them. */
export interface Word { readonly text: string; readonly start: number; readonly end: number }

export interface LockLine {
  readonly start: number;
  /** Without the line break. */
  readonly end: number;
  /** Column of the first character; for a blank line that of its end. */
  readonly indent: number;
  /** The keys that it stands below, from the outside in: `['dependencies', 'actions/checkout@v6', 'uses']`. */
  readonly parents: readonly string[];
  /** It begins with a dash. */
  readonly item: boolean;
  /** What stands before a colon; absent in a list, and where there is no colon yet. */
  readonly key?: Word;
  /** What stands behind the colon or the dash, or alone on the line; empty where nothing does. */
  readonly value: Word;
}

/** Every line but comments, in order. Linear in the text. */
export function lockLines(text: string): LockLine[] {
  const lines: LockLine[] = [];
  const open: { readonly indent: number; readonly key: string }[] = [];
  let start = 0;
  for (const raw of text.split('\n')) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const indent = line.length - line.trimStart().length;
    const end = start + line.length;
    if (line[indent] !== '#') {
      const blank = indent === line.length;
      // A list may stand in the column of its key.
      const item = line[indent] === '-' && /^-(?:\s|$)/.test(line.slice(indent));
      while (open.length > 0 && (item ? open.at(-1)!.indent > indent : open.at(-1)!.indent >= indent)) {
        if (blank && open.length === 1 && indent === 0) break;
        open.pop();
      }
      const parents = blank && indent === 0 ? [] : open.map(o => o.key);
      const body = item ? indent + 1 + (/^\s*/.exec(line.slice(indent + 1))![0].length) : indent;
      const colon = item ? -1 : colonOf(line, indent);
      const key = colon < 0 ? undefined : word(line.slice(indent, colon), start + indent);
      const from = colon < 0 ? body : colon + 1 + /^\s*/.exec(line.slice(colon + 1))![0].length;
      lines.push({ start, end, indent, parents, item, ...(key ? { key } : {}), value: word(line.slice(from), start + from) });
      if (key) open.push({ indent, key: key.text });
    }
    start += raw.length + 1;
  }
  return lines;
}

/** Where the key of a line ends; -1 where it has none. A colon inside quotes or before anything but white space belongs to a name. */
function colonOf(line: string, from: number): number {
  const quote = line[from] === '\'' || line[from] === '"' ? line[from] : undefined;
  const close = quote ? line.indexOf(quote, from + 1) : from;
  for (let i = line.indexOf(':', Math.max(from, close)); i >= 0; i = line.indexOf(':', i + 1)) {
    if (i + 1 === line.length || /\s/.test(line[i + 1]!)) return i;
  }
  return -1;
}

function word(text: string, start: number): Word {
  const trimmed = text.trimEnd();
  return { text: trimmed.replace(/^(['"])(.*)\1$/, '$2').replace(/^['"]/, ''), start, end: start + trimmed.length };
}

/** The line that an offset stands in. */
export function lineAt(lines: readonly LockLine[], offset: number): LockLine | undefined {
  return lines.find(l => l.start <= offset && offset <= l.end);
}
