import assert from 'node:assert/strict';
import { commands, judged, planOf, refusalOf } from './judge';
import { createRepository } from '../../../rules/repository';
import { practice, practiceCases, workflow, type Files } from './support';

const WORKFLOW = '.github/workflows/ci.yml';
const ci = (steps: string, extra?: Parameters<typeof workflow>[1]): Files => ({ [WORKFLOW]: workflow(steps, extra) });
const PY: Files = { 'pyproject.toml': '[project]\n', 'a.py': '' }, RUST: Files = { 'Cargo.toml': '[package]\n', 'src/lib.rs': '' };
const TS: Files = { 'package.json': '{}', 'package-lock.json': '{}', 'tsconfig.json': '{}', 'src/a.ts': '' };

describe('documentation-gate', () => {
  practiceCases('documentation-gate', {
    met: {
      interrogate: { ...PY, ...ci('- run: pipx run interrogate==1.7.0 --fail-under 80 src\n') },
      'D rules of Ruff': { 'pyproject.toml': '[project]\nname = "x"\n[tool.ruff.lint]\nselect = [\n  "E",\n  "D",\n]\n', 'a.py': '', ...ci('- run: uvx ruff check\n') },
      'missing_docs denied in the code': { ...RUST, 'src/lib.rs': '#![forbid(unsafe_code)]\n#![deny(missing_docs)]\n', ...ci('- run: cargo build\n') },
      'missing_docs through RUSTDOCFLAGS': { ...RUST, ...ci('- run: cargo doc --no-deps\n  env:\n    RUSTDOCFLAGS: -D missing_docs\n') },
      'lints of Cargo.toml': { ...RUST, 'Cargo.toml': '[workspace.lints.rust]\nmissing_docs = "deny"\n', ...ci('- run: cargo clippy\n') },
      typedoc: { ...TS, ...ci('- run: npx typedoc --validation.notDocumented --treatWarningsAsErrors src\n') },
      '.NET by its settings': { 'app.sln': '', 'src/a.csproj': '<Project/>', 'src/a.cs': '', '.editorconfig': '[*.cs]\ndotnet_diagnostic.CS1591.severity = error\n', ...ci('- run: dotnet test\n') },
      '.NET': { 'a.csproj': '<Project/>', 'a.cs': '', ...ci('- run: dotnet build -p:GenerateDocumentationFile=true -warnaserror:CS1591\n') },
    },
    partial: 'there is a limit, or none',
    missing: {
      '.NET, where nothing is compiled for pull requests': { 'app.sln': '', 'src/a.csproj': '<Project/>', 'src/a.cs': '', '.editorconfig': 'dotnet_diagnostic.CS1591.severity = error\n', ...ci('- run: echo later\n') },
      '.NET, as a suggestion': { 'app.sln': '', 'src/a.csproj': '<Project/>', 'src/a.cs': '', '.editorconfig': 'dotnet_diagnostic.CS1591.severity = suggestion\n', ...ci('- run: dotnet test\n') },
      'documentation is only built': { ...RUST, ...ci('- run: cargo doc --no-deps\n') },
      'typedoc without validation': { ...TS, ...ci('- run: npx typedoc src\n') },
      'can not fail': { ...PY, ...ci('- run: interrogate --fail-under 80 . || true\n') },
      'after the merge': { ...PY, ...ci('- run: interrogate --fail-under 80 .\n', { on: 'on:\n  push:\n    branches: [main]' }) },
      'links and spelling': { ...PY, ...ci('- uses: lycheeverse/lychee-action@v2\n- run: codespell docs\n') },
      'a project at the root beside many scripts': { ...PY, 'ci/a.sh': '', 'ci/b.sh': '', 'ci/c.sh': '', 'ci/d.sh': '', 'ci/e.sh': '', 'ci/f.sh': '' },
      'called so': { ...PY, ...ci('- name: docs coverage (interrogate)\n  run: mkdocs build\n') },
    },
    notApplicable: { 'no such language': { 'composer.json': '{}', 'a.php': '' }, 'JavaScript without types': { 'package.json': '{}', 'a.js': '' },
      'a helper in another language': { 'a.c': '', 'b.c': '', 'c.c': '', 'utils/requirements.txt': '', 'utils/a.py': '' },
      'a helper among scripts': { 'a.sh': '', 'b.sh': '', 'c.sh': '', 'utils/requirements.txt': '', 'utils/a.py': '' } },
  });

  it('does not know what settings of .NET say that can not be read', () => {
    const files = ci('- run: dotnet test\n'), of = (extra: string) => practice('documentation-gate').evidence(createRepository(['app.sln', 'src/a.csproj', 'src/a.cs', WORKFLOW, extra], f => files[f])).result;
    assert.deepEqual([of('Directory.Build.props'), of('README.md')], ['unknown', 0]);
  });

  it('adds the job that fits the language', async () => {
    assert.match(commands(await judged('documentation-gate', PY)).at(-1)!, /interrogate==1\.7\.0 --fail-under 80/);
    assert.match(await judged('documentation-gate', RUST), /RUSTDOCFLAGS: -D missing_docs/);
    assert.match(commands(await judged('documentation-gate', TS)).at(-1)!, /typedoc@[\d.]+ .*--validation\.notDocumented --treatValidationWarningsAsErrors/);
    assert.match(commands(await judged('documentation-gate', { 'a.csproj': '', 'a.cs': '' })).at(-1)!, /CS1591/);
    assert.match(commands(await judged('documentation-gate', { 'pom.xml': '', mvnw: '', 'src/main/java/A.java': '' })).at(-1)!, /^\.\/mvnw .*-Ddoclint=all -DfailOnWarnings=true/);
    assert.match(commands(await judged('documentation-gate', { 'go.mod': '', 'a.go': '' })).at(-1)!, /revive@v[\d.]+ -set_exit_status/);
    assert.deepEqual(planOf('documentation-gate', { 'go.mod': '', 'a.go': '' }).changes.map(c => c.path), [WORKFLOW, '.github/revive-docs.toml']);
  });
  it('refuses where nothing could be measured', () => assert.match(refusalOf('documentation-gate', { 'a.php': '' }), /There is no Python, Rust/));
});
