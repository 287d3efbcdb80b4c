import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { parseSource } from '../../../../rules/workflow/parse';
import { failureIgnored, parseScript, quotingAt, shellOf, type Command, type ScriptAst } from '../../../../rules/workflow/scripts';

const bash = (text: string): ScriptAst => parseScript(text, 'bash');
/** Commands as `name arg arg`, arguments that are known only at run time as `?`. */
const list = (text: string): string[] => bash(text).commands.filter(c => c.words.length > 0).map(c => c.words.map(w => w.literal ?? '?').join(' '));
const named = (text: string, name: string): Command => bash(text).commands.find(c => c.name === name) ?? assert.fail(`no command ${name}`);
/** How the first `@` of a script is quoted. */
const quoting = (text: string): string => quotingAt(bash(text), text.indexOf('@'));

describe('bash scripts', () => {
  it('are lists of commands', () => {
    assert.deepEqual(list('npm ci\nnpm test; npm run "lint all" # comment; no\n'), ['npm ci', 'npm test', 'npm run lint all']);
    assert.deepEqual(list('a && b || c | d |& e &\nf'), ['a', 'b', 'c', 'd', 'e', 'f']);
    assert.deepEqual(list('a \\\n  --flag \\\r\n  x\r\nb\r\n'), ['a --flag x', 'b']);
    assert.deepEqual(list('A=1 B="x y" cmd $A "$B" \'c\'d\\ e'), ['cmd ? ? cd e']);
    assert.deepEqual(list('! time -p make -j2'), ['make -j2']);
    assert.deepEqual(list('a#b c'), ['a#b c']);
  });

  it('hold commands in every kind of substitution', () => {
    assert.deepEqual(list('echo "$(git log "$(pwd)")" `date -u` <(sort f) ${X:-$(id)}'), ['echo ? ? ? ?', 'git log ?', 'pwd', 'date -u', 'sort f', 'id']);
    assert.deepEqual(list('x=$(( $(nproc) + 1 )); (( x > 2 )) && y'), ['nproc', 'y']);
    assert.deepEqual(list('arr=(a $(b c) "d")\ndeclare -a more=(e)'), ['b c', 'declare -a ?']);
    assert.deepEqual(list('((a) && (b)) || c'), ['a', 'b', 'c']);
    assert.deepEqual(list('echo $((cd x && ls) | wc)'), ['echo ?', 'cd x', 'ls', 'wc']);
  });

  it('know compound commands', () => {
    assert.deepEqual(list('if a; then b; elif c\nthen d; else e; fi > f; g'), ['a', 'b', 'c', 'd', 'e', 'g']);
    assert.deepEqual(list('while read -r l; do a "$l"; done < <(b)\nuntil c; do d; done'), ['read -r l', 'a ?', 'b', 'c', 'd']);
    assert.deepEqual(list('for x in 1 $(seq 2); do a; done; for ((i=0; i<3; i++)); do b; done; for y; do c; done'), ['seq 2', 'a', 'b', 'c']);
    assert.deepEqual(list('case "$x" in\n  a|b) one ;;\n  (c*) two ;&\n  *) three\nesac\nfour'), ['one', 'two', 'three', 'four']);
    assert.deepEqual(list('f() { a; }\nfunction g { b; }\nfunction h() (\n c\n)\nf'), ['a', 'b', 'c', 'f']);
    assert.deepEqual(list('[[ $a =~ ^(x|y)$ && -n "$b" ]] && c; { d; }; (e)'), ['[[ ? =~ ^(x|y)$ && -n ? ]]', 'c', 'd', 'e']);
    assert.deepEqual(list('echo if then } done'), ['echo if then } done']);
  });

  it('leave heredocs alone unless a shell reads them', () => {
    assert.deepEqual(list('cat <<EOF > f\nrm -rf $(pwd)\nEOF\nls'), ['cat', 'pwd', 'ls']);
    assert.deepEqual(list('cat <<-\'EOF\'\n\trm $(pwd)\n\tEOF\nls'), ['cat', 'ls']);
    assert.deepEqual(list('sudo bash -s <<\'EOF\'\nrm x\nEOF\nssh host <<E\nuptime\nE\n'), ['sudo bash -s', 'rm x', 'ssh host', 'uptime']);
    assert.deepEqual(list('cat <<A <<B; ls\na\nA\nb\nB\npwd'), ['cat', 'ls', 'pwd']);
    assert.deepEqual(list('x=$(cat <<EOF\n)(\nEOF\n)\nls'), ['cat', 'ls']);
    assert.equal(bash('cat <<EOF\nx').errors.length, 1);
  });

  it('keep redirections and assignments apart from words', () => {
    const command = named('A=1 B+=2 make x >out 2>&1 <in &>>all y', 'make');
    assert.deepEqual(command.words.map(w => w.literal), ['make', 'x', 'y']);
    assert.deepEqual(command.assignments.map(a => [a.name, a.append, a.value.literal]), [['A', false, '1'], ['B', true, '2']]);
    assert.deepEqual(command.redirections.map(r => [r.fd, r.operator, r.target?.literal]),
      [[undefined, '>', 'out'], ['2', '>&', '1'], [undefined, '<', 'in'], [undefined, '&>>', 'all']]);
  });

  it('take GitHub\'s expressions as opaque parts', () => {
    const command = named('echo ${{ format(\'a b "c" }}\', x) }} "v${{ y }}" \'${{ env[\'z\'] }}\' d', 'echo');
    assert.deepEqual(command.words.map(w => w.parts.map(p => p.kind).join('+')), ['text', 'expression', 'double', 'single', 'text']);
    assert.deepEqual(command.words.map(w => w.literal), ['echo', undefined, undefined, undefined, 'd']);
  });

  it('know how text is quoted', () => {
    const cases: Record<string, string> = {
      'echo @': 'unquoted', 'echo "a @"': 'double', 'echo \'@\'': 'single', 'echo $\'@\'': 'ansi', 'ls # @': 'comment', 'echo "$(ls @)"': 'unquoted',
      'cat <<E\n@\nE': 'heredoc', 'cat <<"E"\n@\nE': 'heredoc-quoted', 'cat <<E\n$(ls "@")\nE': 'double', 'echo `ls @`': 'backtick', '(( @ ))': 'arithmetic',
      'echo ${x:-@}': 'parameter', '[[ @ == x ]]': 'test', '[[ "@" == x ]]': 'double', 'X=@ ls': 'assignment', 'export X=@': 'assignment', 'a=(@)': 'unquoted',
      'case @ in x) ls;; esac': 'case', 'case x in @) ls;; esac': 'case', 'case x in x) ls @;; esac': 'unquoted',
    };
    for (const [text, kind] of Object.entries(cases)) assert.equal(quoting(text), kind, text);
  });

  it('say whose failure is ignored', () => {
    const ignored = (text: string): boolean => failureIgnored(named(text, 'x'));
    for (const text of ['x || true', 'if x; then y; fi', '! x', 'x &', 'x | tee f', '{ x; } || y', 'while x; do y; done', '(a; x) || true', 'x && y || z']) {
      assert.equal(ignored(text), true, text);
    }
    for (const text of ['x', 'y || x', 'a && x', 'if y; then x; fi', 'y | x', 'set -o pipefail\nx | tee f', 'f() { x; }']) assert.equal(ignored(text), false, text);
  });

  it('follow `set`', () => {
    const options = (text: string) => named(text, 'x').options;
    assert.deepEqual(options('set -euo pipefail\nx'), { errexit: true, nounset: true, pipefail: true });
    assert.deepEqual(options('set +e; x'), { errexit: false });
    assert.deepEqual(options('(set +e; y); x'), {});
    assert.deepEqual(options('x; set +e'), {});
  });

  it('recover from half-typed text', () => {
    assert.deepEqual(list('echo "a\nb'), ['echo a\nb']);
    assert.deepEqual(list('if a; then b'), ['a', 'b']);
    assert.deepEqual(list('a )\nb'), ['a', 'b']);
    assert.deepEqual(list('fi\na'), ['a']);
    assert.deepEqual(list('a $(b'), ['a ?', 'b']);
    assert.deepEqual(list('a |'), ['a']);
    assert.deepEqual(list('a &&\n'), ['a']);
    for (const text of ['echo "a', 'if a; then b', 'a )', 'fi', 'a $(b', '[[ a', 'case x in', 'a &&\n', 'x=(a']) assert.notDeepEqual(bash(text).errors, [], text);
  });

  const fragment = fc.constantFrom('a', ' ', '\n', ';', '&&', '||', '|', '&', '(', ')', '((', '))', '{ ', ' }', '"', '\'', '`', '$', '$(', '${', '}', '${{', '}}', '<<E', 'E\n', '<', '>',
    '<(', '=(', 'x=', '[[ ', ' ]]', 'if ', 'then ', 'fi', 'case ', ' in ', 'esac', 'for ', 'do ', 'done', 'while ', '\\', '#', '!', '\t', '\r\n', 'f() ', 'é😀', '$\'', ';;', '*');

  it('never throw and never lose their place', () => {
    fc.assert(fc.property(fc.array(fragment, { maxLength: 40 }).map(f => f.join('')), text => {
      const ast = bash(text);
      for (const r of [...ast.commands, ...ast.commands.flatMap(c => c.words), ...ast.regions, ...ast.comments, ...ast.errors]) {
        assert.ok(r.start >= 0 && r.start <= r.end && r.end <= text.length, `${r.start}-${r.end} of ${text.length}`);
      }
      for (const c of ast.commands) for (const w of c.words) assert.ok(c.start <= w.start && w.end <= c.end);
    }), { numRuns: 5000 });
  });

  it('cost time in proportion to their length, whatever they hold', () => {
    for (const piece of ['(', '((', '$((', '$(', '`', '"', '\'', '${', '${{', '${{ \' }}', '<<E\n', '{ ', 'if ', 'case x in ', 'a=(', '[[ ', 'f() ', '\'\'', '$(\'', '"$(', 'a|', '\\', '<(']) {
      assert.ok(bash(piece.repeat(Math.ceil(200_000 / piece.length))).text.length >= 200_000);
    }
  }).timeout(20_000);

  const corpus = process.env.CI_HARDENING_CORPUS ?? resolve(__dirname, '../../../../../shared/corpus');
  const judge = spawnSync('bash', ['--version']).status === 0;
  if (!existsSync(corpus) || !judge) it.skip('of the corpus are accepted as bash accepts them (needs the corpus, CI_HARDENING_CORPUS, and bash)');
  else {
    it('of the corpus are accepted as bash accepts them', function () {
      this.timeout(120_000);
      const scripts = new Set<string>();
      for (const name of readdirSync(corpus, { recursive: true, encoding: 'utf8' })) {
        if (!/\.ya?ml$/.test(name)) continue;
        const document = parseSource(/action\.ya?ml$/.test(name) ? 'action.yml' : '.github/workflows/a.yml', readFileSync(join(corpus, name), 'utf8'));
        for (const step of document.workflow?.jobs.flatMap(j => j.steps) ?? document.action?.steps ?? []) {
          const { shell, certain } = shellOf(step);
          if (step.run && certain && parseScript('', shell).dialect === 'posix') scripts.add(step.run.scalar.value.replace(/\$\{\{.*?\}\}/gs, 'x'));
        }
      }
      assert.ok(scripts.size > 1000);
      for (const script of scripts) {
        const { errors } = bash(script);
        // One process per script is slow: bash is asked about what we refuse and about the longest that we accept.
        if (errors.length === 0 && script.length < 2500) continue;
        const verdict = spawnSync('bash', ['-n'], { input: script });
        assert.equal(errors.length === 0, verdict.status === 0, `${JSON.stringify(errors)} ${verdict.stderr.toString()}\n${script}`);
      }
    });
  }
});
