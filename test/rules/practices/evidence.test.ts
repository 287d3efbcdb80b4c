import assert from 'node:assert/strict';
import { PRACTICES } from '../../../rules/practices';
import { SCORE_CATEGORIES } from '../../../rules/practices/practice';
import { controlPlace } from '../../../rules/scorecard';
import { practice, repository, result, verdict, workflow, type Files } from './support';

const WORKFLOW = '.github/workflows/ci.yml';
const ci = (steps: string, extra?: Parameters<typeof workflow>[1]): Files => ({ [WORKFLOW]: workflow(steps, extra) });
const NODE: Files = { 'package.json': '{"scripts":{"test":"mocha","lint":"eslint .","types":"tsc --noEmit"}}', 'package-lock.json': '{}',
  'a.ts': '', 'tsconfig.json': '{}', 'test/a.test.ts': '' };

describe('practices: the registry', () => {
  it('is complete, and agrees with the table of controls', () => {
    const ids = PRACTICES.map(p => p.id);
    assert.deepEqual(ids, [...new Set(ids)].sort());
    for (const p of PRACTICES) {
      assert.deepEqual(controlPlace('practice', p.id), { category: p.category, level: p.level }, p.id);
      assert.ok((SCORE_CATEGORIES as readonly string[]).includes(p.category));
      assert.match(p.docs.summary, /\.$/);
      assert.match(p.docs.why, /\.$/);
      assert.ok(p.docs.references.length > 0 && p.docs.references.every(r => r.startsWith('https://')));
    }
  });

  it('gives a verdict with evidence or with what was looked for, on any repository', () => {
    const odd: Files[] = [{}, { [WORKFLOW]: '' }, { [WORKFLOW]: 'jobs:\n  a:\n' },
      { [WORKFLOW]: 'on: [pull_request\njobs: {a: {steps: [{run: ' }, { [WORKFLOW]: '\tx' }, { '.github/dependabot.yml': 'updates: 3' },
      { '.github/CODEOWNERS': '\u0000' }, { 'package.json': '[[[' },
        { [WORKFLOW]: 'on: pull_request\njobs:\n  a: &a\n    needs: [a, b]\n    steps: *a\n  b: {needs: a, uses: ./.github/workflows/ci.yml}\n' }];
    for (const files of odd) {
      const repo = repository(files);
      for (const p of PRACTICES) {
        if (!p.applies(repo)) continue;
        const v = p.evidence(repo);
        if (v.result === 1) assert.ok(v.evidence.length > 0, p.id);
        else assert.ok(v.lookedFor.length > 0, `${p.id} ${JSON.stringify(v)}`);
        for (const e of v.evidence) if (e.start !== undefined) assert.ok(e.start >= 0 && e.end! <= repo.read(e.path)!.length
          && e.start <= e.end!, p.id);
      }
    }
  });
});

