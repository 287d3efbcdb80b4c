import assert from 'node:assert/strict';
import { createRepository } from '../../../rules/repository';
import { practice, practiceCases, repository, result, workflow, type Files } from './support';

const CI = '.github/workflows/release.yml';
const LIB: Files = { 'package.json': '{"name":"x","version":"1.0.0"}', 'package-lock.json': '{}' };
const RELEASE = { on: 'on:\n  release:\n    types: [published]' };
const lib = (steps: string, extra: Parameters<typeof workflow>[1] = RELEASE): Files => ({ ...LIB, [CI]: workflow(steps, extra) });
const image = (inputs: string): Files => ({ Dockerfile: 'FROM x', [CI]: workflow(`- uses: docker/build-push-action@v6\n  with:\n    push: true\n${inputs}`, RELEASE) });

describe('provenance', () => {
  practiceCases('provenance', {
    met: {
      'an attestation': lib('- uses: actions/attest-build-provenance@v2\n  with:\n    subject-path: dist/*\n'),
      'npm, on the command line': lib('- run: npm publish --provenance --access public\n'),
      'npm, in settings': { ...lib('- run: npm publish\n'), '.npmrc': 'provenance=true\n' },
      'npm, by trusted publishing': lib('- run: npm publish\n', { ...RELEASE, job: '    permissions:\n      id-token: write\n' }),
      'npm, by a script that nobody can read, with an identity': { ...LIB, [CI]: workflow("- uses: actions/setup-node@v4\n  with:\n    registry-url: 'https://registry.npmjs.org'\n- run: npm run ci-publish v1\n",
        { ...RELEASE, job: '    permissions:\n      id-token: write\n' }) },
      'npm, by a script of the repository, with an identity': { ...LIB, [CI]: workflow("- uses: actions/setup-node@v4\n  with:\n    registry-url: https://registry.npmjs.org\n- run: ./tools/packages.sh --publish\n",
        { ...RELEASE, job: '    permissions:\n      id-token: write\n' }) },
      'the SLSA generator': { ...LIB, [CI]: 'on: release\njobs:\n  slsa:\n    uses: slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml@v2.1.0\n' },
      'an image': image('    provenance: mode=max\n'),
    },
    partial: {
      'what BuildKit states by default': image(''),
      'the same on the command line': { Dockerfile: 'FROM x', [CI]: workflow('- run: docker buildx create --use\n- run: docker buildx build --platform linux/amd64,linux/arm64 --push -t acme/x .\n', RELEASE) },
    },
    missing: {
      'an action that goes to npm as well': { 'action.yml': 'runs:\n  using: node24\n  main: dist/a.js\n', ...lib('- run: npm publish\n  env:\n    NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}\n') },
      nothing: LIB,
      'a program in a folder of downloads': { 'main.c': '', [CI]: workflow('- run: make\n- run: aws s3 sync out s3://downloads.example/releases/\n', RELEASE) },
      'an image that each proposal pushes, for the jobs behind it': { Dockerfile: 'FROM x', [CI]: workflow('- uses: docker/build-push-action@v6\n  with:\n    push: true\n    tags: cache.example/x:${{ github.sha }}\n', { on: 'on:\n  pull_request:\n  push:\n    branches: [main]' }) },
      'switched off': image('    provenance: false\n'),
      'switched off on the command line': { Dockerfile: 'FROM x', [CI]: workflow('- run: docker buildx create --use\n- run: docker buildx build --provenance=false --push -t acme/x .\n', RELEASE) },
      'built on the command line and not pushed': { Dockerfile: 'FROM x', [CI]: workflow('- run: docker buildx create --use\n- run: docker buildx build --load -t acme/x .\n', RELEASE) },
      'pushed by the builder of the daemon': { Dockerfile: 'FROM x', [CI]: workflow('- run: docker buildx build --push -t acme/x .\n', RELEASE) },
      'a script that only rehearses': { ...LIB, [CI]: workflow("- uses: actions/setup-node@v4\n  with:\n    registry-url: https://registry.npmjs.org\n- run: ./tools/packages.sh --publish dry-run\n- run: ./tools/packages.sh --check\n",
        { ...RELEASE, job: '    permissions:\n      id-token: write\n' }) },
      'a rehearsal': lib('- run: npm publish --provenance --dry-run\n'),
      'on pull requests': lib('- uses: actions/attest-build-provenance@v2\n', { on: 'on: pull_request' }),
      'never runs': lib('- uses: actions/attest-build-provenance@v2\n  if: false\n'),
      'a bill of materials': lib('- uses: actions/attest@v2\n  with:\n    sbom-path: s.json\n'),
      'a script that publishes with a token': { ...LIB, [CI]: workflow("- uses: actions/setup-node@v4\n  with:\n    registry-url: 'https://registry.npmjs.org'\n- run: npm run ci-publish\n  env:\n    NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}\n",
        { ...RELEASE, job: '    permissions:\n      id-token: write\n' }) },
      'an identity for something else': { ...LIB, [CI]: workflow('- run: npm run publish-docs\n', { ...RELEASE, job: '    permissions:\n      id-token: write\n' }) },
      'a token': lib('- run: npm publish\n  env:\n    NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}\n', { ...RELEASE, job: '    permissions:\n      id-token: write\n' }),
    },
    notApplicable: { 'an action, which is fetched by its tag': { 'action.yml': 'runs:\n  using: node24\n  main: dist/a.js\n', 'package.json': '{"name":"x","version":"1.0.0"}', 'package-lock.json': '{}' },
      'a site that is deployed': { 'main.c': '', [CI]: workflow('- run: make\n- run: aws s3 sync out s3://www.example/\n', RELEASE) },
      'nothing goes to others': { 'Cargo.toml': '[package]\npublish = false\n', 'Cargo.lock': '' } },
  });

  it('does not know what a pipeline that can not be read states of what it signs', () => {
    const repo = createRepository(['.pipelines/templates/sign.yml', '.pipelines/release.yml', 'a.cs'], () => undefined), p = practice('provenance');
    assert.deepEqual([p.applies(repo), p.evidence(repo).result], [true, 'unknown']);
    assert.equal(p.applies(createRepository(['.pipelines/build.yml', 'a.cs'], () => undefined)), false);
  });

  const made = (files: Files): Files => {
    const plan = practice('provenance').scaffold!.plan(repository(files));
    assert.ok(!('refused' in plan), JSON.stringify(plan));
    const after = { ...files, ...Object.fromEntries(plan.changes.map(c => [c.path, c.newText])) };
    assert.equal(result('provenance', after), 1);
    return after;
  };
  it('begins with what is published already', () => {
    assert.match(made(image('    provenance: false\n'))[CI]!, /provenance: mode=max\n/);
    const npm = made(lib('- run: npm publish\n  env:\n    NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}\n'))[CI]!;
    assert.match(npm, /NPM_CONFIG_PROVENANCE: (?:'|")true(?:'|")\n/);
    assert.match(npm, /id-token: write\n/);
  });
  it('builds what can be built, in a job without rights', () => {
    const builds: readonly (readonly [Files, RegExp])[] = [
      [LIB, /npm pack --pack-destination/], [{ 'package.json': '{"name":"x","version":"1.0.0"}', 'pnpm-lock.yaml': '' }, /pnpm pack --pack-destination/],
      [{ 'package.json': '{"name":"x","version":"1.0.0"}', 'yarn.lock': '', '.yarnrc.yml': '' }, /yarn pack --out "\$GITHUB_WORKSPACE\/dist\/package\.tgz"/],
      [{ 'pyproject.toml': '[build-system]\n[project]\n' }, /pipx run build==/], [{ 'pyproject.toml': '[build-system]\n[project]\n', 'uv.lock': '' }, /uv build --out-dir/],
      [{ 'Cargo.toml': '[package]\nname = "x"\n', 'Cargo.lock': '' }, /cargo package --locked/], [{ 'go.mod': '', 'go.sum': '', '.goreleaser.yml': '' }, /go build -trimpath/],
      [{ 'pom.xml': '<distributionManagement>', mvnw: '' }, /\.\/mvnw --batch-mode -DskipTests package/], [{ 'build.gradle.kts': 'plugins { `maven-publish` }', gradlew: '' }, /\.\/gradlew assemble/],
      [{ Gemfile: '', 'x.gemspec': '' }, /gem build \.\/\*\.gemspec/], [{ 'src/x/x.csproj': '<PackageId>x</PackageId>' }, /dotnet pack --configuration Release/],
    ];
    for (const [files, build] of builds) {
      const text = made(files)['.github/workflows/release-build.yml']!;
      assert.match(text, build);
      assert.match(text, /build:\n[^]*?permissions:\n {6}contents: read\n {4}steps:/);
    }
  });
  it('says so where there is nothing that it could build', () => {
    const plan = practice('provenance').scaffold!.plan(repository({ Dockerfile: 'FROM x' }));
    assert.ok('refused' in plan);
    assert.match(plan.refused, /publish it in a workflow first\.$/);
  });
});
