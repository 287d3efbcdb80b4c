/**
 * From a character of a scalar's value to the place in its block where it is written. Needed wherever something inside a value
 * (an expression, a word of a script) is to be underlined or edited: quotes, escapes, folding, indentation and CRLF make the
 * two texts differ.
 */
import { BlockMemo } from './block-memo';
import type { ScalarNode, Span } from './nodes';

/**
 * Runs of characters that stand one to one in value and source: run `i` covers value offsets `values[i]` up to `values[i + 1]` and begins
 * at block offset `sources[i]`; what it covers in the source ends at `ends[i]` (further on than its length for an escape).
 */
interface Runs { readonly values: number[]; readonly sources: number[]; readonly ends: number[] }

const cache = new BlockMemo<ScalarNode, Runs>();
const aligned = new WeakSet<Runs>();

/**
 * Block-relative offset of the character at `valueOffset` of the scalar's value. An escape is where its first character is; a
 * folded line break is where the line ends. `value.length` gives the end of the last character.
 */
export function sourceOffset(scalar: ScalarNode, valueOffset: number): number {
  const direct = directStart(scalar);
  if (direct >= 0) return direct + clamp(valueOffset, scalar.value.length);
  const { values, sources, ends } = runsOf(scalar);
  if (values.length === 0) return contentStart(scalar);
  if (valueOffset >= scalar.value.length) return ends.at(-1)!;
  const i = runAt(values, Math.max(0, valueOffset));
  return sources[i]! + Math.max(0, valueOffset) - values[i]!;
}

/** The span that the value's range `[start, end)` is written in; empty where the range is. */
export function valueRangeSpan(scalar: ScalarNode, start: number, end: number): Span {
  const from = sourceOffset(scalar, start);
  if (end <= start) return { block: scalar.block, start: from, end: from };
  const direct = directStart(scalar);
  if (direct >= 0) return { block: scalar.block, start: from, end: direct + clamp(end, scalar.value.length) };
  const { values, sources, ends } = runsOf(scalar);
  const last = Math.min(end, scalar.value.length) - 1;
  if (last < 0) return { block: scalar.block, start: from, end: from };
  const i = runAt(values, last);
  const to = last + 1 === (values[i + 1] ?? scalar.value.length) ? ends[i]! : sources[i]! + last + 1 - values[i]!;
  return { block: scalar.block, start: from, end: to };
}

/** True where every offset is known for certain. False for sources that could only be matched by their characters: don't edit inside them. */
export function mapsExactly(scalar: ScalarNode): boolean {
  return directStart(scalar) >= 0 || !aligned.has(runsOf(scalar));
}

function clamp(n: number, max: number): number { return Math.max(0, Math.min(n, max)); }

/** Where the value begins if it stands in the source as it is; -1 otherwise. Nothing makes a value longer than its source. */
function directStart(scalar: ScalarNode): number {
  const length = scalar.end - scalar.start;
  if (scalar.style === 'plain') return scalar.value.length === length ? scalar.start : -1;
  if (scalar.style === 'single' || scalar.style === 'double') return scalar.value.length === length - 2 ? scalar.start + 1 : -1;
  return -1;
}

function contentStart(scalar: ScalarNode): number {
  return scalar.style === 'single' || scalar.style === 'double' ? Math.min(scalar.start + 1, scalar.end) : scalar.start;
}

function runAt(values: readonly number[], offset: number): number {
  let lo = 0, hi = values.length - 1;
  while (lo < hi) {
    const mid = (lo + hi + 1) >> 1;
    if (values[mid]! <= offset) lo = mid; else hi = mid - 1;
  }
  return lo;
}

function runsOf(scalar: ScalarNode): Runs {
  return cache.get(scalar.block, scalar, readRuns);
}

function readRuns(scalar: ScalarNode): Runs {
  const built = scalar.style === 'literal' || scalar.style === 'folded' ? blockRuns(scalar) : flowRuns(scalar);
  const runs = built ?? align(scalar);
  if (!built) aligned.add(runs);
  return runs;
}

/** Collects runs, and holds what they spell against the value as they come. */
class Builder {
  readonly values: number[] = [];
  readonly sources: number[] = [];
  readonly ends: number[] = [];
  at = 0;
  sound = true;

