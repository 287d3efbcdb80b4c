/** Markdown in which what a repository says stays text. */

/** Text of a repository as inline text: no markup, no HTML, no links, one line. */
export function text(value: string): string { return inline(value).trim(); }

function inline(value: string): string {
  // eslint-disable-next-line no-control-regex
  return value.replace(/[\s\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+/g, ' ')
    .replace(/[\\`*_{}[\]<>#|~&$!]/g, c => (c === '<' || c === '>' || c === '&' || c === '|' ? `&#${c.charCodeAt(0)};` : `\\${c}`))
    // Bare addresses and mentions would become links.
    .replace(/(https?)(?=:\/\/)/gi, '$1&#8203;').replace(/@(?=\w)/g, '@&#8203;');
}

/** A message of the product: its own code spans stay, what a repository put into it can't start anything else. */
export function message(value: string): string {
  return value.split(/(`[^`\n]*`)/).map((part, i) => (i % 2 === 1 ? code(part.slice(1, -1)) : inline(part))).join('').trim();
}

/** A code span that holds any text, also backquotes and bars of a table. */
export function code(value: string): string {
  // eslint-disable-next-line no-control-regex
  const flat = value.replace(/[\s\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+/g, ' ').trim();
  if (flat === '') return '';
  if (flat.includes('|') || flat.includes('`')) return text(flat);
  return `\`${flat}\``;
}

/** Rows of a table; cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(c => c.replaceAll('\n', '<br>')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)];
}

/** `1 job`, `3 jobs`. */
export function count(n: number, one: string, many = `${one}s`): string { return `${n} ${n === 1 ? one : many}`; }

export function list(names: readonly string[], last = 'and'): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${last} ${names.at(-1)!}`;
}
