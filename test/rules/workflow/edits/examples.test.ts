import assert from 'node:assert/strict';
import { applyEdits, type SourceDocument, type TextEdit } from '../../../../rules/workflow/document';
import {
  addStepEnv, deleteEntry, deleteSpan, deleteTopLevelKey, hasOwnLineComment, insertCommentLine, insertJob, insertStep, insertUnder, literal, quoteIfNeeded, raw, renameKey,
  replaceScalar, setJobKey, setKey, setStepInput, setStepKey, setTopLevelKey, setTrailingComment,
} from '../../../../rules/workflow/edits';
import { asMapping, asScalar, getEntry } from '../../../../rules/workflow/nodes';
import { parseSource } from '../../../../rules/workflow/parse';

const parse = (text: string) => parseSource('.github/workflows/x.yml', text);
const lines = (...l: string[]) => l.join('\n') + '\n';

/** The text after an edit; `undefined` where the edit is refused. */
function edit(text: string, make: (doc: SourceDocument) => TextEdit[] | undefined): string | undefined {
  const doc = parse(text);
  const edits = make(doc);
  return edits && applyEdits(text, edits);
}

const job = (doc: SourceDocument, i = 0) => doc.workflow!.jobs[i]!;
const step = (doc: SourceDocument, i = 0) => job(doc).steps[i]!;