  constructor(readonly value: string, readonly text: string) {}

  /** `text[start, end)` as it stands. */
  copy(start: number, end: number): void {
    if (end <= start) return;
    const rest = this.value.length - this.at, length = Math.min(end - start, rest);
    if (!this.value.startsWith(this.text.slice(start, start + length), this.at)) this.sound = false;
    if (length > 0) this.#run(start, start + length, length);
  }

  /** A piece of the value that is written differently, in `text[start, end)`. What goes beyond the value (chomped line ends) is left out. */
  write(piece: string, start: number, end: number): void {
    const kept = piece.slice(0, Math.max(0, this.value.length - this.at));
    if (!this.value.startsWith(kept, this.at)) this.sound = false;
    // Several characters for one escape or one break have one place.
    for (let i = 0; i < kept.length; i++) this.#run(start, end, 1);
  }

  #run(start: number, end: number, length: number): void {
    this.values.push(this.at);
    this.sources.push(start);
    this.ends.push(end);
    this.at += length;
  }

  get done(): boolean { return this.sound && this.at === this.value.length; }
}

const ESCAPES: Readonly<Record<string, string>> = {
  0: '\0', a: '\x07', b: '\b', e: '\x1b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', N: '\u0085', _: '\u00a0', L: '\u2028', P: '\u2029',
};
const HEX: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Plain, single and double quoted scalars with line breaks or escapes. */
function flowRuns(scalar: ScalarNode): Runs | undefined {
  const { block: { text }, style } = scalar;
  const out = new Builder(scalar.value, text);
  const end = style === 'plain' ? scalar.end : scalar.end - 1;
  let at = contentStart(scalar), from = at;
  while (at < end) {
    const c = text[at]!;
    if (c === '\n' || c === '\r') {
      let stop = at;
      while (stop > from && isBlank(text[stop - 1])) stop--;
      out.copy(from, stop);
      const { breaks, next } = skipBreaks(text, at, end);
      out.write(breaks === 1 ? ' ' : '\n'.repeat(breaks - 1), stop, stop === at ? Math.min(at + 1, next) : at);
      at = from = next;
    } else if (style === 'single' && c === '\'' && text[at + 1] === '\'') {
      out.copy(from, at);
      out.write('\'', at, at + 2);
      at = from = at + 2;
    } else if (style === 'double' && c === '\\') {
      out.copy(from, at);
      const next = text[at + 1] ?? '';
      if (next === '\n' || next === '\r') {
        // An escaped line break joins. Breaks behind it fold as if it were not there, as the library has it.
        at += next === '\r' && text[at + 2] === '\n' ? 3 : 2;
        while (at < end && isBlank(text[at])) at++;
        from = at;
        continue;
      }
      const digits = HEX[next], length = digits === undefined ? 2 : 2 + digits;
      const code = digits === undefined ? NaN : Number.parseInt(text.slice(at + 2, at + length), 16);
      const piece = digits === undefined ? ESCAPES[next] ?? next : code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
      out.write(piece, at, Math.min(at + length, end));
      at = from = at + length;
    } else at++;
  }
  out.copy(from, Math.min(at, end));
  return out.done ? out : undefined;
}

function isBlank(c: string | undefined): boolean { return c === ' ' || c === '\t'; }

/** From a line break over further blank lines and the next line's indentation. */
function skipBreaks(text: string, from: number, end: number): { breaks: number; next: number } {
  let breaks = 0, next = from;
  while (next < end) {
    if (text[next] === '\r' && text[next + 1] === '\n') next++;
    if (text[next] === '\n' || text[next] === '\r') breaks++;
    else if (!isBlank(text[next])) break;
    next++;
  }
  return { breaks, next: Math.min(next, end) };
}

interface Line { readonly start: number; readonly end: number; readonly breakEnd: number }

