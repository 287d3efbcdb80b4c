import assert from 'node:assert/strict';
import fc from 'fast-check';
import { lineStartsOf } from '../../rules/workflow/document';
import { DocumentStore } from '../../server/lsp/documents';
import { toOffset, toPosition, type Encoding } from '../../server/lsp/positions';

const piece = fc.constantFrom('a', 'bc', '\n', '\r\n', '\r', 'ä', '→', '😀', '  - uses: x', '');
const text = fc.array(piece, { maxLength: 20 }).map(p => p.join(''));

describe('documents', () => {
  for (const encoding of ['utf-16', 'utf-8'] as const) {
    it(`keeps text and line starts right through any change (${encoding})`, () => {
      fc.assert(fc.property(text, fc.array(fc.tuple(fc.nat(60), fc.nat(60), text), { maxLength: 5 }), (start, edits) => {
        const store = new DocumentStore(() => encoding);
        let doc = store.open('a:b', 1, start);
        edits.forEach(([x, y, newText], i) => {
          const from = boundary(doc.text, Math.min(x, y), encoding), to = boundary(doc.text, Math.max(x, y), encoding);
          const expected = doc.text.slice(0, from) + newText + doc.text.slice(to);
          const range = { start: toPosition(doc, from, encoding), end: toPosition(doc, to, encoding) };
          doc = store.change('a:b', i + 2, [{ range, text: newText }])!;
          assert.equal(doc.text, expected);
          assert.deepEqual([...doc.lineStarts], lineStartsOf(doc.text));
        });
      }), { numRuns: 1000 });
    });
  }

  it('counts UTF-8 in bytes and clamps what lies outside', () => {
    const doc = { text: 'ä😀x\ny', lineStarts: [0, 5] };
    assert.deepEqual(toPosition(doc, 3, 'utf-8'), { line: 0, character: 6 });
    assert.deepEqual(toPosition(doc, 3, 'utf-16'), { line: 0, character: 3 });
    assert.equal(toOffset(doc, { line: 0, character: 6 }, 'utf-8'), 3);
    assert.equal(toOffset(doc, { line: 0, character: 99 }, 'utf-8'), 4);
    assert.equal(toOffset(doc, { line: 9, character: 0 }, 'utf-16'), 6);
  });
});

/** An offset that a client could name: not inside a surrogate pair, nor between `\r` and `\n`. */
function boundary(text: string, at: number, encoding: Encoding): number {
  const offset = Math.min(at, text.length);
  return toOffset({ text, lineStarts: lineStartsOf(text) }, toPosition({ text, lineStarts: lineStartsOf(text) },
    /[\uDC00-\uDFFF]/.test(text[offset] ?? '') ? offset - 1 : offset, encoding), encoding);
}