describe('practices: hostile repositories', () => {
  it('end on a graph of jobs with more paths than can be walked', () => {
    const layers = Array.from({ length: 30 }, (_, l) => Array.from({ length: 6 }, (_x, i) =>
      `  j${l}-${i}:\n${l > 0 ? `    needs: [${[0, 1, 2, 3, 4, 5].map(k => `j${l - 1}-${k}`).join(', ')}]\n` : ''}    runs-on: x\n    steps:\n      - run: kubectl apply -f k8s\n`));
    const files: Files = { [WORKFLOW]: `on: [pull_request, push]\njobs:\n${layers.flat().join('')}` };
    assert.equal(result('deploy-gated', files), 0);
    assert.equal(result('timeouts', files), 0);
  });
  it('end on a chain of jobs longer than a stack is deep', () => {
    const chain = Array.from({ length: 20_000 },
      (_, i) => `  j${i}:\n    ${i > 0 ? `needs: j${i - 1}` : 'if: false'}\n    runs-on: x\n    steps: [{run: go test}]\n`);
    assert.equal(result('unit-tests', { 'a.go': '', [WORKFLOW]: `on: pull_request\njobs:\n${chain.join('')}` }), 0);
  });
  it('end on calls of calls of calls', () => {
    const calls = (to: string) => `runs:\n  using: composite\n  steps:\n${`    - uses: ./${to}\n`.repeat(40)}`;
    const jobs = (to: string) => Array.from({ length: 30 }, (_, i) => `  j${i}:\n    uses: ./.github/workflows/${to}.yml\n`).join('');
    const files: Files = {
      'a/action.yml': calls('b'), 'b/action.yml': calls('c'), 'c/action.yml': calls('d'), 'd/action.yml': calls('a'),
      ...ci('- uses: ./a\n'), 'x.go': '',
      '.github/workflows/p.yml': `on: [push, workflow_call]\njobs:\n${jobs('q')}`,
        '.github/workflows/q.yml': `on: workflow_call\njobs:\n${jobs('r')}`,
      '.github/workflows/r.yml': `on: workflow_call\njobs:\n${jobs('s')}`,
        '.github/workflows/s.yml': `on: workflow_call\njobs:\n${jobs('p')}`,
    };
    assert.equal(result('unit-tests', files), 0);
  });
});

describe('scan-secrets', () => {
  const deep = '- uses: actions/checkout@v4\n  with:\n    fetch-depth: 0\n';
  it('takes actions, commands and containers that see the history', () => {
    assert.equal(result('scan-secrets', ci(`${deep}- uses: gitleaks/gitleaks-action@v2\n`)), 1);
    assert.equal(result('scan-secrets', ci(`${deep}- run: docker run --rm -v "$PWD:/repo" ghcr.io/gitleaks/gitleaks:v8 git /repo\n`)), 1);
    assert.equal(result('scan-secrets', ci(`${deep}- run: |\n    trufflehog git file://. --fail\n`)), 1);
    assert.equal(result('scan-secrets', ci('- run: pipx run ggshield secret scan ci\n')), 1);
  });
  it('gives half for a shallow checkout, and points at the step', () => {
    const files = ci('- uses: actions/checkout@v4\n- uses: gitleaks/gitleaks-action@v2\n'), v = verdict('scan-secrets', files)!;
    assert.equal(v.result, 0.5);
    assert.equal(files[WORKFLOW]!.slice(v.evidence[0]!.start, v.evidence[0]!.end), 'gitleaks/gitleaks-action@v2');
    assert.match(v.lookedFor[0]!, /fetch-depth: 0/);
  });
  it('says why what is there does not count', () => {
    const why = (steps: string, extra?: Parameters<typeof workflow>[1]): string => {
      const v = verdict('scan-secrets', ci(steps, extra))!;
      assert.equal(v.result, 0);
      return v.lookedFor.slice(1).join('\n');
    };
    assert.match(why(`${deep}- run: gitleaks git . || true\n`), /\|\| true follows it/);
    assert.match(why(`${deep}- run: gitleaks git .\n  continue-on-error: true\n`), /continue-on-error/);
    assert.match(why(`${deep}- run: gitleaks git .\n`, { job: '    continue-on-error: true\n' }), /its job has continue-on-error/);
    assert.match(why(`${deep}- run: gitleaks git .\n`, { on: 'on:\n  schedule:\n    - cron: 3 4 * * 1' }), /runs on schedule/);
    assert.match(why(`${deep}- run: gitleaks git .\n`, { job: "    if: github.event_name == 'push'\n" }), /skipped on pull requests/);
    assert.match(why(`${deep}- if: \${{ github.ref == 'refs/heads/main' }}\n  run: gitleaks git .\n`), /skipped on pull requests/);
    assert.match(why(`${deep}- run: gitleaks git .\n`, { on: 'on:\n  pull_request:\n    types: [closed]' }), /not on every pull request/);
    assert.match(why(`${deep}- run: gitleaks git . --exit-code 0\n`), /makes it succeed/);
    assert.equal(why('- run: echo gitleaks git .\n'), '');
  });
});

