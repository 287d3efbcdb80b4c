import assert from 'node:assert/strict';
import { commands, judged, refusalOf } from './judge';
import { createRepository } from '../../../rules/repository';
import { practice, practiceCases, result, workflow, type Files } from './support';

const WORKFLOW = '.github/workflows/ci.yml';
const APP: Files = { 'package.json': '{"scripts":{"build":"vite build","size":"size-limit"}}', 'package-lock.json': '{}', 'a.ts': '' };
const ci = (steps: string, extra?: Parameters<typeof workflow>[1]): Files => ({ [WORKFLOW]: workflow(steps, extra) });
const BUILD = '- run: npm run build\n  timeout-minutes: 5\n';

describe('build-budget', () => {
  practiceCases('build-budget', {
    met: {
      'a limit of each kind': { ...APP, ...ci(`${BUILD}- run: npm run size\n`) },
      'the job’s own limit': { ...APP, ...ci('- run: npm run build\n- run: npx size-limit\n', { job: '    timeout-minutes: 10\n' }) },
      'a comparison in a script': { ...APP, ...ci(`${BUILD}- run: |\n    size=$(du -sb dist | cut -f1)\n    if [ "$size" -gt 100000000 ]; then exit 1; fi\n`) },
      'Angular’s budgets': { ...APP, 'angular.json': '{"budgets":[{"type":"initial","maximumError":"1mb"}]}', ...ci('- run: timeout 300 npm run build\n') },
    },
    partial: {
      'time alone': { ...APP, ...ci(BUILD) },
      'size alone': { ...APP, ...ci('- run: npm run build\n- run: npx bundlewatch\n') },
    },
    missing: {
      'a limit of an hour': { ...APP, ...ci('- run: npm run build\n', { job: '    timeout-minutes: 60\n' }) },
      'sizes that are printed': { ...APP, ...ci('- run: npm run build\n- run: du -sh dist\n') },
      'comments': { ...APP, ...ci('- run: npm run build\n- uses: preactjs/compressed-size-action@v2\n') },
      'can not fail': { ...APP, ...ci('- run: npm run build\n- run: npx size-limit || true\n') },
      'after the merge': { ...APP, ...ci(`${BUILD}- run: npx size-limit\n`, { on: 'on:\n  push:\n    branches: [main]' }) },
      'called so': { ...APP, ...ci('- name: Build budget\n  run: echo size-limit\n') },
    },
    notApplicable: { 'nothing is built': { 'requirements.txt': '', 'a.py': '' } },
  });

  it('needs an output for its own script to count', () => {
    assert.equal(result('build-budget', { ...APP, ...ci('- run: bash .github/scripts/build-budget.sh --seconds 300 -- npm run build\n') }), 0.5);
  });
  it('builds each stack within the budget', async () => {
    const build = async (files: Files): Promise<string> => commands(await judged('build-budget', files)).at(-1)!;
    assert.match(await build(APP), /--seconds 300 --megabytes 100 --output dist -- npm run build$/);
    assert.match(await build({ 'web/package.json': '{"scripts":{"build":"next build"}}', 'web/yarn.lock': '', 'web/a.ts': '' }), /^bash \.\.\/\.github\/scripts\/build-budget\.sh .*--output \.next -- yarn run build$/);
    assert.match(await build({ 'go.mod': '', 'a.go': '' }), /--output bin -- go build -o bin\/ \.\/\.\.\.$/);
    assert.match(await build({ 'Cargo.toml': '[package]\nname = "tool"\n', 'src/main.rs': '' }), /--output target\/release\/tool -- cargo build --release$/);
    assert.match(await build({ 'Cargo.toml': '[package]\nname = "lib"\n', 'src/lib.rs': '' }), /--output target\/package -- cargo package$/);
    assert.match(await build({ 'pom.xml': '', 'src/main/java/A.java': '' }), /--output target -- mvn --batch-mode package -DskipTests$/);
    assert.match(await build({ 'build.gradle': '', gradlew: '', 'src/main/java/A.java': '' }), /--output build -- \.\/gradlew assemble$/);
    assert.match(await build({ 'a.csproj': '', 'a.cs': '' }), /--output out -- dotnet publish/);
  });
  it('goes by what CI calls where the manifest can’t be read', () => {
    const of = (steps: string, job: string): number | 'unknown' | null => {
      const files: Files = { 'package.json': '', 'package-lock.json': '', 'a.ts': '', ...ci(steps, { job }) }, p = practice('build-budget');
      const repo = createRepository(Object.keys(files), f => f === 'package.json' ? undefined : files[f]);
      return p.applies(repo) ? p.evidence(repo).result : null;
    };
    assert.equal(of('- run: pnpm run build\n', '    timeout-minutes: 10\n'), 0.5);
    assert.equal(of('- run: pnpm run build\n', ''), 0);
    assert.equal(of('- run: pnpm run test\n', '    timeout-minutes: 10\n'), null);
  });
  it('refuses where no manifest says what is built', () => assert.match(refusalOf('build-budget', { 'CMakeLists.txt': '', 'a.c': '' }), /No manifest/));
});
