/** What the fixtures can't show: circles, long chains, other files that change, and what a script writes, one line at a time. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RULES } from '../../../../rules/checks';
import { javascriptWrites } from '../../../../rules/checks/shared/taint/javascript-writes';
import type { Values } from '../../../../rules/checks/shared/taint/script-state';
import { scriptWrites } from '../../../../rules/checks/shared/taint/script-writes';
import { analyze, type Analysis, type EngineEnv } from '../../../../rules/engine/analyze';
import { DEFAULT_CONFIG } from '../../../../rules/engine/rule';
import { createRepository } from '../../../../rules/repository';
import { parseSource } from '../../../../rules/workflow/parse';

const rules = RULES.filter(r => r.category === 'injection');

function values(list: Values): string {
  return list.map(v => {
    const what = v.kind === 'variable' ? `$${v.name}` : v.kind === 'github' ? v.path.slice(1).join('.') : v.kind === 'origin' ? v.origin.what : v.kind === 'file' ? `<${v.name}` : '${{';
    return v.flat ? `${what}!` : what;
  }).join(' ');
}

const shown = (text: string, shell = 'bash'): string[] => scriptWrites(text, shell).map(w => `${w.file} ${w.name ?? '*'} ${w.fence}: ${values(w.values)}`);

describe('what a script writes', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['echo "a=$X" >> $GITHUB_OUTPUT', ['output a none: $X']],
    ['echo "a=${{ github.sha }}" >> "${GITHUB_ENV}"', ['env a none: ${{']],
    ['echo \'a=${{ github.sha }}\' >> ${{ github.output }}', ['output a none: ${{']],
    ['echo a=1 >> $GITHUB_OUTPUT', ['output a none: ']],
    ['{ echo "a<<EOF"; echo "$X"; echo EOF; echo "b=$Y"; } >> $GITHUB_OUTPUT', ['output a fixed: $X', 'output b none: $Y']],
    ['D=$(uuidgen)\necho "a<<$D" >> $GITHUB_ENV\necho "$X" >> $GITHUB_ENV\necho "$D" >> $GITHUB_ENV\necho "b=$Y" >> $GITHUB_ENV', ['env a random: $X', 'env b none: $Y']],
    ['cat <<EOF >> $GITHUB_ENV\nA=$X\nB=1\nEOF', ['env A none: $X', 'env B none: ']],
    ['cat <<\'EOF\' >> $GITHUB_ENV\nA=$X${{ github.ref }}\nEOF', ['env A none: ${{']],
    ['printf "a=%s\\n" "$X" >> $GITHUB_OUTPUT', ['output a none: $X']],
    ['printf "a=%q\\n" "$X" >> $GITHUB_OUTPUT', ['output a none: ']],
    ['Y=$X; Y="a$Y"; echo "a=$Y" >> $GITHUB_OUTPUT', ['output a none: $X']],
    ['Y=1; if a; then Y=$X; fi; echo "a=$Y" >> $GITHUB_OUTPUT', ['output a none: $X']],
    ['Y=$X; Y=1; echo "a=$Y" >> $GITHUB_OUTPUT', ['output a none: ']],
    ['[[ ! "$X" =~ ^[0-9]+$ ]] && exit 1\necho "a=$X" >> $GITHUB_OUTPUT', ['output a none: ']],
    ['if [[ -z $X || ! $X =~ ^[0-9]+$ ]]; then exit 1; fi\necho "a=$X$Y" >> $GITHUB_OUTPUT', ['output a none: $Y']],
    ['export Y="$X"; echo "a=$Y" >> $GITHUB_OUTPUT', ['output a none: $X']],
    ['echo "a=$(echo "$X" | cut -c1-50 | head -n 1)" >> $GITHUB_OUTPUT', ['output a none: $X!']],
    ['echo "a=$(echo "$X" | tr -cd a-z)$(echo "$X" | wc -l)$(node x.js "$X")" >> $GITHUB_OUTPUT', ['output a none: ']],
    ['echo "a=${X//[^a-z]/}${#X}$((X + 1))" >> $GITHUB_OUTPUT', ['output a none: ']],
    ['grep -qE "^[a-z]+$" <<< "$X" || exit 1; echo "a=$X" >> $GITHUB_OUTPUT', ['output a none: ']],
    ['echo "$X" | grep -q bug && echo "a=$X" >> $GITHUB_OUTPUT', ['output a none: $X']],
    ['cat a.env >> $GITHUB_ENV', ['env * none: <a.env']],
    ['while read -r l; do echo "$l" >> $GITHUB_ENV; done < a.env', ['env * none: $l <a.env!']],
    ['for f in $X; do echo "$f" >> $GITHUB_PATH; done', ['path * none: $X!']],
    ['echo "a=$(gh pr view 1 --json title -q .title)" >> $GITHUB_OUTPUT', ['output a none: gh pr view!']],
    ['echo "a=$(gh pr view 1 --json number -q .number)$(gh issue list --json title -q length)" >> $GITHUB_OUTPUT', ['output a none: ']],
    ['echo "a=$(jq -r \'.issue.body // ""\' "$GITHUB_EVENT_PATH")" >> $GITHUB_OUTPUT', ['output a none: event.issue.body']],
    ['echo "a=$GITHUB_HEAD_REF" | tee -a "$GITHUB_OUTPUT"', ['output a none: head_ref!']],
    ['echo "::set-output name=a::$X"', ['output a none: $X']],
    ['echo "a=$X" > file; echo "a=$X" >&2; echo "a=$X" # >> $GITHUB_OUTPUT', []],
    ['{ echo "a=$X"; echo "b=$X" > file; } >> $GITHUB_OUTPUT', ['output a none: $X']],
    ['echo "a=$X >> $GITHUB_OUTPUT', []],
  ];
  for (const [text, wanted] of cases) it(text.replaceAll('\n', ' ⏎ '), () => assert.deepEqual(shown(text), wanted));

  it('in PowerShell', () => {
    assert.deepEqual(shown('"a=$env:X" >> $env:GITHUB_OUTPUT', 'pwsh'), ['output a none: $X']);
    assert.deepEqual(shown('"a=$env:X" | Out-File -FilePath $env:GITHUB_ENV -Append', 'pwsh'), ['env a none: $X']);
    assert.deepEqual(shown('Add-Content -Path $env:GITHUB_ENV -Value "a=$env:X"', 'pwsh'), ['env a none: $X']);
  });

  it('in JavaScript', () => {
    const js = (text: string): string[] => javascriptWrites(text).map(w => `${w.file} ${w.name ?? '*'}: ${values(w.values)}`);
    assert.deepEqual(js('core.setOutput("a", context.payload.issue.title)'), ['output a: event.issue.title!']);
    assert.deepEqual(js('const b = process.env.X;\ncore.exportVariable(`a`, b.trim())'), ['env a: $X']);
    assert.deepEqual(js('core.setOutput("a", context.payload.issue.title.includes("x"))'), ['output a: ']);
    assert.deepEqual(js('const title = context.payload.issue.title; core.setOutput("a", "title")'), ['output a: ']);
    assert.deepEqual(js('return "${{ github.head_ref }}"'), ['output result: ${{']);
    assert.deepEqual(js('core.setOutput("a", '), []);
  });
});

const PATH = '.github/workflows/a.yml';

function found(files: Readonly<Record<string, string>>, path = PATH): string[] {
  const repository = createRepository(Object.keys(files), p => files[p]);
  const analysis = analyze(repository.document(path)!, { rules, config: { ...DEFAULT_CONFIG, profile: 'strict' }, repository });
  assert.deepEqual(analysis.errors, []);
  return analysis.findings.map(f => `${analysis.document.positionAt(f.range.start).line + 1} ${f.ruleId} ${f.severity}`);
}

describe('circles and long chains', () => {
  const job = (id: string, needs: string, output: string, run: string): string =>
    `  ${id}:\n    needs: [${needs}]\n    runs-on: x\n    outputs:\n      o: ${output}\n    steps:\n      - run: ${run}\n`;

  it('of jobs end', () => {
    const text = `on: issues\njobs:\n${job('a', 'b', '${{ needs.b.outputs.o }}', 'echo ${{ needs.b.outputs.o }}')}${job('b', 'a', '${{ needs.a.outputs.o || github.event.issue.body }}', 'true')}`;
    assert.deepEqual(found({ [PATH]: text }), ['9 injection-step-output critical']);
  });

  it('of variables end', () => {
    const text = 'on: issues\nenv:\n  A: ${{ env.B }}\n  B: ${{ env.A }}\njobs:\n  a:\n    runs-on: x\n    env: { A: "${{ env.B }}", B: "${{ env.A }}" }\n    steps:\n      - run: echo ${{ env.A }}\n';
    assert.deepEqual(found({ [PATH]: text }), []);
  });

  it('of calls end', () => {
    const workflow = (other: string): string => 'on:\n  workflow_call:\n    inputs: { x: { type: string } }\n    outputs: { o: { value: "${{ jobs.c.outputs.o }}" } }\n'
      + `jobs:\n  c:\n    uses: ./.github/workflows/${other}.yml\n    with: { x: "\${{ inputs.x }}" }\n  u:\n    needs: c\n    runs-on: x\n    environment: e\n    steps:\n`
      + '      - run: echo "${{ inputs.x }} ${{ needs.c.outputs.o }}"\n';
    assert.deepEqual(found({ [PATH]: workflow('b'), '.github/workflows/b.yml': workflow('a') }), ['14 injection-caller-input low']);
    const action = 'inputs: { x: {} }\noutputs: { o: { value: "${{ steps.s.outputs.o }}" } }\nruns:\n  using: composite\n  steps:\n    - id: s\n      uses: ./\n      with: { x: "${{ inputs.x }}" }\n    - shell: bash\n      run: echo "${{ steps.s.outputs.o }}"\n';
    assert.deepEqual(found({ 'action.yml': action }, 'action.yml'), []);
  });

  it('that double at each step are followed in linear work', () => {
    const jobs = Array.from({ length: 200 }, (_, i) =>
      job(`j${i}`, '', i === 0 ? '${{ github.event.issue.body }}' : `\${{ needs.j${i - 1}.outputs.o }}\${{ needs.j${i - 1}.outputs.o }}`, 'true'));
    const text = `on: issues\njobs:\n${jobs.join('')}${job('last', '', 'x', 'echo ${{ needs.j199.outputs.o }}')}`;
    assert.deepEqual(found({ [PATH]: text }).map(f => f.split(' ')[1]), ['injection-step-output']);
    const steps = Array.from({ length: 200 }, (_, i) => `      - id: s${i}\n        env:\n          A: \${{ steps.s${i - 1}.outputs.o }}\n          B: \${{ steps.s${i - 1}.outputs.o || github.event.issue.body }}\n        run: echo "o=$A$B" >> $GITHUB_OUTPUT\n`);
    assert.deepEqual(found({ [PATH]: `on: issues\njobs:\n  a:\n    runs-on: x\n    steps:\n${steps.join('')}      - run: echo "\${{ steps.s199.outputs.o }}"\n` }).length, 1);
  });
});

describe('other files', () => {
  const callee = (event: string): string => `on: ${event}\njobs:\n  a:\n    runs-on: x\n    outputs:\n      o: \${{ steps.s.outputs.o }}\n    steps:\n      - id: s\n        env:\n          T: \${{ inputs.t }}\n`
    + '        run: |\n          echo "${{ inputs.t }}"\n          echo "o=$T" >> $GITHUB_OUTPUT\n';
  const CALLEE = callee('\n  workflow_call:\n    inputs: { t: { type: string } }\n    outputs: { o: { value: "${{ jobs.a.outputs.o }}" } }');
  const caller = (event: string, value: string): string =>
    `on: ${event}\njobs:\n  c:\n    uses: ./.github/workflows/b.yml\n    with:\n      t: ${value}\n  d:\n    needs: c\n    runs-on: x\n    steps:\n      - run: echo "\${{ needs.c.outputs.o }}"\n`;
  const VALUES = ['fixed', '${{ github.event.issue.title }}', '${{ github.head_ref }}', '${{ vars.T }}', '${{ github.event.issue.number }}'];
  const EVENTS = ['issues', 'push', 'pull_request', 'pull_request_target', 'workflow_dispatch'];

  it('are looked into in both directions', () => {
    const files = { [PATH]: caller('issues', VALUES[1]!), '.github/workflows/b.yml': CALLEE };
    assert.deepEqual(found(files), ['11 injection-step-output critical']);
    assert.deepEqual(found(files, '.github/workflows/b.yml'), ['15 injection-caller-input critical']);
    const harmless = { [PATH]: caller('issues', VALUES[0]!), '.github/workflows/b.yml': CALLEE };
    assert.deepEqual([...found(harmless), ...found(harmless, '.github/workflows/b.yml')], []);
  });

  it('change what is found as if everything were looked at afresh', () => {
    const change = fc.record({ event: fc.constantFrom(...EVENTS), value: fc.constantFrom(...VALUES), comment: fc.constantFrom('', '# typed\n'), callee: fc.constantFrom(CALLEE, callee('workflow_call')) });
    fc.assert(fc.property(fc.array(change, { minLength: 2, maxLength: 6 }), changes => {
      const last = new Map<string, Analysis>();
      for (const { event, value, comment, callee: b } of changes) {
        const files: Readonly<Record<string, string>> = { [PATH]: comment + caller(event, value), '.github/workflows/b.yml': comment + b };
        const env = (): EngineEnv => ({ rules, config: { ...DEFAULT_CONFIG, profile: 'strict' }, repository: createRepository(Object.keys(files), p => files[p]) });
        for (const path of Object.keys(files)) {
          const before = last.get(path);
          const now = analyze(parseSource(path, files[path]!, before?.document), env(), before);
          const fresh = analyze(parseSource(path, files[path]!), env());
          const see = (a: Analysis): unknown => a.findings.map(f => ({ ...f, fixes: f.fixes.map(x => x.title) }));
          assert.deepEqual(see(now), see(fresh));
          last.set(path, now);
        }
      }
    }), { numRuns: 60, seed: 7 });
  });
});