describe('scan-sast, scan-dependencies, scan-container', () => {
  const code: Files = { 'a.py': '', 'requirements.txt': 'x==1', Dockerfile: 'FROM scratch' };
  const at = (id: string, steps: string, extra?: Parameters<typeof workflow>[1]) => result(id, { ...code, ...ci(steps, extra) });
  it('know their tools', () => {
    assert.equal(at('scan-sast', '- uses: github/codeql-action/init@v3\n- uses: github/codeql-action/analyze@v3\n'), 1);
    assert.equal(at('scan-sast', '- run: bandit -r src\n'), 1);
    assert.equal(at('scan-sast', '- run: python -m bandit -r src\n'), 1);
    assert.equal(at('scan-sast', '- run: semgrep ci\n'), 1);
    assert.equal(at('scan-dependencies', '- run: pip-audit --strict\n'), 1);
    assert.equal(at('scan-dependencies', '- run: go run golang.org/x/vuln/cmd/govulncheck@v1.1.4 ./...\n'), 1);
    assert.equal(at('scan-dependencies', '- run: cargo deny check\n'), 1);
    assert.equal(at('scan-container', '- uses: aquasecurity/trivy-action@0.28.0\n  with:\n    image-ref: app\n    exit-code: 1\n'), 1);
    assert.equal(at('scan-container', '- run: grype app:latest --fail-on high\n'), 1);
  });
  it('tell what can fail from what cannot', () => {
    assert.equal(at('scan-sast', '- run: semgrep scan --config auto\n'), 0);
    assert.equal(at('scan-sast', '- run: bandit -r src --exit-zero\n'), 0);
    assert.equal(at('scan-sast', '- run: semgrep scan --sarif -o r.sarif\n- uses: github/codeql-action/upload-sarif@v3\n'), 1);
    assert.equal(at('scan-dependencies', '- run: cargo deny check licenses\n'), 0);
    assert.equal(at('scan-dependencies', '- run: npm audit fix\n'), 0);
    assert.equal(at('scan-container', '- uses: aquasecurity/trivy-action@0.28.0\n  with:\n    image-ref: app\n'), 0);
    assert.equal(at('scan-container', '- uses: aquasecurity/trivy-action@0.28.0\n  with:\n    scan-type: fs\n    exit-code: 1\n'), 0);
    assert.equal(at('scan-container', '- run: trivy image --exit-code 1 app\n', { on: 'on: release' }), 1);
    assert.equal(at('scan-container', '- run: trivy image --exit-code 1 app\n', { on: 'on:\n  schedule: [{cron: 1 2 * * *}]' }), 0);
  });
  it('apply by assets alone', () => {
    assert.equal(result('scan-sast', { 'README.md': '' }), null);
    assert.equal(result('scan-dependencies', { 'a.py': '' }), null);
    assert.equal(result('scan-container', { 'dev.Dockerfile': '', '.devcontainer/Dockerfile': '', 'examples/Dockerfile': '' }), null);
    assert.equal(result('scan-container', { 'svc/Dockerfile': '' }), 0);
  });
});