describe('edits by example', () => {
  it('puts top-level keys where convention has them, however the document is cut', () => {
    const text = lines('name: x # n', 'on: push', '', '# the jobs', 'jobs:', '  a:', '    runs-on: y', '    steps: [{run: z}]');
    const expected = lines('name: x # n', 'on: push', 'permissions: {}', '', '# the jobs', 'jobs:', '  a:', '    runs-on: y', '    steps: [{run: z}]');
    assert.equal(edit(text, d => setTopLevelKey(d, 'permissions', {})), expected);
    assert.equal(edit(text, d => setTopLevelKey(d, 'permissions', { contents: 'read' })),
      expected.replace('permissions: {}', '\npermissions:\n  contents: read'), 'blocks of several lines stand apart here');
    assert.equal(edit(text, d => setTopLevelKey(d, 'run-name', 'r')), text.replace('# n\n', '# n\nrun-name: r\n'));
    assert.equal(edit(text, d => setTopLevelKey(d, 'env', { A: '1' }, { after: ['nothing', 'name'] })), text.replace('# n\n', '# n\nenv:\n  A: \'1\'\n'));
    assert.equal(edit(text, d => setTopLevelKey(d, 'jobs', {})), undefined);
    assert.equal(edit('', d => setTopLevelKey(d, 'permissions', {})), undefined);
    assert.equal(edit('jobs:\n  a: {}\n', d => setTopLevelKey(d, 'on', 'push')), 'on: push\njobs:\n  a: {}\n');
  });

  it('follows the indentation and the line endings that it finds', () => {
    const text = 'on:\r\n    push:\r\njobs:\r\n    a:\r\n        runs-on: y\r\n        steps:\r\n        - run: z';
    assert.equal(edit(text, d => setJobKey(d, job(d), 'strategy', { matrix: { os: ['a', 'b'] } })),
      text.replace('y\r\n', 'y\r\n        strategy:\r\n            matrix:\r\n                os:\r\n                - a\r\n                - b\r\n'));
    assert.equal(edit(text, d => insertStep(d, job(d), 9, '- name: n\n  run: |\n    one\n      two\n  with:\n    - a: b\n')),
      text + '\r\n        - name: n\r\n          run: |\r\n              one\r\n                two\r\n          with:\r\n          - a: b');
    assert.equal(edit(text, d => insertJob(d, 'b', 'runs-on: y\nsteps:\n  - run: z')),
      text + '\r\n\r\n    b:\r\n        runs-on: y\r\n        steps:\r\n        - run: z');
  });

  it('leaves comments with their owners', () => {
    const text = lines('on: push', 'jobs:', '  a:', '    runs-on: y # r', '    # before steps', '    steps:', '      # first', '      - run: z # z', '        # deeper', '      # last', '  # before b', '  b:', '    runs-on: y');
    assert.equal(edit(text, d => setJobKey(d, job(d), 'timeout-minutes', 5)), text.replace('# r\n', '# r\n    timeout-minutes: 5\n'));
    assert.equal(edit(text, d => addStepEnv(d, step(d), 'A', 'b')), text.replace('        # deeper\n', '        env:\n          A: b\n        # deeper\n'));
    assert.equal(edit(text, d => insertStep(d, job(d), 0, 'uses: a/b@v1')), text.replace('      # first\n', '      - uses: a/b@v1\n      # first\n'));
    assert.equal(edit(text, d => insertJob(d, 'c', 'runs-on: y', { after: 'a' })), text.replace('      # last\n', '      # last\n  c:\n    runs-on: y\n'));
  });

  it('gives steps their inputs and variables where people look for them', () => {
    const text = (s: string) => lines('on: push', 'jobs:', '  a:', '    runs-on: y', '    steps:', ...s.split('\n').map(l => '      ' + l));
    assert.equal(edit(text('- uses: a/b@v1 # v1\n  id: c'), d => setStepInput(d, step(d), 'token', '')), text('- uses: a/b@v1 # v1\n  with:\n    token: \'\'\n  id: c'));
    assert.equal(edit(text('- uses: a/b@v1\n  with:\n    Token: x'), d => setStepInput(d, step(d), 'token', true)), text('- uses: a/b@v1\n  with:\n    Token: true'));
    assert.equal(edit(text('- {uses: a/b@v1, with: {}}'), d => setStepInput(d, step(d), 'a', '${{ b }}')), text('- {uses: a/b@v1, with: { a: \'${{ b }}\' }}'));
    assert.equal(edit(text('- name: n\n  run: x'), d => addStepEnv(d, step(d), 'A', '${{ b }}')), text('- name: n\n  env:\n    A: ${{ b }}\n  run: x'));
    assert.equal(edit(text('- run: x'), d => addStepEnv(d, step(d), 'A', 'b: c')), text('- run: x\n  env:\n    A: \'b: c\''));
    assert.equal(edit(text('- run: x\n  env: ${{ fromJSON(y) }}'), d => addStepEnv(d, step(d), 'A', 'b')), undefined);
    assert.equal(edit(text('- run: x'), d => setStepKey(d, step(d), 'name', 'Go', { before: 'run' })), text('- name: Go\n  run: x'));
    assert.equal(edit(text('- uses: a/b@v1'), d => setStepInput(d, step(d), 'script', literal('a\n b\n'))), text('- uses: a/b@v1\n  with:\n    script: |\n      a\n       b'));
  });

  it('refuses where it would break something', () => {
    const shared = lines('on: push', 'jobs:', '  a:', '    runs-on: y', '    steps:', '      - &s', '        run: z', '      - *s');
    assert.equal(edit(shared, d => setStepKey(d, step(d), 'shell', 'bash')), undefined);
    assert.notEqual(edit(shared, d => setJobKey(d, job(d), 'timeout-minutes', 5)), undefined);
    assert.equal(edit(shared.replace('*s', '*'), d => setKey(d, job(d).node!, 'steps', [])), undefined);
    const commented = lines('on: push', 'env: {', '  A: b, # why', '  C: d }', 'jobs:');
    assert.equal(edit(commented, d => insertUnder(d, getEntry(d.root, 'env') ?? d.entries[1]!, 'E', 'f')), undefined);
    const doubled = lines('on: push', 'env:', '  A: b', '  A: c', 'jobs:');
    assert.equal(edit(doubled, d => setKey(d, asMapping(d.entries[1]!.value)!, 'A', 'd')), undefined);
    const foreign = parse(shared);
    assert.equal(setJobKey(parse(shared + '\n# other\n' + shared), job(foreign), 'name', 'n'), undefined);
  });

  it('removes entries with their comment, and empty lines that meet', () => {
    const text = lines('on: push', '', '# why', 'env: # e', '  A: b # a', '', 'jobs:', '  a:', '    env:', '      A: b', '      C: d', '    runs-on: y');
    assert.equal(edit(text, d => deleteTopLevelKey(d, d.entries[1]!)), text.replace('env: # e\n  A: b # a\n', ''));
    assert.equal(edit(text, d => deleteEntry(d, asMapping(job(d).env!.entry.value)!.entries[0]!, asMapping(job(d).env!.entry.value)!)), text.replace('      A: b\n', ''));
    assert.equal(edit(text, d => deleteEntry(d, job(d).env!.entry, job(d).node!)), text.replace('    env:\n      A: b\n      C: d\n', ''));
    const plain = lines('on: push', '', 'env:', '  A: b', '', 'jobs:');
    assert.equal(edit(plain, d => deleteTopLevelKey(d, d.entries[1]!)), lines('on: push', '', 'jobs:'));
    const doc = parse(text);
    assert.equal(hasOwnLineComment(doc, doc.entries[1]!), false);
    assert.equal(edit(text, d => deleteSpan(d, d.comments[0]!)), text.replace('# why\n', ''));
  });

  it('keeps quotes and styles', () => {
    const text = lines('a: "x" # c', 'b: \'y\'', 'c: z', 'd: |- # h', '  one', '  two', 'e: 5');
    const scalar = (d: SourceDocument, k: string) => asScalar(d.entries.find(e => e.key.value === k)!.value)!;
    assert.equal(edit(text, d => replaceScalar(d, scalar(d, 'a'), 'say "q"')), text.replace('"x"', '"say \\"q\\""'));
    assert.equal(edit(text, d => replaceScalar(d, scalar(d, 'b'), 'it\'s')), text.replace('\'y\'', '\'it\'\'s\''));
    assert.equal(edit(text, d => replaceScalar(d, scalar(d, 'b'), 'plain', { keepStyle: false })), text.replace('\'y\'', 'plain'));
    assert.equal(edit(text, d => replaceScalar(d, scalar(d, 'c'), 'k: v')), text.replace(': z', ': \'k: v\''));
    assert.equal(edit(text, d => replaceScalar(d, scalar(d, 'd'), 'new\n\n  text\n')), text.replace('|- # h\n  one\n  two', '| # h\n  new\n\n    text'));
    assert.equal(edit(text, d => replaceScalar(d, scalar(d, 'e'), '6')), text.replace('e: 5', 'e: 6'));
    assert.equal(edit(text, d => renameKey(d, d.entries[0]!, 'on')), text.replace('a:', 'on:'));
  });

  it('writes comments behind values and above lines, never into text', () => {
    const text = lines('on: push', 'jobs:', '  a:', '    runs-on: y', '    steps:', '      - uses: a/b@v1   # old', '      - run: |', '          one', '          two', '      - {uses: c/d@v1}');
    assert.equal(edit(text, d => setTrailingComment(d, step(d).uses!.scalar, 'v1.2.3')), text.replace('# old', '# v1.2.3'));
    assert.equal(edit(text, d => setTrailingComment(d, step(d, 1).run!.scalar, 'why\nnot')), text.replace('run: |', 'run: | # why not'));
    assert.equal(edit(text, d => setTrailingComment(d, step(d, 2).uses!.scalar, 'v1')), undefined);
    assert.equal(edit(text, d => insertCommentLine(d, d.text.indexOf('two'), 'look')), text.replace('      - run', '      # look\n      - run'));
    assert.equal(edit(text, d => insertCommentLine(d, 0, 'top')), '# top\n' + text);
  });

  it('prints raw YAML at the place\'s own layout, and quotes what others would read differently', () => {
    const text = lines('jobs:', '   a:', '      runs-on: y');
    assert.equal(edit(text, d => setJobKey(d, job(d), 'permissions', raw('contents: read # checkout\n# none\nissues: none'))),
      lines('jobs:', '   a:', '      runs-on: y', '      permissions:', '         contents: read # checkout', '         # none', '         issues: none'));
    for (const plain of ['read', '${{ a || b }}', 'v1.2.3', 'a-b', 'ubuntu-latest', '/path:x', 'x#y']) assert.equal(quoteIfNeeded(plain), plain);
    for (const [value, quoted] of [['', '\'\''], ['yes', '\'yes\''], ['1.10', '\'1.10\''], ['a: b', '\'a: b\''], ['it\'s: x', '"it\'s: x"'], ['a\nb', '"a\\nb"'], ['*', '\'*\'']] as const) {
      assert.equal(quoteIfNeeded(value), quoted);
    }
    assert.equal(quoteIfNeeded('a, b', { flow: true }), '\'a, b\'');
  });
});
