import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseDocument } from 'yaml';
import { parseSource, walk } from '../../../../rules/workflow';
import type { Block, ScalarNode, SourceDocument } from '../../../../rules/workflow';
import { composeBlock } from '../../../../rules/workflow/parse/compose';
import { ParsedBlock } from '../../../../rules/workflow/parse/block';
import { readBlock } from '../../../../rules/workflow/parse/read';
import { corpusFiles, dump, plainDocument, type CorpusFile } from './helpers';

const RUNS = Number(process.env.CI_HARDENING_RUNS ?? 250);

/** Files written for these tests, so that they say something without the corpus as well. */
const OWN: CorpusFile[] = [
  ['.github/workflows/a.yml', `# head
name: CI   # trailing
on:
  push: {branches: [main, 'rel/**']}
  pull_request:
permissions: {}
env:
  A: "x # no comment"
  B: 'it''s'
jobs:
  # the first
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4 # v4.2.2
      - name: Build
        run: |
          # not a comment
          make all

          make test
      - run: >-
          one
          two

  # the second
  test:
    needs: [build]
    runs-on: \${{ matrix.os }}
    strategy:
      matrix:
        os: [ubuntu-latest, windows-latest]
    steps:
    - run: echo "\${{ github.actor }}"
      if: "a: b"
`],
  ['.github/workflows/b.yml', `---
"on": [push]
x: &a {k: v}
jobs:
    one:
        runs-on: ubuntu-latest
        steps: &steps
        -   run: |-
                a
                  b
        - run: plain
            goes on
    two:
        runs-on: ubuntu-latest
        steps: *steps
`],
  ['action.yml', `name: A
inputs:
  who:
    required: true
runs:
  using: composite
  steps:
    - run: echo hi
      shell: bash
`],
].map(([path, text]) => ({ name: path!, path: path!, text: text! }));

const corpus = corpusFiles();
const FILES = [...OWN, ...corpus.filter(f => f.text.length < 20_000)];

const SNIPPETS = [
  '#', ' # c', '"', '\'', '|', '>', ': |\n', '\t', '\n', '\r\n', '\n\n', '${{', '}}', ':', ': ', '- ', '-', ' ', '  ', '    ', '[', ']', '{', '}', ',',
  '&a ', '*a', '!!int ', '? ', '---\n', '...\n', '%YAML 1.2\n', '\\', '\u0000', '\u0002', '\u0018', '\u001f', '\ufeff', 'é', '@', '`', 'jobs:\n', '  job:\n', 'foo: bar\n',
  '\n  foo\n', '\nfoo\n', '\n\tfoo: x\n', '<<: *a', '|2\n', '|+\n', '>-\n', '\r', '~', 'null', 'a: b: c', '\n# c\n', '    uses', '  - x\n',
];

interface Edit { readonly at: number; readonly length: number; readonly text: string }

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 120 })),
  text: fc.oneof(fc.constantFrom(...SNIPPETS), fc.constant(''), fc.array(fc.constantFrom(...SNIPPETS), { maxLength: 4 }).map(a => a.join(''))),
});

const edited = fc.record({ file: fc.constantFrom(...FILES), edits: fc.array(edit, { minLength: 1, maxLength: 5 }) });

/** Applies one edit; half of all places are drawn to line starts and ends, where structure is. */
function change(text: string, e: Edit): string {
  let at = Math.floor(e.at * text.length);
  if (e.length % 2 === 0) { const nl = text.indexOf('\n', at); if (nl >= 0) at = e.text.startsWith(' ') ? nl : nl + 1; }
  return text.slice(0, at) + e.text + text.slice(at + e.length);
}

/** Errors that the library reports, once it has also looked for what aliases point to. */
function libraryFails(text: string): { failed: boolean; value?: unknown } {
  const doc = parseDocument(text, { uniqueKeys: false, logLevel: 'silent' });
  if (doc.errors.length) return { failed: true };
  try { return { failed: false, value: doc.toJS({ maxAliasCount: -1 }) as unknown }; } catch { return { failed: true }; }
}