describe('unit-tests, lint-and-types, no-soft-failures', () => {
  it('follow scripts, wrappers, reusable workflows and composite actions', () => {
    assert.equal(result('unit-tests', { ...NODE, ...ci('- run: npm test\n') }), 1);
    assert.equal(result('lint-and-types', { ...NODE, ...ci('- run: npm run lint\n- run: npm run types\n') }), 1);
    assert.equal(result('lint-and-types', { ...NODE, ...ci('- run: pnpm exec eslint .\n') }), 0.5);
    assert.equal(result('unit-tests', { 'a.py': '', ...ci('- run: uv run --with x pytest -q\n') }), 1);
    assert.equal(result('unit-tests', { 'a.go': '', ...ci('- run: test -f go.mod\n') }), 0);
    const reusable: Files = { 'a.go': '', '.github/workflows/called.yml': workflow('- run: go test ./...\n', { on: 'on: workflow_call' }),
      [WORKFLOW]: 'on: pull_request\njobs:\n  call:\n    uses: ./.github/workflows/called.yml\n' };
    assert.equal(result('unit-tests', reusable), 1);
    assert.equal(result('unit-tests', { ...reusable, [WORKFLOW]: reusable[WORKFLOW]!.replace('pull_request', 'workflow_dispatch') }), 0);
    assert.equal(result('unit-tests',
      { 'a.go': '', '.github/actions/t/action.yml': 'runs:\n  using: composite\n  steps:\n    - run: go test ./...\n      shell: bash\n',
      ...ci('- uses: ./.github/actions/t\n') }), 1);
    assert.equal(result('unit-tests', { 'action.yml': 'runs: {using: node20, main: a.js}\n', 'a.js': '', ...ci('- uses: ./\n') }), 1);
  });
  it('count a job that needs one that is skipped on pull requests as skipped', () => {
    const text = (condition: string) => `on: pull_request\njobs:\n  gate:\n    if: ${condition}\n    runs-on: x\n    steps: [{run: echo}]\n  test:\n    needs: gate\n    runs-on: x\n    steps:\n      - run: go test ./...\n`;
    assert.equal(result('unit-tests', { 'a.go': '', [WORKFLOW]: text("github.event_name != 'pull_request'") }), 0);
    assert.equal(result('unit-tests', { 'a.go': '', [WORKFLOW]: text("github.event_name == 'pull_request'") }), 1);
    assert.equal(result('unit-tests',
      { 'a.go': '', [WORKFLOW]: text("contains(fromJSON('[\"push\", \"pull_request\"]'), github.event_name)") }), 1);
  });
  it('lint-and-types needs a linter of the code', () => {
    assert.equal(result('lint-and-types', { 'a.py': '', ...ci('- run: actionlint\n') }), 0);
    assert.equal(result('lint-and-types', { 'a.py': '', ...ci('- run: black .\n') }), 0);
    assert.equal(result('lint-and-types', { 'a.py': '', ...ci('- run: black --check .\n') }), 1);
  });
  it('no-soft-failures is the share of gates that are heard', () => {
    assert.equal(result('no-soft-failures', ci('- run: pytest\n- run: ruff check . || true\n')), 0.5);
    assert.equal(result('no-soft-failures', ci('- run: |\n    set +e\n    pytest\n    code=$?\n    exit $code\n')), 1);
    assert.equal(result('no-soft-failures', ci('- run: |\n    set +e\n    pytest\n')), 0);
    assert.equal(result('no-soft-failures', ci('- run: |\n    if ! shellcheck a.sh; then\n      exit 1\n    fi\n')), 1);
    assert.equal(result('no-soft-failures',
      ci('- id: t\n  run: pytest\n  continue-on-error: true\n- if: steps.t.outcome == \'failure\'\n  run: exit 1\n')), 1);
    assert.equal(result('no-soft-failures', ci('- if: false\n  run: pytest\n')), 0);
    assert.equal(result('no-soft-failures', ci('- run: pytest\n', { on: 'on: workflow_dispatch' })), 1);
    assert.equal(result('no-soft-failures', ci('- run: echo\n')), null);
  });
});

