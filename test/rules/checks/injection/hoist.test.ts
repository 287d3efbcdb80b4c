/** The fix, run: a fixed script says what the old one said for harmless text, and runs nothing of harmful text. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import vm from 'node:vm';
import { applyFixes, parseSource, type FixResult } from '../../../../rules';
import { DEFAULT_CONFIG } from '../../../../rules/engine/rule';
import { asMapping, scalarText } from '../../../../rules/workflow/nodes';
import { withTools } from '../../../support/tools';

const TITLE = '${{ github.event.issue.title }}';
const PATH = '.github/workflows/a.yml';
/** Each tries several ways out at once: a run costs a process. */
const HARMFUL = ['"; echo PWNED; "\'; echo PWNED; \'$(echo PWNED)`echo PWNED`', '\\"$(echo PWNED)\nEOF\necho PWNED\n'];

function fix(step: string): { result: FixResult; script: string; env: Record<string, string> } {
  const text = `on: issues\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n${step}`;
  const rule = step.includes('github-script') ? 'script-injection-github-script' : 'script-injection-run';
  const result = applyFixes(PATH, text, { safety: 'safe', rule, env: { config: { ...DEFAULT_CONFIG, profile: 'strict' } } });
  const [fixed] = parseSource(PATH, result.text).workflow!.jobs[0]!.steps;
  const script = fixed!.run?.scalar.value ?? scalarText(asMapping(fixed!.with?.value)!.entries[0]!.value)!;
  return { result, script, env: Object.fromEntries(fixed!.env?.variables.map(v => [v.name, v.value!.value]) ?? []) };
}

const block = (script: string): string => `      - run: |\n${script.split('\n').map(l => `          ${l}\n`).join('')}`;
const run = (script: string, env: Record<string, string>): { output: string; status: number | null } => {
  const done = spawnSync('bash', ['-e', '-c', script], { env: { PATH: process.env['PATH'], ...env }, encoding: 'utf8' });
  return { output: done.stdout, status: done.status };
};

const FIXABLE = [
  `echo "Title: ${TITLE}"`, `echo "${TITLE}s" and "\${HOME:-none}${TITLE}"`, `echo ${TITLE} end`, `echo pre-${TITLE}-post`, `echo '${TITLE}'`, `echo 'a ${TITLE} b' "c"'${TITLE}d'`,
  `T=${TITLE}; echo "$T"`, `export T="${TITLE}"\necho "$T"`, `[[ ${TITLE} == x* ]] && echo yes || echo no`, `if [ "${TITLE}" = word ]; then echo same; fi`,
  `cat <<EOF\nbegin ${TITLE}_end\nEOF`, `cat <<-EOF | tr a-z A-Z\n\t${TITLE}\n\tEOF`, `echo "$(printf '<%s>' "${TITLE}")"`, `echo "$(printf '<%s>' ${TITLE})"`,
  `case ${TITLE} in w*) echo w;; *) echo other;; esac`, `f() { echo "$1"; }\nf "${TITLE}" && f '${TITLE}'`, `for x in "${TITLE}" b; do echo "$x"; done`,
  `echo "${TITLE}" | { read -r l; echo "got $l"; }`, `printf '%s\\n' "${TITLE}" \\\n  "${TITLE}"`, `ISSUE_TITLE=taken\necho "$ISSUE_TITLE ${TITLE}"`,
];
const REFUSED = [
  `bash -c "echo ${TITLE}"`, `eval echo ${TITLE}`, `echo $(( ${TITLE} + 1 ))`, `cat <<'EOF'\n${TITLE}\nEOF`, `# ${TITLE}`, `${TITLE}`, `for x in ${TITLE}; do echo $x; done`, `x=(${TITLE})`,
  `echo \\${TITLE}`, `echo \`echo ${TITLE}\``, `echo "\${A:-${TITLE}}"`, `bash <<EOF\necho ${TITLE}\nEOF`, `echo "echo ${TITLE}" | bash`, `cat <<EOF > x.sh\necho ${TITLE}\nEOF`,
  `python3 -c "print('${TITLE}')"`, `awk "/${TITLE}/" f`, `[[ abc =~ ${TITLE} ]]`, `echo "unclosed ${TITLE}`, `sudo sh -c 'echo ${TITLE}'`, `{ echo "${TITLE}"; } | sh`, `ssh host "echo ${TITLE}"`,
  `find . -exec echo "${TITLE}" \\;`, `echo $'${TITLE}'`, `$RUNNER "${TITLE}"`,
];

const bashIt = withTools('bash');

describe('hoisting out of bash', function () {
  this.timeout(60_000);

  for (const script of FIXABLE) {
    bashIt(`keeps what it says: ${JSON.stringify(script)}`, () => {
      const { result, script: fixed, env } = fix(block(script));
      assert.deepEqual(result.refused, []);
      assert.ok(!fixed.includes('${{'), fixed);
      assert.equal(spawnSync('bash', ['-n'], { input: fixed }).status, 0, fixed);
      const names = Object.keys(env);
      assert.equal(names.length, 1);
      assert.deepEqual(run(fixed, { [names[0]!]: 'other-word.1' }), run(script.replaceAll(TITLE, 'other-word.1') + '\n', {}), fixed);
      for (const value of HARMFUL) {
        const { output } = run(fixed, { [names[0]!]: value });
        // What is printed is the text itself, as it was given.
        assert.doesNotMatch(output.replaceAll(value, '').replaceAll(value.trim(), '').replaceAll(value.toUpperCase(), ''), /^PWNED$/m, fixed);
      }
    });
  }

  for (const script of REFUSED) {
    it(`leaves alone: ${JSON.stringify(script)}`, () => {
      const { result } = fix(block(script));
      assert.deepEqual(result.applied, []);
      assert.deepEqual(result.refused, [], 'offered, and then not made');
    });
  }
});

describe('hoisting out of JavaScript', () => {
  const scripts = [
    `out('${TITLE}')`, `out("a ${TITLE} b".length)`, `out(\`\${1 + 1} ${TITLE}\`)`, `out(\`\${\`inner ${TITLE}\`}\`)`, `out({ a: '${TITLE}' }.a)`, `out(/['"\`]/.test("x") ? '${TITLE}' : 6 / 2)`,
    `/* it's */ out('it\\'s ${TITLE}')`, `out('${TITLE}${TITLE}')`,
  ];
  for (const script of scripts) {
    it(`keeps what it says: ${script}`, () => {
      const { result, script: fixed, env } = fix(`      - uses: actions/github-script@v8\n        with:\n          script: |\n            ${script}\n`);
      assert.deepEqual(result.refused, []);
      assert.ok(!fixed.includes('${{'), fixed);
      const name = Object.keys(env)[0]!;
      const say = (code: string, value: string): unknown => {
        let said: unknown;
        vm.runInNewContext(code, { out: (v: unknown) => { said = v; }, process: { env: { [name]: value } }, PWNED: () => assert.fail('it ran') });
        return said;
      };
      assert.deepEqual(say(fixed, 'word'), say(script.replaceAll(TITLE, 'word'), ''));
      for (const value of ['\'+PWNED()+\'', '"+PWNED()+"', '`+PWNED()+`', '${PWNED()}']) say(fixed, value);
    });
  }
});
