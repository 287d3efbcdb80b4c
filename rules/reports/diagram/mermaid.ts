/**
 * Mermaid flowcharts as text. Whatever a repository says stands inside quoted labels, where every character that means something to
 * Mermaid, to Markdown or to HTML is written as an entity: a name can't end its label, start a directive or become markup.
 */

/** Letters, digits and the few marks that mean nothing anywhere. A single space; an underscore or dot only between word characters. */
const PLAIN = /[\p{L}\p{N} /,=+()-]/u;
const BETWEEN = /[._@]/;
const WORD = /[\p{L}\p{N}]/u;

/** Characters (UTF-16) of one line of a label; the rest is cut off and says so with `…`. */
const MAX_LINE = 80;

/** A label's text: lines joined by `<br/>`, each shortened and escaped. Never empty. */
export function label(...lines: readonly string[]): string {
  const shown = lines.map(l => escaped(shortened(l))).filter(l => l !== '');
  return shown.length > 0 ? shown.join('<br/>') : '#40;no name#41;';
}

function shortened(line: string): string {
  // eslint-disable-next-line no-control-regex
  const flat = line.slice(0, 4 * MAX_LINE).replace(/[\s\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+/g, ' ').trim();
  const characters = [...flat];
  return characters.length > MAX_LINE ? `${characters.slice(0, MAX_LINE - 1).join('')}…` : flat;
}

function escaped(line: string): string {
  const characters = [...line];
  return characters.map((c, i) => {
    const before = characters[i - 1] ?? '', after = characters[i + 1] ?? '';
    // `- x`, `+ x`, `1. x` and `= x` at the start would be lists and headings.
    const leading = i === 0 && !/[\p{L}\p{N}(]/u.test(c);
    if (!leading && PLAIN.test(c)) return c;
    if (!leading && BETWEEN.test(c) && WORD.test(before) && WORD.test(after)) return c;
    // Two of them would begin a formula: Mermaid looks for those when entities are characters again.
    return c === '$' ? '#36;#8203;' : `#${c.codePointAt(0)!};`;
  }).join('');
}
