import type { Expression } from '../../workflow/expressions';
import { jsPlaces } from '../../workflow/scripts';
import type { Replacer, ScriptEdit } from './hoist';

/** Replaces expressions in the JavaScript of actions/github-script. Refuses in comments, regular expressions and property names. */
export function javascriptReplacer(text: string): Replacer {
  return (expression, name) => {
    const place = jsPlaces(text, [expression.start])[0];
    if (!place || !place.closed || inEvaluatedCode(text, expression.start)) return undefined;
    const { start, end } = expression;
    switch (place.quoting) {
      case 'template': return escaped(text, start) ? undefined : { start, end, newText: `\${process.env.${name}}` };
      case 'code': return bare(text, expression, name);
      case 'single': case 'double': return inString(text, expression, name, place.start, place.end);
      default: return undefined;
    }
  };
}

/** A `$` behind a backslash is not the beginning of a hole. */
function escaped(text: string, at: number): boolean {
  let n = 0;
  while (text[at - 1 - n] === '\\') n++;
  return n % 2 === 1;
}

function bare(text: string, { start, end, root }: Expression, name: string): ScriptEdit | undefined {
  // Anything glued to it makes a name or a number of it.
  if (/[\w$.]/.test(text[start - 1] ?? '') || /[\w$]/.test(text[end] ?? '')) return undefined;
  const json = root.kind === 'call' && root.name.toLowerCase() === 'tojson';
  return { start, end, newText: json ? `JSON.parse(process.env.${name})` : `process.env.${name}` };
}

/** `'a ${{ x }} b'` → `('a ' + process.env.X + ' b')`. */
function inString(text: string, { start, end }: Expression, name: string, from: number, to: number): ScriptEdit | undefined {
  const quote = text[from - 1]!;
  const before = text.slice(0, from - 1).trimEnd().at(-1) ?? '', after = text.slice(to + 1).trimStart()[0] ?? '';
  // A property's name, a module's name, a directive, or the text of a tag can't be computed.
  if ((after === ':' && (before === '{' || before === ',')) || /\b(?:import|from|export)\s*$/.test(text.slice(Math.max(0, from - 20), from - 1))) return undefined;
  if (/[\w$]/.test(text[from - 2] ?? '')) return undefined;
  const left = text.slice(from, start), right = text.slice(end, to);
  if (left === '' && right === '') return { start: from - 1, end: to + 1, newText: `process.env.${name}` };
  const parts = [left && `${quote}${left}${quote}`, `process.env.${name}`, right && `${quote}${right}${quote}`].filter(p => p !== '');
  return { start: from - 1, end: to + 1, newText: `(${parts.join(' + ')})` };
}

/** `eval`, `new Function` and shells read what they are given as code. */
function inEvaluatedCode(text: string, at: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  return /\b(?:eval|Function|exec|execSync|getExecOutput|spawn\w*|setTimeout)\s*\(/.test(line);
}
