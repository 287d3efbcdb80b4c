import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Diagnostic } from 'vscode-languageserver';
import { lineStartsOf } from '../../rules';
import { toPosition, type Encoding } from '../../server/lsp/positions';
import { FULL, TestClient } from './client';

const START = `name: CI
on:
  pull_request:
  push: { branches: [main] }
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4 # ä 😀
      - run: |
          echo "\${{ github.event.pull_request.title }}"
  deploy:
    needs: build
    runs-on: ubuntu-24.04
    permissions: write-all
    steps:
      - uses: some/action@main
        with: { token: "\${{ secrets.TOKEN }}" }
`;
const PIECES = ['\n', '  ', ' ', ':', '- ', '#', '"', '${{ ', '}}', 'jobs:', '\n  more:\n    runs-on: x\n', '      - uses: actions/cache@v4\n', '\r\n', '\t', '[', '{', '&a ', '*a', '😀',
  '# ci-hardening: ignore[unpinned-action]', 'permissions: {}\n', ''];

describe('language server: typing', () => {
  for (const encoding of ['utf-16', 'utf-8'] as const) {
    it(`shows after any edits what it shows for the text they lead to (${encoding})`, async () => {
      const client = await TestClient.start({ folders: [], capabilities: { ...FULL, general: { positionEncodings: [encoding] } } });
      let run = 0;
      const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), remove: fc.nat(30), piece: fc.constantFrom(...PIECES) });
      await fc.assert(fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 12 }), async edits => {
        const typed = `file:///typed-${++run}/.github/workflows/ci.yml`, fresh = `file:///fresh-${run}/.github/workflows/ci.yml`;
        let text = START, version = 1;
        await client.open(typed, text);
        for (const e of edits) {
          const start = whole(text, Math.floor(e.at * text.length)), end = whole(text, Math.min(text.length, start + e.remove));
          await client.change(typed, ++version, { range: { start: place(text, start, encoding), end: place(text, end, encoding) }, text: e.piece });
          text = text.slice(0, start) + e.piece + text.slice(end);
          await client.diagnostics(typed);
        }
        await client.open(fresh, text);
        assert.deepEqual(shown(await client.diagnostics(typed)), shown(await client.diagnostics(fresh)));
        await client.close(typed);
        await client.close(fresh);
      }), { numRuns: 60 });
      await client.stop();
    });
  }
});

/** Not inside a surrogate pair nor a `\r\n`: no client can name such a place. */
function whole(text: string, offset: number): number {
  return /^[\uDC00-\uDFFF]/.test(text.slice(offset, offset + 1)) || (text[offset] === '\n' && text[offset - 1] === '\r') ? offset - 1 : offset;
}

function place(text: string, offset: number, encoding: Encoding) {
  return toPosition({ text, lineStarts: lineStartsOf(text) }, offset, encoding);
}

function shown(items: readonly Diagnostic[]): unknown {
  return JSON.parse(JSON.stringify(items).replace(/file:\/\/\/(?:typed|fresh)-\d+/g, 'file:///x'));
}
