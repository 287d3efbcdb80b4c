import assert from 'node:assert/strict';
import fc from 'fast-check';
import { dialectOf, parseScript, quotingAt, type ScriptAst } from '../../../../rules/workflow/scripts';

const pwsh = (text: string): ScriptAst => parseScript(text, 'pwsh');
const list = (text: string): string[] => pwsh(text).commands.filter(c => c.name !== undefined).map(c => c.words.map(w => w.literal ?? '?').join(' '));
const quoting = (text: string): string => quotingAt(pwsh(text), text.indexOf('~'));

describe('PowerShell scripts', () => {
  it('are lists of commands', () => {
    assert.deepEqual(list('npm ci\nGet-Item x | Remove-Item -Force; & "C:\\a b.exe" `\n  arg # no\n<# nor\nthis #> ls'),
      ['npm ci', 'Get-Item x', 'Remove-Item -Force', 'C:\\a b.exe arg', 'ls']);
    assert.deepEqual(list('if ($x -eq 1) { npm test } else { npm run b }\nforeach ($i in 1..3) { echo $i }'), ['npm test', 'npm run b', 'echo ?']);
    assert.deepEqual(list('$v = (git describe --tags)\n"$(git log)"'), ['git describe --tags', 'git log']);
    assert.deepEqual(list('make a && make b || exit 1'), ['make a', 'make b', 'exit 1']);
    assert.deepEqual(list('echo a > $env:GITHUB_ENV 2>&1'), ['echo a']);
  });

  it('know how text is quoted', () => {
    assert.equal(quoting('echo ~'), 'unquoted');
    assert.equal(quoting('echo "a ~"'), 'double');
    assert.equal(quoting('echo \'it\'\'s ~\''), 'single');
    assert.equal(quoting('$x = @"\n"~"\n"@'), 'heredoc');
    assert.equal(quoting('$x = @\'\n~\n\'@'), 'heredoc-quoted');
    assert.equal(quoting('# ~'), 'comment');
    assert.equal(quoting('"$(ls ~)"'), 'unquoted');
  });

  it('never throw and never lose their place', () => {
    const fragment = fc.constantFrom('a', ' ', '\n', '(', ')', '{', '}', '$(', '${', '${{ x }}', '@"\n', '\n"@', '@\'\n', '\n\'@', '"', '\'', '`', '$env:X', '|', '&&', '&', '#', '<#', '#>', ';', '>', '2>&1', '-eq', '@(');
    fc.assert(fc.property(fc.array(fragment, { maxLength: 40 }).map(f => f.join('')), text => {
      const ast = pwsh(text);
      for (const r of [...ast.commands, ...ast.commands.flatMap(c => c.words), ...ast.regions, ...ast.comments, ...ast.errors]) {
        assert.ok(r.start >= 0 && r.start <= r.end && r.end <= text.length);
      }
    }), { numRuns: 3000 });
  });
});

describe('dialectOf', () => {
  it('goes by the program\'s name', () => {
    assert.deepEqual(['bash', 'sh -e {0}', '/bin/bash -l {0}', 'pwsh', 'powershell.exe', 'cmd', 'python', 'alpine.sh --root {0}', 'C:\\x\\bash.exe {0}', ''].map(dialectOf),
      ['posix', 'posix', 'posix', 'powershell', 'powershell', 'opaque', 'opaque', 'opaque', 'posix', 'opaque']);
  });
});
