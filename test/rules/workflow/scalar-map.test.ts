import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { walk, type ScalarNode } from '../../../rules/workflow/nodes';
import { parseSource } from '../../../rules/workflow/parse';
import { mapsExactly, sourceOffset, valueRangeSpan } from '../../../rules/workflow/scalar-map';
import type { SourceDocument } from '../../../rules/workflow/document';

function scalarsOf(document: SourceDocument): ScalarNode[] {
  const found: ScalarNode[] = [];
  const roots = document.workflow ? [...document.entries, ...document.workflow.jobs.map(j => j.entry)] : document.entries;
  for (const e of roots) for (const n of walk(e.value)) if (n.kind === 'scalar') found.push(n);
  return found;
}

/** Every character's place, held against the source. Escapes and breaks are looked at by their first character. */
function check(scalar: ScalarNode): void {
  const { value, block: { text } } = scalar;
  assert.ok(mapsExactly(scalar), `not exact: ${JSON.stringify(text.slice(scalar.start, scalar.end))} → ${JSON.stringify(value)}`);
  let before = -1;
  for (let i = 0; i < value.length; i++) {
    const at = sourceOffset(scalar, i), c = value[i]!, s = text[at];
    assert.ok(at >= before, 'offsets never go back');
    before = at;
    const span = valueRangeSpan(scalar, i, i + 1);
    assert.equal(span.start, at);
    if (c === ' ' || c === '\n') assert.ok(span.end >= at);
    else if (s === c && (c !== '\'' || scalar.style !== 'single') && (c !== '\\' || scalar.style !== 'double')) assert.equal(span.end, at + 1);
    else if (scalar.style === 'single' && c === '\'') assert.equal(text.slice(at, span.end), '\'\'');
    else if (scalar.style === 'double' && s === '\\') assert.match(text.slice(at, span.end), /^\\(x..|u....|U.{8}|[^xuU]\s*)$/s);
    else assert.ok(/[ \n]/.test(c) && (/[\s]/.test(s ?? '\n') || i === value.length - 1), `${JSON.stringify(c)} is not at ${JSON.stringify(s)}`);
  }
}

function parsed(text: string): ScalarNode {
  const scalars = scalarsOf(parseSource('.github/workflows/a.yml', text));
  return scalars.findLast(s => s.value !== '') ?? assert.fail(`no scalar in ${JSON.stringify(text)}`);
}

const line = fc.array(fc.constantFrom('a', 'b:c', '${{ x }}', ' ', '  ', '\t', '#', '\'', '"', 'é', '😀', '-', '\\', '{'), { maxLength: 6 }).map(p => p.join(''));
const lines = fc.array(line, { minLength: 1, maxLength: 6 });
const eol = fc.constantFrom('\n', '\r\n');

describe('scalar map', () => {
  it('is exact for block scalars', () => {
    fc.assert(fc.property(fc.constantFrom('|', '>'), fc.constantFrom('', '-', '+'), fc.constantFrom('', '2'), lines, eol, fc.boolean(), fc.constantFrom('', 'other: 1'),
      (style, chomp, digit, body, nl, final, more) => {
        const text = `on: push${nl}env:${nl}  X: ${style}${digit}${chomp}${nl}${body.map(l => `    ${l}`.trimEnd() && `    ${l}`).join(nl)}${final || more ? nl : ''}${more}`;
        const document = parseSource('.github/workflows/a.yml', text);
        if (document.problems.length) return;
        scalarsOf(document).forEach(check);
      }), { numRuns: 3000 });
  });

  it('is exact for plain, single and double quoted scalars, over several lines too', () => {
    fc.assert(fc.property(fc.constantFrom('', '\'', '"'), lines, eol, (quote, body, nl) => {
      const escaped = body.map(l => quote === '\'' ? l.replaceAll('\'', '\'\'') : quote === '"' ? l.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('é', '\\xe9')
        .replaceAll('😀', '\\U0001F600').replaceAll('\t', '\\t') : l);
      const text = `on: push${nl}env:${nl}  X: ${quote}${escaped.join(`${nl}     `)}${quote}${nl}`;
      const document = parseSource('.github/workflows/a.yml', text);
      if (document.problems.length) return;
      scalarsOf(document).forEach(check);
    }), { numRuns: 3000 });
  });

  it('knows where things are', () => {
    const source = (scalar: ScalarNode, part: string): string => {
      const i = scalar.value.indexOf(part), s = valueRangeSpan(scalar, i, i + part.length);
      return scalar.block.text.slice(s.start, s.end);
    };
    assert.equal(source(parsed('env:\n  X: |\n    echo one\n    echo ${{ a.b }} two\n'), '${{ a.b }}'), '${{ a.b }}');
    assert.equal(source(parsed('env:\n  X: >-\n    one\n    two\n\n    three\n'), 'one two'), 'one\n    two');
    assert.equal(source(parsed('env:\r\n  X: |\r\n    one\r\n    two\r\n'), 'one\ntwo'), 'one\r\n    two');
    check(parsed('env:\n  X: "a\\\n\n     b"\n'));
    assert.equal(source(parsed('env:\n  X: "a\\tb\\u00e9c"\n'), 'bé'), 'b\\u00e9');
    assert.equal(source(parsed('env:\n  X: \'it\'\'s it\'\n'), 't\'s'), 't\'\'s');
    assert.equal(source(parsed('env:\n  X: one\n    two\n'), 'e t'), 'e\n    t');
    assert.equal(source(parsed('env:\n  X: "one\\\n    two"\n'), 'et'), 'e\\\n    t');
  });

  it('stays inside the scalar for any offset', () => {
    for (const text of ['env:\n  X: "half \\', 'env:\n  X: \'half', 'env:\n  X: |\n', 'env:\n  X: ""\n', 'env:\n  X: |+\n\n\n']) {
      for (const scalar of scalarsOf(parseSource('.github/workflows/a.yml', text))) {
        for (const i of [-1, 0, 1, 99]) {
          const at = sourceOffset(scalar, i);
          assert.ok(at >= scalar.start && at <= scalar.block.text.length, `${JSON.stringify(text)}: ${at}`);
        }
        assert.equal(valueRangeSpan(scalar, 0, 0).start, valueRangeSpan(scalar, 0, 0).end);
      }
    }
  });

  const corpus = process.env.CI_HARDENING_CORPUS ?? resolve(__dirname, '../../../../shared/corpus');
  if (!existsSync(corpus)) it.skip('is exact for every scalar of the corpus (no corpus here: set CI_HARDENING_CORPUS)');
  else {
    it('is exact for every scalar of the corpus', function () {
      this.timeout(120_000);
      let count = 0;
      for (const name of readdirSync(corpus, { recursive: true, encoding: 'utf8' })) {
        if (!/\.ya?ml$/.test(name)) continue;
        const document = parseSource(/action\.ya?ml$/.test(name) ? 'action.yml' : '.github/workflows/a.yml', readFileSync(join(corpus, name), 'utf8'));
        if (document.problems.some(p => p.code !== 'duplicate-key')) continue;
        for (const s of scalarsOf(document)) { check(s); count++; }
      }
      assert.ok(count > 10_000);
    });
  }
});