describe('coverage-gate-70', () => {
  const tested = (extra: Files, steps = '- run: pytest\n'): Files => ({ 'a.py': '', 'test_a.py': '', ...ci(steps), ...extra });
  it('reads commands and settings', () => {
    assert.equal(result('coverage-gate-70', tested({}, '- run: pytest --cov=a --cov-fail-under=80\n')), 1);
    assert.equal(result('coverage-gate-70', tested({ 'pyproject.toml': '[tool.coverage.report]\nfail_under = 70\n' })), 1);
    assert.equal(result('coverage-gate-70', tested({ 'package.json': '{"jest":{"coverageThreshold":{"global":{"branches":75}}}}' })), 1);
    assert.equal(result('coverage-gate-70',
      tested({ 'codecov.yml': 'coverage:\n  status:\n    project:\n      default:\n        target: 90%\n' })), 1);
    assert.equal(result('coverage-gate-70',
      tested({ 'codecov.yml': 'coverage:\n  status:\n    project:\n      default:\n        target: auto\n' })), 0);
  });
  it('gives a lower number its share, and nothing for one that stops nothing', () => {
    assert.equal(result('coverage-gate-70', tested({ '.coveragerc': '[report]\nfail_under = 35\n' })), 0.5);
    assert.equal(result('coverage-gate-70', tested({}, '- run: pytest\n- run: coverage report --fail-under=80 || true\n')), 0);
    assert.equal(result('coverage-gate-70', tested({ '.coveragerc': 'fail_under = 90\n' }, '- run: echo\n')), 0);
    assert.equal(result('coverage-gate-70', { 'a.py': '' }), null);
  });
});

describe('timeouts, concurrency-control, deploy-gated', () => {
  it('timeouts is the share of jobs that have one', () => {
    const jobs = 'on: push\njobs:\n  a:\n    runs-on: x\n    timeout-minutes: 5\n    steps: [{run: a}]\n  b:\n    runs-on: x\n    steps: [{run: a}]\n  c:\n    uses: ./.github/workflows/x.yml\n  d:\n    runs-on: x\n    steps: [{run: a, timeout-minutes: 1}]\n';
    const v = verdict('timeouts', { [WORKFLOW]: jobs })!;
    assert.equal(v.result, 2 / 3);
    assert.deepEqual(v.lookedFor, [`timeout-minutes of b in ${WORKFLOW}`]);
    assert.equal(result('timeouts', {}), null);
  });
  it('concurrency-control asks CI to cancel and deployments to queue', () => {
    const step = '- run: make\n';
    assert.equal(result('concurrency-control', ci(step)), 0);
    assert.equal(result('concurrency-control', ci(step, { top: 'concurrency: x\n' })), 0.5);
    assert.equal(result('concurrency-control', ci(step, { top: 'concurrency:\n  group: x\n  cancel-in-progress: true\n' })), 1);
    assert.equal(result('concurrency-control',
      ci(step, { top: "concurrency:\n  group: x\n  cancel-in-progress: ${{ github.event_name == 'pull_request' }}\n" })), 1);
    assert.equal(result('concurrency-control', ci(step, { on: 'on: workflow_dispatch' })), null);
    assert.equal(result('concurrency-control', ci('- run: kubectl apply -f k8s\n', { on: 'on: push' })), 0);
    assert.equal(result('concurrency-control', ci('- run: kubectl apply -f k8s\n',
      { on: 'on: push', job: '    concurrency: production\n' })), 1);
  });
  it('deploy-gated follows needs', () => {
    const deploy = (needs: string, test = 'go test ./...') =>
      ({ [WORKFLOW]: `on: push\njobs:\n  test:\n    runs-on: x\n    steps:\n      - run: ${test}\n  image:\n    needs: test\n    runs-on: x\n    steps: [{run: docker build .}]\n  deploy:\n${needs}    runs-on: x\n    steps:\n      - run: kubectl apply -f k8s\n` });
    assert.equal(result('deploy-gated', deploy('')), 0);
    assert.equal(result('deploy-gated', deploy('    needs: test\n')), 1);
    assert.equal(result('deploy-gated', deploy('    needs: [image]\n')), 1);
    const untested = deploy('    needs: [image]\n', 'echo nothing')[WORKFLOW].replace('  test:', '  prepare:').replace('needs: test',
      'needs: prepare');
    assert.equal(result('deploy-gated', { [WORKFLOW]: untested }), 0);
    assert.equal(result('deploy-gated', ci('- run: go test ./...\n- run: kubectl apply -f k8s\n', { on: 'on: push' })), 1);
    assert.equal(result('deploy-gated', ci('- run: kubectl apply -f k8s\n- run: go test ./...\n', { on: 'on: push' })), 0);
    const after = (condition: string) => ci('- run: kubectl apply -f k8s\n',
      { on: 'on:\n  workflow_run:\n    workflows: [CI]', job: condition });
    assert.equal(result('deploy-gated', after('')), 0);
    assert.equal(result('deploy-gated', after("    if: github.event.workflow_run.conclusion == 'success'\n")), 1);
    assert.equal(result('deploy-gated', ci('- run: make\n')), null);
  });
  it('deploy-gated asks only where nobody looks first', () => {
    const on = (events: string, job = '') => result('deploy-gated', ci('- run: kubectl apply -f k8s\n', { on: `on: ${events}`, job }));
    assert.equal(on('push'), 0);
    assert.equal(on('[workflow_dispatch, push]'), 0);
    assert.equal(on('workflow_dispatch'), null);
    assert.equal(on('pull_request'), null);
    assert.equal(on('push', '    environment: preview\n'), null);
    assert.equal(on('push', '    environment: github-pages\n'), null);
    const called = { [WORKFLOW]: 'on: push\njobs:\n  ci:\n    uses: o/r/.github/workflows/ci.yml@v1\n  deploy:\n    needs: ci\n    runs-on: x\n    steps: [{run: kubectl apply -f k8s}]\n' };
    assert.equal(result('deploy-gated', called), 1);
  });
});

