/** The judge is judged too: markers that are wrong must not pass for right. */
import assert from 'node:assert/strict';
import { readProse, wholeFile } from '../support/examples';
import { markers } from '../support/fixtures';

describe('fixture markers', () => {
  const read = (text: string) => {
    const { text: rest, wants } = markers(text, 'x.yml');
    return { rest, wants: wants.map(w => [w.ruleId, rest.slice(w.start, w.end), w.start, w.severity, w.messageId]) };
  };

  it('point at the last line above that is none', () => {
    assert.deepEqual(read('a: b\n#  ^ want one high\n#^ want two low other\n^ want three late\nc: d\n'), {
      rest: 'a: b\nc: d\n',
      wants: [['one', 'b', 3, 'high', undefined], ['two', ':', 1, 'low', 'other'], ['three', 'a', 0, undefined, 'late']],
    });
  });

  it('know empty ranges, ranges over several lines, and CRLF', () => {
    assert.deepEqual(read('a: b\r\n#   | want empty\r\nc:\r\n^^... want wide\r\n  d: e\r\n# ...^ end\r\n'), {
      rest: 'a: b\r\nc:\r\n  d: e\r\n',
      wants: [['empty', '', 4, undefined, undefined], ['wide', 'c:\r\n  d: e', 6, undefined, undefined]],
    });
  });

  it('that make no sense are errors', () => {
    for (const text of ['^ want a\nb\n', 'a\n#... want b\n...^ end\n', 'a:\n^^... want b\n', 'a\n#            ^ want b\n']) {
      assert.throws(() => markers(text, 'x.yml'), /x\.yml:\d/, text);
    }
  });

  it('leave everything else alone', () => {
    const text = '# we want this\na: ^ want\n# ^^^\n  b: |\n    c ^^ want d\n';
    assert.deepEqual(read(text), { rest: text, wants: [] });
  });
});

describe('documentation examples', () => {
  it('are taken from their sections, whole or in parts', () => {
    const prose = readProse('# a-rule\n\n## Incorrect\n\n```yaml\n- run: a\n```\n```yaml fragment\nx\n```\n```sh\ny\n```\n\n## Correct\n```yaml\non: push\njobs: {}\n```\n## More\n```yaml\nz: 1\n```\n');
    assert.deepEqual([prose.title, prose.headings], ['a-rule', ['Incorrect', 'Correct', 'More']]);
    assert.deepEqual(prose.examples.map(e => [e.section, e.line, e.text]), [
      ['Incorrect', 5, 'on: push\njobs:\n  example:\n    runs-on: ubuntu-latest\n    steps:\n      - run: a\n'], ['Correct', 16, 'on: push\njobs: {}\n']]);
  });

  it('become whole files', () => {
    assert.equal(wholeFile('steps:\n  - run: a\n').text, 'on: push\njobs:\n  example:\n    runs-on: ubuntu-latest\n    steps:\n      - run: a\n');
    assert.equal(wholeFile('build:\n  runs-on: x\n').text, 'on: push\njobs:\n  build:\n    runs-on: x\n');
    assert.match(wholeFile('permissions: {}\n').text, /^on: push\npermissions: \{\}\njobs:\n/);
    assert.equal(wholeFile('runs:\n  using: composite\n').path, 'action.yml');
    assert.equal(wholeFile('version: 2\nupdates: []\n').path, '.github/dependabot.yml');
    assert.equal(wholeFile('# path: sub/action.yml\nruns: {}\n').path, 'sub/action.yml');
  });
});
