import assert from 'node:assert/strict';
import { parseSource } from '../../../../rules/workflow';
import { parse, WORKFLOW } from './helpers';

const THREE = `name: x

# about triggers
on: push

jobs:

  # first
  # job
  a:
    runs-on: ubuntu-latest
    steps:
      - run: |
          x

          # text

  # apart

  b:
    runs-on: ubuntu-latest
    steps:
    - uses: o/r@v1
  # third
  c: {runs-on: ubuntu-latest}
`;

function texts(text: string): [string, string][] { return parse(text).blocks.map(b => [b.block.kind, b.block.text]); }
function kinds(text: string): string[] { return parse(text).blocks.map(b => b.block.kind); }
function ids(text: string): string[] { return parse(text).workflow?.jobs.map(j => j.id) ?? []; }

describe('parse: blocks', () => {
  it('cuts at top-level keys and jobs, comments going with the key they stand on', () => {
    const found = texts(THREE);
    assert.equal(found.map(([, t]) => t).join(''), THREE);
    assert.deepEqual(found.map(([k, t]) => [k, t.split('\n')[0]]), [
      ['top', 'name: x'], ['top', '# about triggers'], ['top', 'jobs:'], ['job', '  # first'], ['job', '  b:'], ['job', '  # third'],
    ]);
    assert.deepEqual(parse(THREE).problems, []);
  });

  it('has a jobs entry without value where the jobs are blocks', () => {
    const { workflow, entries, root } = parse(THREE);
    assert.equal(workflow?.jobsEntry?.value, null);
    assert.deepEqual([entries.map(e => e.key.value), root], [['name', 'on', 'jobs'], undefined]);
  });

  const whole: [name: string, text: string][] = [
    ['flow at the root', '{on: push, jobs: {}}\n'], ['explicit keys', '? on\n: push\n'], ['tabs as indentation', 'on:\n\tpush:\n'],
    ['several documents', 'on: push\n---\non: push\n'], ['directives', '%YAML 1.2\n---\non: push\n'],
    ['an indented root', '  on: push\n  jobs:\n    a: {}\n'], ['a document end', 'on: push\n...\n'],
    ['anchors used across blocks', 'x: &x {}\njobs:\n  a: *x\n'], ['an anchored key', '&k on: push\n'], ['two jobs keys', 'jobs:\n  a: {}\njobs:\n  b: {}\n'],
    ['a flow mapping on lines under jobs', 'jobs:\n  {a: {}}\n'], ['a list under jobs', 'jobs:\n  - a\n'],
  ];
  for (const [name, text] of whole) it(`stays whole with ${name}`, () => { assert.deepEqual(kinds(text), ['whole']); });

  it('keeps scalars, lists and flow collections over several lines in one block', () => {
    assert.deepEqual(kinds('on: [push,\n  pull_request\n]\nx: "a\n  jobs:\n  b"\ny: |\n jobs:\n   z:\nz:\n- jobs: 1\njobs: # c\n  a:\n    env: {\n      B: 1\n    }\n'),
      ['top', 'top', 'top', 'top', 'top', 'job']);
    assert.deepEqual(kinds('jobs: {a: {}}\nname: x\n'), ['top', 'top']);
    assert.deepEqual(ids('jobs: {a: {}, b: {}}\nname: x\n'), ['a', 'b']);
  });

  it('cuts actions at top-level keys only', () => {
    const doc = parseSource('action.yml', 'name: x\nruns:\n  using: composite\n  steps: []\njobs:\n  a: b\n');
    assert.deepEqual(doc.blocks.map(b => b.block.kind), ['top', 'top', 'top']);
  });

  it('takes over blocks, jobs and steps of the previous version, wherever they are now', () => {
    const before = parse(THREE);
    const after = parseSource(WORKFLOW, THREE.replace('name: x\n', 'name: longer\n\n\n').replace('o/r@v1', 'o/r@v2'), before);
    const [a, b, c] = before.workflow!.jobs, [a2, b2, c2] = after.workflow!.jobs;
    assert.equal(a, a2);
    assert.equal(a?.steps[0], a2?.steps[0]);
    assert.equal(c, c2);
    assert.notEqual(b, b2);
    assert.equal(after.source(a2!.entry.key), 'a');
    assert.equal(after.range(a2!.entry.key).start, after.text.indexOf('a:\n'));
    assert.ok(after.has(a2!.entry) && !after.has(b!.entry));
  });

  it('takes over blocks that changed places, each once', () => {
    const one = 'jobs:\n  a:\n    if: x\n  b:\n    if: y\n';
    const before = parse(one);
    const after = parseSource(WORKFLOW, 'jobs:\n  b:\n    if: y\n  a:\n    if: x\n  a:\n    if: x\n', before);
    assert.deepEqual(after.workflow!.jobs.map(j => before.workflow!.jobs.indexOf(j)), [1, 0, -1]);
    assert.equal(new Set(after.blocks.map(b => b.block)).size, 4);
  });

  it('takes nothing from a document of another kind', () => {
    const before = parse('name: x\n');
    const after = parseSource('action.yml', 'name: x\n', before);
    assert.notEqual(after.blocks[0]!.block, before.blocks[0]!.block);
  });
});

