import assert from 'node:assert/strict';
import { createRepository, matchesOwnerPattern, ownerRule, parseCodeowners, repoFacts } from '../../../rules/repository';

type Files = Readonly<Record<string, string | undefined>>;
const repo = (files: Files, previous?: ReturnType<typeof createRepository>) => createRepository(Object.keys(files), p => files[p],
  previous);
const CI = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n';

describe('repository index', () => {
  it('knows names, reads contents, and tells unknown from missing', () => {
    const r = repo({ 'b.txt': 'B', 'a.txt': undefined, '.github/workflows/ci.yml': CI, '.github/dependabot.yml': 'version: 2\n',
      'tool/action.yml': 'runs: {using: composite}\n' });
    assert.deepEqual(r.files, ['.github/dependabot.yml', '.github/workflows/ci.yml', 'a.txt', 'b.txt', 'tool/action.yml']);
    assert.equal(r.has('a.txt'), true);
    assert.equal(r.read('a.txt'), undefined);
    assert.equal(r.has('c.txt'), false);
    assert.equal(r.read('.\\b.txt'.replace('.\\', './')), 'B');
    assert.deepEqual(r.documents.map(d => `${d.kind} ${d.path}`),
      ['dependabot .github/dependabot.yml', 'workflow .github/workflows/ci.yml', 'action tool/action.yml']);
    assert.equal(r.document('b.txt'), undefined);
  });

  it('keeps what did not change', () => {
    const first = repo({ '.github/workflows/ci.yml': CI, '.github/workflows/x.yml': CI });
    const before = first.documents.map(d => d);
    const second = repo({ '.github/workflows/ci.yml': CI, '.github/workflows/x.yml': CI + '# more\n' }, first);
    assert.equal(second.document('.github/workflows/ci.yml'), before[0]);
    assert.notEqual(second.document('.github/workflows/x.yml'), before[1]);
    assert.equal(second.document('.github/workflows/x.yml')!.text, CI + '# more\n');
  });

  it('tells the stack again only when names or manifests change', () => {
    const first = repo({ 'package.json': '{"scripts":{"test":"a"}}', 'a.ts': '' }), stack = repoFacts(first).stack;
    const same = repo({ 'package.json': '{"scripts":{"test":"a"}}', 'a.ts': 'changed' }, first);
    assert.equal(repoFacts(same).stack, stack);
    assert.equal(repoFacts(repo({ 'package.json': '{"scripts":{"test":"b"}}', 'a.ts': '' }, same)).stack.packages.get('')!.scripts.test,
      'b');
    assert.equal(repoFacts(repo({ 'package.json': '{}', 'b.py': '' }, same)).stack.languages.has('python'), true);
  });

  it('takes Windows names and unreadable documents', () => {
    const r = createRepository(['.github\\workflows\\ci.yml', '.github/workflows/gone.yml'], p => p.endsWith('ci.yml') ? CI : undefined);
    assert.deepEqual(r.documents.map(d => d.path), ['.github/workflows/ci.yml']);
    assert.equal(r.has('.github/workflows/gone.yml'), true);
  });
});