describe('update-bot, release-automation, dependency-cache', () => {
  const update = (ecosystem: string, dir = '/',
    more = '    cooldown:\n      default-days: 7\n') => `  - package-ecosystem: ${ecosystem}\n    directory: ${dir}\n    schedule:\n      interval: weekly\n${more}`;
  it('update-bot asks for every ecosystem, actions and a cooldown', () => {
    const files = (updates: string): Files => ({ 'package.json': '{}', 'api/go.mod': '', ...ci('- run: make\n'),
      '.github/dependabot.yml': `version: 2\nupdates:\n${updates}` });
    assert.equal(result('update-bot', files(update('npm') + update('gomod', '/api') + update('github-actions'))), 1);
    assert.equal(result('update-bot', files(update('npm') + update('gomod', '/api/') + update('github-actions', '/', ''))),
      (4 + 0.5 * 2 / 3) / 4.5);
    assert.equal(result('update-bot', files(update('npm') + update('gomod', '"/*"') + update('github-actions'))), 1);
    const v = verdict('update-bot', files(update('npm') + update('gomod')))!;
    assert.deepEqual(v.lookedFor, ['github-actions updates', 'gomod updates in /api']);
    assert.equal(result('update-bot', { 'renovate.json': '{"minimumReleaseAge":"3 days"}', 'go.mod': '' }), 1);
    assert.equal(result('update-bot', {}), 0);
  });
  it('names the folders of local actions that use others', () => {
    const plan = practice('update-bot').scaffold!.plan(repository({ ...ci('- run: make\n'),
      '.github/actions/a/action.yml': 'runs:\n  using: composite\n  steps:\n    - uses: actions/cache@v4\n' }));
    assert.ok(!('refused' in plan));
    assert.match(plan.changes[0]!.newText, /package-ecosystem: github-actions\n {4}directories:\n {6}- \/\n {6}- \/.github\/actions\/a\n/);
  });
  it('completes a dependabot.yml without touching what stands', () => {
    const before = `# ours\r\nversion: 2\r\nupdates:\r\n  - package-ecosystem: "npm" # quoted\r\n    directory: "/"\r\n    schedule:\r\n      interval: "daily"\r\n`;
    const files: Files = { 'package.json': '{}', 'go.mod': '', '.github/dependabot.yml': before };
    const plan = practice('update-bot').scaffold!.plan(repository(files));
    assert.ok(!('refused' in plan));
    const text = plan.changes[0]!.newText;
    assert.ok(text.startsWith('# ours\r\nversion: 2\r\nupdates:\r\n  - package-ecosystem: "npm" # quoted\r\n    directory: "/"\r\n    schedule:\r\n      interval: "daily"\r\n'));
    assert.match(text, /package-ecosystem: gomod\r\n/);
    assert.equal(text.match(/default-days: 7/g)!.length, 2);
    assert.equal(text.replaceAll('\r\n', '').includes('\n'), false);
    assert.equal(practice('update-bot').evidence(repository({ ...files, '.github/dependabot.yml': text })).result, 1);
  });
  it('release-automation knows release tools, and no rehearsals', () => {
    const lib: Files = { 'go.mod': '' };
    assert.equal(result('release-automation', { ...lib, ...ci('- uses: goreleaser/goreleaser-action@v6\n',
      { on: 'on:\n  push:\n    tags: ["v*"]' }) }), 1);
    assert.equal(result('release-automation', { ...lib, ...ci('- run: gh release create "$TAG"\n', { on: 'on: workflow_dispatch' }) }), 1);
    assert.equal(result('release-automation', { ...lib, ...ci('- run: npx semantic-release\n', { on: 'on: push' }) }), 1);
    assert.equal(result('release-automation', { ...lib, ...ci('- run: go build\n', { on: 'on: push' }) }), 0);
    assert.equal(result('release-automation', { 'README.md': '' }), null);
  });
  it('dependency-cache looks at jobs that install, and not at releases', () => {
    const node = (with_: string, run = 'npm ci') => ({ ...NODE, ...ci(`- uses: actions/setup-node@v4\n${with_}- run: ${run}\n`) });
    assert.equal(result('dependency-cache', node('')), 0);
    assert.equal(result('dependency-cache', node('  with:\n    cache: npm\n')), 1);
    assert.equal(result('dependency-cache', node('- uses: actions/cache@v4\n  with:\n    path: ~/.npm\n')), 1);
    assert.equal(result('dependency-cache', node('', 'node a.js')), null);
    assert.equal(result('dependency-cache', node('', 'npm ci && npm publish')), null);
    assert.equal(result('dependency-cache', { 'go.mod': '', 'go.sum': '',
      ...ci('- uses: actions/setup-go@v5\n- run: go test ./...\n') }), 1);
    assert.equal(result('dependency-cache', { 'go.mod': '', 'go.sum': '',
      ...ci('- uses: actions/setup-go@v5\n  with:\n    cache: false\n- run: go test ./...\n') }), 0);
  });
});

describe('security-policy, codeowners', () => {
  it('security-policy wants a way to report', () => {
    assert.equal(result('security-policy', {}), 0);
    assert.equal(result('security-policy', { '.github/SECURITY.md': 'Write to security@example.org' }), 1);
    assert.equal(result('security-policy', { 'SECURITY.md': 'We care a lot.' }), 0.5);
  });
  it('codeowners wants an owner for each file of the pipeline', () => {
    const owners = (text: string): Files => ({ ...ci('- run: make\n'), '.github/workflows/b.yml': workflow('- run: make\n'),
      CODEOWNERS: text });
    assert.equal(result('codeowners', owners('* @a')), 1);
    assert.equal(result('codeowners', owners('/src/ @a')), 0);
    assert.equal(result('codeowners', owners('* @a\n.github/workflows/b.yml')), 0.5);
    const plan = practice('codeowners').scaffold!.plan(repository(owners('* @a\n.github/workflows/b.yml')));
    assert.ok(!('refused' in plan));
    assert.equal(plan.changes[0]!.newText, '* @a\n.github/workflows/b.yml\n\n# Changes to the pipeline need a review by:\n/.github/ @a\n');
  });
});