function checkAgainstLibrary(doc: SourceDocument, text: string): void {
  if (doc.problems.some(p => p.code !== 'duplicate-key')) return;
  const library = libraryFails(text);
  assert.equal(library.failed, false, 'no problem reported, but the library has errors');
  if (/(?:^|[\s,[{])!/.test(text)) return; // tags ask for types that the tree doesn't convert to
  assert.deepEqual(plainDocument(doc) ?? null, library.value ?? (doc.entries.length ? {} : plainDocument(doc) ?? null));
}

/** Offsets inside their block, children inside their parents, colons and dashes where they are said to be. */
function checkPlaces(doc: SourceDocument): void {
  assert.equal(doc.blocks.map(b => b.block.text).join(''), doc.text);
  let at = 0;
  for (const { block, start } of doc.blocks) { assert.equal(start, at); at += block.text.length; }
  const entries = doc.root ? doc.entries : [...doc.entries, ...(doc.workflow?.jobs ?? []).map(j => j.entry)];
  for (const top of entries) {
    for (const node of [top.key, ...walk(top.value)]) {
      assert.ok(node.start >= 0 && node.start <= node.end && node.end <= node.block.text.length, JSON.stringify(doc.source(node)));
      if (node.kind === 'mapping') {
        for (const e of node.entries) {
          assert.ok(e.colon < 0 || e.block.text[e.colon] === ':');
          assert.ok(e.start >= node.start && e.end <= node.end && e.end >= e.key.end, 'an entry leaves its mapping');
        }
      }
      if (node.kind === 'sequence') for (const i of node.items) assert.ok(i.end <= node.end && i.start >= node.start, 'an item leaves its list');
    }
  }
  for (const c of doc.comments) assert.equal(c.block.text[c.start], '#');
}

function checkScalar(scalar: ScalarNode): void {
  if (scalar.tag || scalar.anchor || scalar.start === scalar.end) return;
  const lineStart = scalar.block.text.lastIndexOf('\n', scalar.start - 1) + 1;
  const lead = scalar.block.text.slice(lineStart, scalar.start);
  // On a line of its own a scalar may go on in its own column.
  const column = lead.trim() === '' ? Math.max(0, lead.length - 1) : lead.search(/[^ -]|$/);
  const source = scalar.block.text.slice(scalar.start, scalar.end);
  const keeps = /^[|>][0-9]*\+/.test(source);
  const again = parseDocument(`${' '.repeat(column)}? ${source}\n`, { logLevel: 'silent' });
  const key = (again.contents as { items?: { key: { source?: string } }[] } | null)?.items?.[0]?.key;
  const value = key?.source ?? '';
  if (keeps) assert.equal(value.trimEnd(), scalar.value.trimEnd());
  else assert.equal(value, scalar.value);
}

describe('parse: properties', function () {
  this.timeout(120_000);

  it('gives the library’s data for every real file, without problems where it has none', () => {
    for (const file of [...OWN, ...corpus]) {
      const doc = parseSource(file.path, file.text);
      checkPlaces(doc);
      if (libraryFails(file.text).failed) continue;
      assert.deepEqual(doc.problems.filter(p => p.code !== 'duplicate-key'), [], file.name);
      checkAgainstLibrary(doc, file.text);
    }
  });

  it('reads a scalar’s source span to its value', () => {
    for (const file of [...OWN, ...corpus.filter((_, i) => i % 9 === 0)]) {
      const doc = parseSource(file.path, file.text);
      for (const e of [...doc.entries, ...(doc.workflow?.jobs ?? []).map(j => j.entry)]) {
        for (const node of [e.key, ...walk(e.value)]) if (node.kind === 'scalar') checkScalar(node);
      }
    }
  });

  it('is the same with and without the previous version, after any edits, and reuses blocks', () => {
    fc.assert(fc.property(edited, ({ file, edits }) => {
      let text = file.text;
      let doc = parseSource(file.path, text);
      for (const e of edits) {
        text = change(text, e);
        const before = new Map<string, Block>(doc.blocks.map(b => [`${b.block.kind} ${b.block.text}`, b.block]));
        doc = parseSource(file.path, text, doc);
        assert.deepEqual(dump(doc), dump(parseSource(file.path, text)));
        assert.equal(new Set(doc.blocks.map(b => b.block)).size, doc.blocks.length, 'a block is used twice');
        const kept = new Set<Block>(doc.blocks.map(b => b.block));
        for (const b of doc.blocks) {
          const old = before.get(`${b.block.kind} ${b.block.text}`);
          if (old) assert.ok(kept.has(old), 'an unchanged block was parsed again');
        }
      }
    }), { numRuns: RUNS });
  });

  it('reports a problem wherever the library does, and has its data otherwise', () => {
    fc.assert(fc.property(edited, ({ file, edits }) => {
      let text = file.text;
      for (const e of edits) text = change(text, e);
      const doc = parseSource(file.path, text);
      checkPlaces(doc);
      checkAgainstLibrary(doc, text);
    }), { numRuns: RUNS * 2 });
  });

  it('reads a block directly exactly as with the library', () => {
    fc.assert(fc.property(edited, ({ file, edits }) => {
      let text = file.text;
      for (const e of edits.slice(0, 2)) text = change(text, e);
      const direct = new ParsedBlock('whole', text);
      if (!readBlock(direct)) { assert.equal(direct.root, null); return; }
      const library = new ParsedBlock('whole', text);
      composeBlock(library);
      assert.deepEqual(strip(direct), strip(library));
    }), { numRuns: RUNS });
  });

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.array(fc.constantFrom(...SNIPPETS), { maxLength: 30 }), (junk, parts) => {
      const doc = parseSource('.github/workflows/x.yml', parts.join('') + junk);
      checkPlaces(doc);
      checkAgainstLibrary(doc, doc.text);
    }), { numRuns: RUNS * 2 });
  });
});

/** A block as plain data: nodes without the pointer back to their block. */
function strip(block: ParsedBlock): unknown {
  const clean = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(clean);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).filter(([k]) => k !== 'block').map(([k, v]) => [k, clean(v)]));
  };
  return clean({ root: block.root, comments: block.comments, problems: block.problems });
}
