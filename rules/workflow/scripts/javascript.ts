import { closeOf } from '../expressions/find';

export type JsQuoting = 'code' | 'single' | 'double' | 'template' | 'comment' | 'regex';

/** How JavaScript reads the text at an offset; `start` and `end` are what is inside the quotes. */
export interface JsPlace { readonly quoting: JsQuoting; readonly start: number; readonly end: number; readonly closed: boolean }

const WORD_BEFORE_REGEX = /\b(?:return|typeof|case|in|of|do|else|void|delete|throw|new|await|yield)$/;

/**
 * Where each of the given offsets (ascending) stands in a script. GitHub's `${{ … }}` are stepped over as they are: replaced before
 * JavaScript sees the text. Regular expressions are told from divisions by what stands before them.
 */
export function jsPlaces(text: string, offsets: readonly number[]): JsPlace[] {
  const found: JsPlace[] = [];
  let next = 0, at = 0, codeStart = 0;
  /** Braces open in each template's `${…}`, outermost first. */
  const templates: number[] = [];
  let lastCode = '';

  const mark = (quoting: JsQuoting, start: number, end: number, closed: boolean): void => {
    while (next < offsets.length && offsets[next]! < end) {
      found.push({ quoting: offsets[next]! >= start ? quoting : 'code', start: offsets[next]! >= start ? start : codeStart, end, closed });
      next++;
    }
  };
  /** From `from` to the closing character; expressions and escapes are stepped over. */
  const until = (from: number, close: string, lineBound: boolean): { end: number; closed: boolean; hole?: boolean } => {
    let i = from, inClass = false;
    while (i < text.length) {
      const c = text[i]!;
      if (text.startsWith('${{', i)) { i = pastExpression(i); continue; }
      if (c === '\\') { i += 2; continue; }
      if (lineBound && c === '\n') return { end: i, closed: false };
      if (close === '/' && c === '[') inClass = true;
      else if (close === '/' && c === ']') inClass = false;
      else if (c === close && !inClass) return { end: i, closed: true };
      if (close === '`' && c === '$' && text[i + 1] === '{') return { end: i, closed: true, hole: true };
      i++;
    }
    return { end: Math.min(i, text.length), closed: false };
  };
  const pastExpression = (i: number): number => {
    const close = closeOf(text, i + 3);
    return close < 0 ? text.length : close + 2;
  };
  const template = (from: number): void => {
    const { end, closed, hole } = until(from, '`', false);
    mark('template', from, end, closed);
    at = end + (hole ? 2 : closed ? 1 : 0);
    if (hole) templates.push(0);
    codeStart = at;
    lastCode = hole ? '{' : ')';
  };

  while (at < text.length) {
    const c = text[at]!, two = text.slice(at, at + 2);
    if (text.startsWith('${{', at)) {
      const end = pastExpression(at);
      mark('code', at, end, true);
      at = end;
      lastCode = ')';
    } else if (two === '//' || two === '/*') {
      const close = two === '//' ? text.indexOf('\n', at) : text.indexOf('*/', at + 2);
      const end = close < 0 ? text.length : close;
      mark('comment', at, end, close >= 0 || two === '//');
      at = end + (two === '/*' && close >= 0 ? 2 : 0);
      codeStart = at;
    } else if (c === '\'' || c === '"') {
      const { end, closed } = until(at + 1, c, true);
      mark(c === '"' ? 'double' : 'single', at + 1, end, closed);
      at = end + 1;
      codeStart = at;
      lastCode = ')';
    } else if (c === '`') template(at + 1);
    else if (c === '/' && (lastCode === '' || '(,=:[!&|?{};+-*%~^<>'.includes(lastCode) || WORD_BEFORE_REGEX.test(text.slice(Math.max(0, at - 12), at).trimEnd()))) {
      const { end, closed } = until(at + 1, '/', true);
      mark('regex', at + 1, end, closed);
      at = end + 1;
      codeStart = at;
      lastCode = ')';
    } else {
      if (templates.length > 0 && c === '{') templates[templates.length - 1]!++;
      if (templates.length > 0 && c === '}') {
        if (templates.at(-1) === 0) {
          templates.pop();
          mark('code', at, at + 1, true);
          template(at + 1);
          continue;
        }
        templates[templates.length - 1]!--;
      }
      if (!/\s/.test(c)) lastCode = c;
      at++;
    }
  }
  mark('code', codeStart, text.length + 1, true);
  return found;
}
