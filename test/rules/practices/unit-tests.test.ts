import assert from 'node:assert/strict';
import { commands, judged, refusalOf } from './judge';
import { practiceCases, result, verdict, workflow, type Files } from './support';

const WORKFLOW = '.github/workflows/ci.yml';
const NODE: Files = { 'package.json': '{"scripts":{"test":"mocha"}}', 'package-lock.json': '{}', 'a.js': '' };
const ci = (steps: string, extra?: Parameters<typeof workflow>[1]): Files => ({ [WORKFLOW]: workflow(steps, extra) });

const ACTION = (steps: string): string => `runs:\n  using: composite\n  steps:\n${steps.replace(/^(?=.)/gm, '    ')}`;

/** Every stack, with the commands of the job that is added. */
const STACKS: Readonly<Record<string, readonly [Files, readonly RegExp[]]>> = {
  npm: [NODE, [/^npm ci$/, /^npm test$/]],
  'npm without a lockfile': [{ 'package.json': '{"scripts":{"test":"mocha"}}', 'a.js': '' }, [/^npm install$/, /^npm test$/]],
  pnpm: [{ 'package.json': '{"scripts":{"test":"vitest run"}}', 'pnpm-lock.yaml': '', 'a.ts': '' }, [/^corepack enable$/, /^pnpm install --frozen-lockfile$/, /^pnpm test$/]],
  yarn: [{ 'package.json': '{"scripts":{"test":"jest"}}', 'yarn.lock': '', 'a.ts': '' }, [/^yarn install --frozen-lockfile$/, /^yarn test$/]],
  'yarn berry': [{ 'package.json': '{"scripts":{"test":"jest"}}', 'yarn.lock': '', '.yarnrc.yml': '', 'a.ts': '' }, [/^corepack enable$/, /^yarn install --immutable$/, /^yarn test$/]],
  bun: [{ 'package.json': '{"scripts":{"test":"bun test"}}', 'bun.lock': '', 'a.ts': '' }, [/^bun install --frozen-lockfile$/, /^bun test$/]],
  pip: [{ 'requirements.txt': 'pytest==8\n', 'a.py': '', 'tests/test_a.py': '' }, [/^python -m pip install --requirement requirements\.txt$/, /^python -m pytest$/]],
  'pip with hashes': [{ 'requirements.txt': 'x==1 --hash=sha256:00\n', 'conftest.py': '', 'a.py': '' }, [/--require-hashes/, /^python -m pip install pytest==/, /^python -m pytest$/]],
  unittest: [{ 'requirements.txt': 'x==1\n', 'a.py': '', 'test/test_a.py': '' }, [/^python -m pip install/, /^python -m unittest$/]],
  Django: [{ 'manage.py': '', 'requirements.txt': 'django==5\n', 'shop/models.py': '' }, [/^python -m pip install/, /^python manage\.py test$/]],
  poetry: [{ 'pyproject.toml': '[tool.poetry]\n# pytest\n', 'poetry.lock': '', 'a.py': '' }, [/^pipx install poetry==/, /^poetry sync$/, /^poetry run pytest$/]],
  pipenv: [{ Pipfile: 'pytest = "*"', 'Pipfile.lock': '{}', 'a.py': '' }, [/ sync --dev$/, / run pytest$/]],
  uv: [{ 'pyproject.toml': 'pytest', 'uv.lock': '', 'a.py': '' }, [/^uv sync --locked$/, /^uv run pytest$/]],
  Go: [{ 'go.mod': '', 'go.sum': '', 'a.go': '' }, [/^go test \.\/\.\.\.$/]],
  Rust: [{ 'Cargo.toml': '', 'Cargo.lock': '', 'src/lib.rs': '' }, [/^cargo test --workspace --locked$/]],
  Maven: [{ 'pom.xml': '', mvnw: '', 'src/main/java/A.java': '' }, [/^\.\/mvnw --batch-mode verify$/]],
  Gradle: [{ 'build.gradle.kts': '', 'src/main/kotlin/A.kt': '' }, [/^gradle check$/]],
  '.NET': [{ 'a.sln': '', 'a/a.csproj': '', 'a/a.cs': '' }, [/^dotnet test$/]],
  Ruby: [{ Gemfile: '', 'Gemfile.lock': '', 'spec/a_spec.rb': '', 'a.rb': '' }, [/^bundle exec rspec$/]],
  Rails: [{ Gemfile: '', 'bin/rails': '', 'test/a_test.rb': '', 'app/a.rb': '' }, [/^bin\/rails test$/]],
  PHP: [{ 'composer.json': '{}', 'src/a.php': '' }, [/^composer install/, /^vendor\/bin\/phpunit$/]],
  Pest: [{ 'composer.json': '{"require-dev":{"pestphp/pest":"3"}}', 'src/a.php': '' }, [/^composer install/, /^vendor\/bin\/pest$/]],
  Swift: [{ 'Package.swift': '', 'Sources/a.swift': '' }, [/^swift test$/]],
};