/** Literal and folded scalars. */
function blockRuns(scalar: ScalarNode): Runs | undefined {
  const { block: { text }, value } = scalar;
  const out = new Builder(value, text);
  const lines = blockLines(text, scalar.start, scalar.end);
  const firstLine = lines.findIndex(l => hasContent(text, l));
  if (firstLine < 0) {
    for (const l of lines) out.write('\n', l.end, l.breakEnd);
    return out.done ? out : undefined;
  }
  // Whatever set the indentation (the first line or a digit in the header), the value shows how much was taken off.
  const first = lines[firstLine]!;
  const valueFirst = value.search(/[^\n]/), kept = valueFirst < 0 ? 0 : leadingSpaces(value, valueFirst, value.length);
  const indent = leadingSpaces(text, first.start, first.end) - kept;
  const folded = scalar.style === 'folded';
  let gap: { text: string; start: number; end: number } = { text: '', start: first.start, end: first.start };
  let deeper = false;
  lines.forEach((line, i) => {
    if (i < firstLine) return out.write('\n', line.end, line.breakEnd);
    const start = Math.min(line.start + indent, line.end), empty = start >= line.end;
    const moreIndented = !empty && (text[start] === ' ' || text[start] === '\t');
    if (!folded || moreIndented) {
      if (folded) gap = { ...gap, text: gap.text === ' ' ? '\n' : gap.text === '\n' && !deeper ? '\n\n' : gap.text };
      out.write(gap.text, gap.start, gap.end);
      out.copy(start, line.end);
      gap = { text: '\n', start: line.end, end: line.breakEnd };
      deeper = folded;
    } else if (empty) {
      if (gap.text === '\n') {
        out.write('\n', gap.start, gap.end);
        gap = { text: '\n', start: line.end, end: line.breakEnd };
      } else gap = { ...gap, text: '\n' };
    } else {
      out.write(gap.text, gap.start, gap.end);
      out.copy(start, line.end);
      gap = { text: ' ', start: line.end, end: line.breakEnd };
      deeper = false;
    }
  });
  // Chomping decides how many of the last line ends belong to the value; each has the place of the last one at hand.
  const last = lines.at(-1)!;
  while (out.sound && out.at < value.length && /^\n+$/.test(value.slice(out.at))) out.write('\n', last.end, last.breakEnd);
  return out.done ? out : undefined;
}

/** The lines below the header, without their breaks. Blank lines behind the scalar's end come along: `|+` keeps them. */
function blockLines(text: string, start: number, end: number): Line[] {
  const lines: Line[] = [];
  let at = text.indexOf('\n', start) + 1;
  if (at === 0) return lines;
  while (at < text.length) {
    let stop = text.indexOf('\n', at);
    const breakEnd = stop < 0 ? text.length : stop + 1;
    if (stop < 0) stop = text.length;
    if (text[stop - 1] === '\r' && stop > at) stop--;
    const line = { start: at, end: stop, breakEnd };
    if (at >= end && hasContent(text, line)) break;
    lines.push(line);
    at = breakEnd;
  }
  return lines;
}

function hasContent(text: string, line: Line): boolean {
  for (let i = line.start; i < line.end; i++) if (text[i] !== ' ') return true;
  return false;
}

function leadingSpaces(text: string, start: number, end: number): number {
  let n = 0;
  while (start + n < end && text[start + n] === ' ') n++;
  return n;
}

/**
 * For a source that the reader took in a way that is not ours (half-typed text): pairs characters in order and skips what has no
 * partner. Never wrong about where a scalar is, and right about every character that stands as it is.
 */
function align(scalar: ScalarNode): Runs {
  const { value, block: { text } } = scalar;
  const runs: Runs = { values: [], sources: [], ends: [] };
  const start = contentStart(scalar);
  let at = start;
  for (let i = 0; i < value.length; i++) {
    const c = value[i]!;
    if (!/\s/.test(c)) {
      const found = text.indexOf(c, at);
      if (found >= 0 && found < scalar.end) at = found;
    }
    const place = Math.min(at, scalar.end);
    runs.values.push(i);
    runs.sources.push(place);
    runs.ends.push(Math.min(place + 1, scalar.end));
    if (at < scalar.end) at++;
  }
  if (runs.values.length === 0) {
    runs.values.push(0);
    runs.sources.push(start);
    runs.ends.push(start);
  }
  return runs;
}