const FOUR = (slip: string) => `on: push\njobs:\n  a:\n    if: x\n  b:\n    steps:\n      - run: y\n${slip}  c:\n    if: x\n  d:\n    if: x\n`;

describe('parse: half-typed text', () => {
  const slips = [
    '        uses\n', '      - uses: "abc\n', '      - uses: \'abc\n', '\t- x\n', '   odd\n', ' odd\n', 'odd\n', '  odd\n', '      - run: a: b: c\n',
    '    env: {a: b\n', '    env: [a, b\n', '      - *x\n', '  - x\n', '?\n', '- \n', ' - z\n', '      - name: @x\n', '\'\n', '  }\n',
    '{\n', '  {\n', '&x\n', '%x\n', '\0\n', '  *x\n', '|\n', '   a: b\n', '  ]\n', '"\n', '\tfoo: bar\n',
  ];
  for (const slip of slips) {
    it(`${JSON.stringify(slip)} costs no job`, () => {
      const doc = parse(FOUR(slip));
      assert.ok(doc.problems.some(p => p.code === 'syntax'), 'not reported');
      const found = doc.workflow!.jobs.map(j => j.id);
      assert.deepEqual(found.filter(id => 'abcd'.includes(id)), ['a', 'b', 'c', 'd']);
      assert.deepEqual(doc.workflow!.jobs.filter(j => j.id === 'c' || j.id === 'd').map(j => doc.source(j.if!)), ['if: x', 'if: x']);
    });
  }

  it('reads half-typed values without a problem', () => {
    for (const text of ['      -\n', '        if: ${{ foo\n', '      - run: |\n', '        env:\n']) {
      assert.deepEqual(parse(FOUR(text)).problems, [], text);
      assert.deepEqual(ids(FOUR(text)), ['a', 'b', 'c', 'd']);
    }
  });

  it('reads a job or jobs whose colon is missing', () => {
    const job = parse('jobs:\n  # c\n  build\n    runs-on: u\n    steps:\n      - run: x\n  b: {}\n');
    assert.deepEqual(job.workflow?.jobs.map(j => [j.id, j.steps.length, j.entry.colon]), [['build', 1, -1], ['b', 0, 3]]);
    assert.deepEqual(job.problems.map(p => [p.code, job.source(p)]), [['syntax', 'build']]);
    assert.equal(job.comments.length, 1);
    assert.deepEqual(ids('on: push\njobs\n  a:\n    if: x\n  b: {}\n'), ['a', 'b']);
  });

  it('keeps every place right behind control characters', () => {
    const doc = parse('name: |    \u0018\n  foo\n# \u0002\non: push # c\njobs:\n  a:\n    name: x\u001fy\u0018 # d\n    if: x\n');
    assert.deepEqual(doc.comments.map(c => doc.source(c)), ['# \u0002', '# c', '# d']);
    assert.equal(doc.source(doc.workflow!.jobs[0]!.if!), 'if: x');
    assert.ok(doc.problems.length >= 2);
  });

  it('has a colon of -1 and no value for a key alone', () => {
    const doc = parse('jobs:\n  a:\n    steps:\n      - name: x\n        uses\n');
    const step = doc.workflow!.jobs[0]!.steps[0]!;
    assert.deepEqual([step.node.entries[1]!.colon, step.node.entries[1]!.value, doc.source(step.node.entries[1]!)], [-1, null, 'uses']);
    assert.equal(step.uses, undefined);
  });

  it('gives an empty model for nothing, comments, scalars and lists', () => {
    for (const text of ['', '\n', '# c\n', '---\n']) assert.deepEqual([parse(text).problems, parse(text).workflow], [[], undefined], text);
    for (const text of ['on', '- a\n', '"x"', '~', '[a]']) assert.deepEqual([parse(text).problems.length, parse(text).workflow?.jobs.length ?? 0], [1, 0], text);
  });
});