describe('unit-tests', () => {
  practiceCases('unit-tests', {
    met: {
      'a script': { ...NODE, ...ci('- run: npm test\n') },
      'Vitest, called by itself': { ...NODE, ...ci('- run: npx vitest run\n') },
      'Node’s own runner of scripts': { ...NODE, ...ci('- run: node --run test\n') },
      'inside a container that has been started': { 'a.py': '', ...ci('- run: docker compose up -d\n- run: docker compose --file ci.yml run --rm app pytest\n') },
      'pipx with a version': { 'a.py': '', ...ci('- run: pipx run tox==4.0\n') },
      'environments of tox': { 'a.py': '', ...ci('- run: tox run -e py312,lint\n') },
      'an environment of tox that is computed': { 'a.py': '', ...ci('- run: tox -e "$TOXENV"\n') },
      'a script whose name is computed': { 'a.py': '', ...ci('- name: Run tests\n  run: ./scripts/run.${{ matrix.ext }}\n') },
      'a local action that tests': { 'a.go': '', 'tools/test/action.yml': ACTION('- shell: bash\n  run: ./tools/all.sh\n'), ...ci('- uses: ./tools/test\n') },
      'an action that runs itself': { 'action.yml': 'runs:\n  using: node24\n  main: a.js\n', 'a.js': '', ...ci('- uses: ./\n') },
    },
    partial: 'tests run, or don’t',
    missing: {
      'a script that generates something for tests': { 'a.py': '', ...ci('- name: testprep\n  run: ./ci/gen-test-data.sh\n'), 'ci/gen-test-data.sh': '' },
      'a check of how it is written': { 'a.ts': '', 'package.json': '{}', ...ci('- run: npm run check-format\n- run: make check-types\n') },
      'a benchmark': { 'a.ts': '', ...ci('- run: npm run test:benchmark\n') },
      'can not fail': { ...NODE, ...ci('- run: npm test || true\n') },
      'after the merge': { ...NODE, ...ci('- run: npm test\n', { on: 'on:\n  push:\n    branches: [main]' }) },
      'skipped': { ...NODE, ...ci("- if: github.event_name == 'push'\n  run: npm test\n") },
      'called so': { ...NODE, ...ci('- name: Test\n  run: echo npm test\n') },
      'compiled, listed and divided, not run': { 'go.mod': '', 'a.go': '', 'Cargo.toml': '', 'src/lib.rs': '',
        ...ci('- run: go test -c -o /dev/null ./...\n- run: go test -list . ./...\n- run: cargo test --no-run\n- uses: octo-org/go-test-split-action@v2\n') },
      'sessions for something else': { 'a.py': '', ...ci('- run: tox -e lint\n- run: tox -e run_self\n- run: tox -e generate_schema\n- run: nox -s docs\n- run: tox list\n- run: nox --list\n') },
      'an action that only prepares, whatever it is called': { 'a.go': '', 'tools/test-setup/action.yml': ACTION('- name: Install the browser\n  shell: bash\n  run: ./tools/browser.sh --fetch\n- uses: actions/setup-go@v6\n'),
        ...ci('- name: Run common test steps\n  uses: ./tools/test-setup\n') },
      'load on a service': { 'a.js': '', ...ci('- uses: grafana/run-k6-action@v1\n  with:\n    path: load.js\n') },
      'questions of PowerShell': { 'a.ps1': '', 'b.cs': '', ...ci('- shell: pwsh\n  run: |\n    if (-not (Test-Path out)) { exit 1 }\n    Test-MergeMarker -File a.txt\n') },
      'the shell’s test, in brackets': { ...NODE, ...ci('- name: Test\n  run: |\n    if [ ! -f package.json ]; then\n      exit 1\n    fi\n') },
      'the shell’s test': { ...NODE, ...ci('- run: test -f package.json\n') },
    },
    notApplicable: { prose: { 'README.md': '' } },
  });

  it('names what an action does, and not the call of it besides', () => {
    const files: Files = { 'a.go': '', 'tools/test/action.yml': ACTION('- shell: bash\n  run: go test ./...\n'), ...ci('- uses: ./tools/test\n') };
    assert.deepEqual(verdict('unit-tests', files)!.evidence.map(e => `${e.path}: ${e.text}`), ['tools/test/action.yml: go runs on pull requests and can fail']);
  });
  for (const [name, [files, wanted]] of Object.entries(STACKS)) {
    it(`adds a job for ${name}`, async () => {
      const done = commands(await judged('unit-tests', files));
      assert.equal(done.length, wanted.length, done.join('\n'));
      wanted.forEach((w, i) => assert.match(done[i]!, w));
    });
  }
  it('refuses where nothing says how', () => {
    assert.match(refusalOf('unit-tests', { 'package.json': '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}', 'a.js': '' }), /no test script in package\.json/);
    assert.match(refusalOf('unit-tests', { 'a.c': '' }), /No package manifest/);
  });
  it('applies by what is there', () => assert.equal(result('unit-tests', { 'Package.swift': '' }), 0));
});
