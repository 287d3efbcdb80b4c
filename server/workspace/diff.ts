import type { TextEdit } from '../../rules/workflow/document';

/** Lines `[aStart, aEnd)` of the old text became lines `[bStart, bEnd)` of the new one. 0-based. */
export interface LineChange { readonly aStart: number; readonly aEnd: number; readonly bStart: number; readonly bEnd: number }

/** Differing lines beyond which two texts count as one single change: the search is quadratic in it. */
const MAX_DISTANCE = 2000;

/** Splits a text into lines that keep their endings, so that the pieces joined are the text. */
export function splitLines(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

/** The lines that differ, in order (Myers' greedy algorithm). */
export function diffLines(a: readonly string[], b: readonly string[]): LineChange[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let aEnd = a.length, bEnd = b.length;
  while (aEnd > start && bEnd > start && a[aEnd - 1] === b[bEnd - 1]) { aEnd--; bEnd--; }
  if (start === aEnd && start === bEnd) return [];
  const whole: LineChange = { aStart: start, aEnd, bStart: start, bEnd };
  if (start === aEnd || start === bEnd) return [whole];
  const kept = commonLines(a.slice(start, aEnd), b.slice(start, bEnd));
  if (!kept) return [whole];
  const changes: LineChange[] = [];
  let ai = 0, bi = 0;
  for (const [ak, bk] of [...kept, [aEnd - start, bEnd - start] as const]) {
    if (ak > ai || bk > bi) changes.push({ aStart: start + ai, aEnd: start + ak, bStart: start + bi, bEnd: start + bk });
    ai = ak + 1;
    bi = bk + 1;
  }
  return changes;
}

/** Index pairs of a longest common subsequence, or undefined where the texts are too far apart to search. */
function commonLines(a: readonly string[], b: readonly string[]): (readonly [number, number])[] | undefined {
  const max = Math.min(a.length + b.length, MAX_DISTANCE);
  const offset = max + 1;
  const frontier = new Int32Array(2 * max + 3);
  const trail: Int32Array[] = [];
  for (let d = 0; d <= max; d++) {
    trail.push(frontier.slice());
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && frontier[offset + k - 1]! < frontier[offset + k + 1]!);
      let x = down ? frontier[offset + k + 1]! : frontier[offset + k - 1]! + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) { x++; y++; }
      frontier[offset + k] = x;
      if (x >= a.length && y >= b.length) return walkBack(trail, d, a.length, b.length, offset);
    }
  }
  return undefined;
}

function walkBack(trail: readonly Int32Array[], distance: number, x: number, y: number, offset: number): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  for (let d = distance; d >= 0; d--) {
    const frontier = trail[d]!;
    const k = x - y;
    const down = k === -d || (k !== d && frontier[offset + k - 1]! < frontier[offset + k + 1]!);
    const fromK = down ? k + 1 : k - 1;
    const fromX = d === 0 ? 0 : frontier[offset + fromK]!;
    const fromY = d === 0 ? 0 : fromX - fromK;
    while (x > fromX && y > fromY && x > 0 && y > 0 && (d === 0 || x > (down ? fromX : fromX + 1))) pairs.push([--x, --y]);
    x = fromX;
    y = fromY;
  }
  return pairs.reverse();
}

/** The smallest line-wise edits that turn one text into another. */
export function editsBetween(before: string, after: string): TextEdit[] {
  const a = splitLines(before), b = splitLines(after);
  const at = [0];
  for (const line of a) at.push(at[at.length - 1]! + line.length);
  return diffLines(a, b).map(c => ({ start: at[c.aStart]!, end: at[c.aEnd]!, newText: b.slice(c.bStart, c.bEnd).join('') }));
}

/**
 * A unified diff with three lines of context, as `git apply` and `patch` read it; empty where nothing differs.
 * @param before undefined for a file that does not exist yet.
 */
export function unifiedDiff(path: string, before: string | undefined, after: string): string {
  const a = splitLines(before ?? ''), b = splitLines(after);
  const changes = diffLines(a, b);
  if (changes.length === 0) return '';
  const out = [`--- ${before === undefined ? '/dev/null' : `a/${path}`}\n`, `+++ b/${path}\n`];
  for (let i = 0; i < changes.length;) {
    let j = i;
    while (j + 1 < changes.length && changes[j + 1]!.aStart - changes[j]!.aEnd <= 6) j++;
    const first = changes[i]!, last = changes[j]!;
    const from = Math.max(0, first.aStart - 3), to = Math.min(a.length, last.aEnd + 3);
    const bFrom = first.bStart - (first.aStart - from), bTo = last.bEnd + (to - last.aEnd);
    out.push(`@@ -${hunk(from, to)} +${hunk(bFrom, bTo)} @@\n`);
    let at = from;
    for (const c of changes.slice(i, j + 1)) {
      for (; at < c.aStart; at++) out.push(line(' ', a[at]!));
      for (; at < c.aEnd; at++) out.push(line('-', a[at]!));
      for (let n = c.bStart; n < c.bEnd; n++) out.push(line('+', b[n]!));
    }
    for (; at < to; at++) out.push(line(' ', a[at]!));
    i = j + 1;
  }
  return out.join('');
}

function hunk(from: number, to: number): string {
  const count = to - from;
  return `${count === 0 ? from : from + 1}${count === 1 ? '' : `,${count}`}`;
}

function line(sign: string, text: string): string {
  return text.endsWith('\n') ? sign + text : `${sign}${text}\n\\ No newline at end of file\n`;
}