describe('stack detection', () => {
  const stack = (files: readonly string[] | Files) =>
    repoFacts(Array.isArray(files) ? createRepository(files, () => undefined) : repo(files as Files)).stack;
  const projects = (files: readonly string[] | Files) => stack(files).projects.map(p => `${p.ecosystem}/${p.manager} /${p.dir}${p.member ? ' member' : ''}${p.lockfile ? ' locked' : ''}`);

  it('tells package managers by their lockfiles', () => {
    assert.deepEqual(projects(['package.json', 'package-lock.json']), ['npm/npm / locked']);
    assert.deepEqual(projects(['package.json', 'pnpm-lock.yaml', 'packages/a/package.json']),
      ['npm/pnpm / locked', 'npm/pnpm /packages/a member locked']);
    assert.deepEqual(projects(['web/package.json', 'web/yarn.lock']), ['npm/yarn /web locked']);
    assert.deepEqual(projects(['package.json', 'bun.lock']), ['bun/bun / locked']);
    assert.deepEqual(projects({ 'package.json': '{"packageManager":"pnpm@9.1.0"}' }), ['npm/pnpm /']);
    assert.deepEqual(projects(['pyproject.toml', 'uv.lock']), ['uv/uv / locked']);
    assert.deepEqual(projects(['pyproject.toml', 'poetry.lock', 'requirements.txt']), ['pip/poetry / locked']);
    assert.deepEqual(projects(['requirements.txt']), ['pip/pip /']);
    assert.deepEqual(projects({ 'pyproject.toml': '[tool.black]\nline-length = 100\n' }), []);
    assert.deepEqual(projects({ 'pyproject.toml': '[tool.black]\nline-length = 100\n', 'requirements.txt': 'x' }), ['pip/pip /']);
    assert.deepEqual(projects({ 'pyproject.toml': '[tool.black]\n[project]\nname = "x"\n' }), ['pip/pip /']);
    assert.deepEqual(projects({ 'docs/pyproject.toml': '[project]\nname = "pages"\n' }), ['pip/pip /docs']);
    assert.deepEqual(projects(['pyproject.toml', 'docs/settings/isort/pyproject.toml', 'tools/pyproject.toml']), ['pip/pip /', 'pip/pip /tools']);
    assert.deepEqual(projects(['go.mod', 'go.sum', 'tools/go.mod']), ['gomod/go / locked', 'gomod/go /tools']);
    assert.deepEqual(projects(['Cargo.toml', 'Cargo.lock', 'crates/a/Cargo.toml']),
      ['cargo/cargo / locked', 'cargo/cargo /crates/a member locked']);
    assert.deepEqual(projects(['pom.xml', 'core/pom.xml']), ['maven/maven /', 'maven/maven /core member']);
    assert.deepEqual(projects(['settings.gradle.kts', 'app/build.gradle.kts']), ['gradle/gradle /app member']);
    assert.deepEqual(projects(['A.sln', 'src/A/A.csproj']), ['nuget/dotnet /', 'nuget/dotnet /src/A member']);
    assert.deepEqual(projects(['native.sln', 'native.cpp']), []);
    assert.deepEqual(projects(['Gemfile', 'composer.json', 'Package.swift']),
      ['bundler/bundler /', 'swift/swift /', 'composer/composer /']);
  });

  it('leaves out what is vendored, tried out, or a helper of the pipeline', () => {
    assert.deepEqual(projects(['node_modules/a/package.json', 'vendor/b/go.mod', 'test/fixtures/package.json', 'examples/x/Cargo.toml',
      '.github/tool/go.mod']), []);
    const s = stack(['examples/Dockerfile', 'Dockerfile', 'deploy/api.Dockerfile', 'Dockerfile.dockerignore', 'vendor/x.py', 'a.py',
      'vite.config.ts']);
    assert.deepEqual(s.dockerfiles, ['Dockerfile', 'deploy/api.Dockerfile']);
    assert.deepEqual([...s.languages], [['python', 1]]);
  });

  it('finds tests, front ends, migrations and Terraform', () => {
    const s = stack(['a/b_test.go', 'tests/test_x.py', 'src/__tests__/y.ts', 'src/z.spec.tsx', 'lib/contest.py', 'infra/main.tf',
      'migrations/001.sql', 'src/app.vue']);
    assert.deepEqual(s.testFiles, ['a/b_test.go', 'src/__tests__/y.ts', 'src/z.spec.tsx', 'tests/test_x.py']);
    assert.deepEqual([s.terraform, s.migrations], [['infra/main.tf'], ['migrations/001.sql']]);
    assert.ok(s.frontend.includes('src/app.vue'));
  });

  it('reads package.json where it can and survives what is none', () => {
    const s = stack({ 'package.json': '\uFEFF{"scripts":{"test":"mocha","x":1},"devDependencies":{"mocha":"1"}}', 'b/package.json': '{',
      'c/package.json': '[]' });
    assert.deepEqual([...s.packages.keys()], ['']);
    assert.deepEqual(s.packages.get('')!.scripts, { test: 'mocha' });
    assert.ok(s.packages.get('')!.dependencies.has('mocha'));
  });
});

describe('CODEOWNERS', () => {
  it('matches as GitHub does', () => {
    const yes: [string, string][] = [['*', 'a/b/c'], ['*.js', 'a/b.js'], ['/build/', 'build/x/y'], ['docs/*', 'docs/a.md'],
      ['apps/', 'x/apps/y'], ['/docs/', 'docs/a'],
      ['**/logs', 'a/logs/b'], ['/.github', '.github/workflows/ci.yml'], ['.github/', '.github/workflows/ci.yml'],
        ['.github/**', '.github/workflows/ci.yml'],
      ['/.github/workflows/*.yml', '.github/workflows/ci.yml'], ['a/**/z', 'a/b/c/z'], ['/', 'x']];
    const no: [string, string][] = [['docs/*', 'docs/a/b.md'], ['/build/', 'x/build/y'], ['/build/', 'build'], ['*.js', 'a/b.ts'],
      ['/.github/workflows/*.yaml', '.github/workflows/ci.yml'],
      ['a/**/z', 'a/b/c'], ['workflow', '.github/workflows/ci.yml']];
    for (const [p, f] of yes) assert.ok(matchesOwnerPattern(p, f), `${p} should match ${f}`);
    for (const [p, f] of no) assert.ok(!matchesOwnerPattern(p, f), `${p} should not match ${f}`);
  });

  it('lets the last line win, also when it takes owners away', () => {
    const text = '# who\r\n* @org/all # everybody\r\n.github/ @org/platform\n.github/notes\nbad/ not-an-owner\n';
    const rules = parseCodeowners(text);
    assert.deepEqual(rules.map(r => [r.pattern, r.owners]), [['*', ['@org/all']], ['.github/', ['@org/platform']], ['.github/notes', []],
      ['bad/', []]]);
    assert.deepEqual(ownerRule(rules, '.github/workflows/ci.yml')!.owners, ['@org/platform']);
    assert.deepEqual(ownerRule(rules, '.github/notes/x')!.owners, []);
    assert.equal(text.slice(rules[0]!.start, rules[0]!.end), '* @org/all # everybody');
  });

  it('reads the first of the three places', () => {
    assert.equal(repoFacts(repo({ 'docs/CODEOWNERS': '* @a', CODEOWNERS: '* @b' })).codeowners!.path, 'CODEOWNERS');
    assert.equal(repoFacts(repo({ '.github/CODEOWNERS': undefined })).codeowners!.rules, undefined);
    assert.equal(repoFacts(repo({})).codeowners, undefined);
  });

  it('takes linear time for stars without end', () => {
    assert.equal(matchesOwnerPattern('*a'.repeat(500) + 'b', 'a'.repeat(5000)), false);
    assert.equal(matchesOwnerPattern('**/'.repeat(200) + 'x', 'a/'.repeat(400) + 'y'), false);
  });
});
