import assert from 'node:assert/strict';
import { asMapping, getEntry, getValue, parseSource, type Entry, type ScalarNode, type SourceDocument, type YamlNode } from '../../../../rules/workflow';
import { parse, plainDocument } from './helpers';

/** The top-level entry of a one-block or many-block document. */
function top(doc: SourceDocument, key: string): Entry {
  const entry = doc.entries.find(e => e.key.value === key);
  assert.ok(entry, `no ${key}`);
  return entry;
}

function scalar(text: string): ScalarNode {
  const doc = parse(`a: ${text}`);
  assert.deepEqual(doc.problems, []);
  const value = top(doc, 'a').value;
  assert.equal(value?.kind, 'scalar');
  return value as ScalarNode;
}

describe('parse: scalars', () => {
  const values: [source: string, value: string, style: string, type: string][] = [
    ['plain', 'plain', 'plain', 'string'],
    ['two\n  lines # c', 'two lines', 'plain', 'string'],
    ['a#b: c'.replace(': c', ''), 'a#b', 'plain', 'string'],
    ["'it''s'", "it's", 'single', 'string'],
    ["'one\n\n  two'", 'one\ntwo', 'single', 'string'],
    ['"tab\\t\\u00e9 \\"q\\""', 'tab\té "q"', 'double', 'string'],
    ['"folded \\\n  line"', 'folded line', 'double', 'string'],
    ['|\n  # text\n   x\n\n  y\n\n', '# text\n x\n\ny\n', 'literal', 'string'],
    ['|-\n  x\n', 'x', 'literal', 'string'],
    ['|+\n  x\n\n', 'x\n\n', 'literal', 'string'],
    ['|2\n    x\n', '  x\n', 'literal', 'string'],
    ['>\n  a\n  b\n\n  c\n', 'a b\nc\n', 'folded', 'string'],
    ['| # why\n  x\n', 'x\n', 'literal', 'string'],
    ['|\r\n  x\r\n  y\r\n', 'x\ny\n', 'literal', 'string'],
    ['|\n', '', 'literal', 'string'],
    ['true', 'true', 'plain', 'boolean'], ['"true"', 'true', 'double', 'string'], ['yes', 'yes', 'plain', 'string'],
    ['0x1f', '0x1f', 'plain', 'number'], ['1.20', '1.20', 'plain', 'number'], ['-.inf', '-.inf', 'plain', 'number'],
    ['1e3', '1e3', 'plain', 'number'], ['1.2.3', '1.2.3', 'plain', 'string'], ['~', '~', 'plain', 'null'], ['Null', 'Null', 'plain', 'null'],
  ];
  for (const [source, value, style, type] of values) {
    it(JSON.stringify(source), () => {
      const found = scalar(source);
      assert.deepEqual([found.value, found.style, found.type], [value, style, type]);
    });
  }

  it('covers a block scalar from its header to the end of its last line with content', () => {
    const doc = parse('a: |-  # c\n  x  \n\n  # y\n\n\nb: >+\n\nc: 1\n');
    assert.equal(doc.source(top(doc, 'a').value!), '|-  # c\n  x  \n\n  # y');
    assert.equal(doc.source(top(doc, 'b').value!), '>+');
    assert.deepEqual(doc.comments.map(c => c.text), ['c']);
  });

  it('keeps anchors and tags, and an anchored nothing', () => {
    const doc = parse('a: &x !!str 12\nb: &y\nc: [*x, *y]\n');
    const a = top(doc, 'a').value as ScalarNode;
    assert.deepEqual([a.anchor, a.tag, a.value, a.type, doc.source(a)], ['x', 'tag:yaml.org,2002:str', '12', 'string', '12']);
    assert.equal((top(doc, 'b').value as ScalarNode).anchor, 'y');
    assert.equal(doc.problems.length, 0);
  });
});

describe('parse: places', () => {
  it('says where entries, colons, dashes and flow items are', () => {
    const doc = parse("on: [push, 'x y']\nlist:\n  -   a: 1 # c\n      b:\n  - \n  - {k: v}\n");
    const on = top(doc, 'on').value;
    assert.ok(on?.kind === 'sequence' && on.flow);
    assert.deepEqual(on.items.map(i => doc.source(i)), ['push', "'x y'"]);
    const entry = top(doc, 'list');
    assert.equal(doc.range(entry).end, doc.text.indexOf('}') + 1);
    assert.equal(entry.block.text[entry.colon], ':');
    const list = entry.value;
    assert.ok(list?.kind === 'sequence');
    assert.deepEqual(list.items.map(i => doc.source(i)), ['-   a: 1 # c\n      b:', '-', '- {k: v}']);
    const first = list.items[0]!.value;
    assert.equal(doc.source(first!), 'a: 1 # c\n      b:');
    assert.equal(getEntry(first, 'b')?.value, null);
    assert.equal(doc.source(getEntry(first, 'b')!), 'b:');
    assert.equal(list.items[1]!.value, null);
    assert.equal(doc.source(list.items[2]!.value!), '{k: v}');
  });

  it('has comments from the tokens only', () => {
    const doc = parse('# one\na: "# no" #two\nb: |\n  # no\nc: x#no\n  # three\n');
    assert.deepEqual(doc.comments.map(c => [c.text, c.ownLine, doc.range(c).start]), [
      ['one', true, 0], ['two', false, doc.text.indexOf('#two')], ['three', true, doc.text.indexOf('# three')],
    ]);
  });

  it('reads CRLF and a byte order mark', () => {
    const doc = parse('\ufeffname: x # c\r\non: push\r\n');
    assert.deepEqual(plainDocument(doc), { name: 'x', on: 'push' });
    assert.deepEqual(doc.comments.map(c => doc.source(c)), ['# c']);
    assert.equal(doc.range(top(doc, 'on')).start, doc.text.indexOf('on:'));
  });

  it('reads a document start, and only the first of several documents', () => {
    assert.deepEqual(plainDocument(parse('# c\n---\nname: x\non: push\n')), { name: 'x', on: 'push' });
    const several = parse('name: x\n---\nname: y\n');
    assert.deepEqual(plainDocument(several), { name: 'x' });
    assert.equal(several.problems[0]?.code, 'syntax');
  });
});

describe('parse: duplicates, anchors, limits', () => {
  it('keeps duplicate keys and reports each', () => {
    const doc = parse('name: a\njobs:\n  x:\n    env: {A: 1, A: 2}\n  x:\n    if: a\n    if: b\nname: b\n');
    assert.deepEqual(doc.problems.map(p => [p.code, doc.source(p), doc.range(p).start]), [
      ['duplicate-key', 'A', doc.text.lastIndexOf('A')], ['duplicate-key', 'x', doc.text.lastIndexOf('x:')],
      ['duplicate-key', 'if', doc.text.lastIndexOf('if')], ['duplicate-key', 'name', doc.text.lastIndexOf('name')],
    ]);
    assert.equal(doc.workflow?.name?.value?.kind === 'scalar' && doc.workflow.name.value.value, 'b');
    assert.deepEqual(doc.workflow?.jobs.map(j => j.id), ['x', 'x']);
  });

  it('points aliases at the anchor in front of them, also in another job', () => {
    const doc = parse('jobs:\n  a:\n    steps: &s\n      - run: x\n  b:\n    steps: *s\n');
    assert.deepEqual(doc.problems, []);
    assert.deepEqual(doc.blocks.map(b => b.block.kind), ['whole']);
    assert.deepEqual(doc.workflow?.jobs.map(j => j.steps.length), [1, 1]);
    assert.equal(doc.workflow!.jobs[0]!.steps[0]!.node, doc.workflow!.jobs[1]!.steps[0]!.node);
  });

  it('leaves merge keys alone', () => {
    const doc = parse('x: &x {a: 1}\ny:\n  <<: *x\n');
    assert.deepEqual(asMapping(top(doc, 'y').value)?.entries.map(e => e.key.value), ['<<']);
  });

  it('never points an alias at what contains it, or at nothing', () => {
    for (const text of ['a: &a\n  b: *a\n', 'a: &a [*a]\n', 'a: *b\nb: &b x\n']) {
      const doc = parse(text);
      const aliases: YamlNode[] = [];
      const collect = (n: YamlNode | null | undefined): void => {
        if (n?.kind === 'alias') aliases.push(n);
        if (n?.kind === 'mapping') n.entries.forEach(e => collect(e.value));
        if (n?.kind === 'sequence') n.items.forEach(i => collect(i.value));
      };
      doc.entries.forEach(e => collect(e.value));
      assert.deepEqual(aliases.map(a => a.kind === 'alias' && a.target), [undefined], text);
      assert.equal(doc.problems.length, 1);
    }
  });

  it('does not expand aliases that multiply', () => {
    let text = 'x: &s0\n- run: a\n';
    for (let i = 0; i < 40; i++) text += `k${i}: &s${i + 1}\n- parallel: *s${i}\n- parallel: *s${i}\n`;
    const doc = parse(`${text}jobs:\n  j:\n    steps: *s40\n`);
    assert.ok(doc.workflow!.jobs[0]!.steps.length <= 20_000);
  });

  const deep: [name: string, text: string][] = [
    ['lists in a line', 'a: ' + '['.repeat(5000)], ['closed lists', `a: ${'['.repeat(5000)}${']'.repeat(5000)}`], ['dashes', '- '.repeat(5000)],
    ['explicit keys', '? '.repeat(5000)], ['mappings', Array.from({ length: 1000 }, (_, i) => ' '.repeat(i) + 'a:').join('\n')],
    ['flow mappings', 'a: ' + '{a: '.repeat(5000)],
  ];
  for (const [name, text] of deep) {
    it(`refuses 1,000 and more nested ${name}`, () => {
      const doc = parse(text);
      assert.deepEqual(doc.problems.map(p => p.code), ['limit']);
      assert.deepEqual([doc.entries, doc.workflow], [[], undefined]);
    });
  }

  it('reads 150 nested lists', () => {
    const doc = parse(`a: ${'['.repeat(150)}${']'.repeat(150)}\n`);
    assert.deepEqual(doc.problems, []);
    assert.equal(getValue(doc.root ?? null, 'a') ?? top(doc, 'a').value?.kind, 'sequence');
  });

  it('refuses files over 5 MB and floods of errors', function () {
    this.timeout(60_000);
    assert.deepEqual(parse('a: b\n'.repeat(1_100_000)).problems.map(p => p.code), ['limit']);
    assert.deepEqual(parse('a: \'\n'.repeat(100_000)).problems.map(p => p.code), ['limit']);
  });

  it('takes any path for a workflow that is not one of ours, and the kind it is told', () => {
    assert.equal(parseSource('x.yml', 'on: push').kind, 'workflow');
    assert.equal(parseSource('x.yml', 'name: x', undefined, 'action').action?.kind, 'action');
  });
});
