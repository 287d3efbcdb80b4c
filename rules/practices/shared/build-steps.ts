/** How a package is built for a release: from scratch, without caches, into `dist` at the root of the checkout. */
import { repoFacts, type Manager, type Project, type Repository } from '../../repository';
import { pin, runStep, yamlText } from './snippets';

type Maker = (p: Project, repo: Repository) => readonly string[];

const at = (p: Project, name: string): string => p.dir === '' ? name : `${p.dir}/${name}`;
/** Where packages go, seen from the project's folder. */
const DIST = '"$GITHUB_WORKSPACE/dist"';
const into = (pattern: string): string => `mkdir -p ${DIST} && cp ${pattern} ${DIST}`;

function uses(name: string, action: string, inputs: readonly string[]): string[] {
  return [`  - name: ${name}`, `    uses: ${pin(action).text}`, ...(inputs.length > 0 ? ['    with:', ...inputs.map(i => `      ${i}`)] : [])];
}

function version(p: Project, repo: Repository, files: readonly string[], input: string, fallback: string): string {
  const file = files.map(f => at(p, f)).find(f => repo.has(f)) ?? files.find(f => repo.has(f));
  return file ? `${input}-file: ${yamlText(file)}` : fallback;
}

const node: Maker = (p, repo) => {
  const pkg = repoFacts(repo).stack.packages.get(p.dir), berry = p.manager === 'yarn' && repo.has(at(p, '.yarnrc.yml'));
  const install = !p.lockfile ? `${p.manager} install` : p.manager === 'npm' ? 'npm ci'
    : `${p.manager} install ${berry ? '--immutable' : '--frozen-lockfile'}`;
  const pack = p.manager === 'yarn' ? `yarn pack ${berry ? '--out' : '--filename'} "$GITHUB_WORKSPACE/dist/package.tgz"` : `${p.manager} pack --pack-destination ${DIST}`;
  return [
    ...uses('Set up Node.js', 'actions/setup-node', [version(p, repo, ['.nvmrc', '.node-version'], 'node-version', 'node-version: 24'), 'package-manager-cache: false']),
    ...(p.manager === 'npm' ? [] : runStep(`Enable ${p.manager}`, ['corepack enable'])),
    ...runStep('Install dependencies', [install], p.dir),
    ...(pkg?.scripts.build === undefined ? [] : runStep('Build', [`${p.manager} run build`], p.dir)),
    ...runStep('Pack', [`mkdir -p ${DIST}`, pack], p.dir),
  ];
};

const python: Maker = (p, repo) => p.manager === 'uv'
  ? [...uses('Set up uv', 'astral-sh/setup-uv', ['enable-cache: false']), ...runStep('Build', [`uv build --out-dir ${DIST}`], p.dir)]
  : [...uses('Set up Python', 'actions/setup-python', [version(p, repo, ['.python-version'], 'python-version', "python-version: '3.13'")]),
    ...runStep('Build', [`pipx run build==1.2.2 --outdir ${DIST} .`], p.dir)];

const java = (tool: 'maven' | 'gradle'): Maker => (p, repo) => {
  const wrapper = tool === 'maven' ? 'mvnw' : 'gradlew', command = repo.has(at(p, wrapper)) ? `./${wrapper}` : tool === 'maven' ? 'mvn' : 'gradle';
  return [
    ...uses('Set up Java', 'actions/setup-java', ['distribution: temurin', version(p, repo, ['.java-version'], 'java-version', "java-version: '21'")]),
    ...runStep('Build', [tool === 'maven' ? `${command} --batch-mode -DskipTests package` : `${command} assemble`, into(tool === 'maven' ? 'target/*.jar' : 'build/libs/*.jar')], p.dir),
  ];
};

const MAKERS: Readonly<Partial<Record<Manager, Maker>>> = {
  npm: node, pnpm: node, yarn: node, pip: python, poetry: python, pipenv: python, uv: python, maven: java('maven'), gradle: java('gradle'),
  go: p => [...uses('Set up Go', 'actions/setup-go', [`go-version-file: ${yamlText(p.manifest)}`, 'cache: false']),
    ...runStep('Build', [`mkdir -p ${DIST}`, 'go build -trimpath -o "$GITHUB_WORKSPACE/dist/" ./...'], p.dir)],
  cargo: p => runStep('Build', [`cargo package${p.lockfile ? ' --locked' : ''}`, into('target/package/*.crate')], p.dir),
  dotnet: (p, repo) => [...uses('Set up .NET', 'actions/setup-dotnet', [repo.has('global.json') ? 'global-json-file: global.json' : 'dotnet-version: 8.0.x']),
    ...runStep('Build', [`dotnet pack --configuration Release --output ${DIST}`], p.manifest.includes('/') ? p.dir : '')],
  bundler: (p, repo) => [...uses('Set up Ruby', 'ruby/setup-ruby', [
    ...(['.ruby-version', '.tool-versions', 'mise.toml'].some(f => repo.has(at(p, f))) ? [] : ["ruby-version: '3.4'"]),
    ...(p.dir === '' ? [] : [`working-directory: ${yamlText(p.dir)}`])]),
    ...runStep('Build', ['gem build ./*.gemspec', into('./*.gem')], p.dir)],
};

/** Steps behind a checkout that build the package; undefined where nothing is known of its tools. */
export function buildSteps(p: Project, repo: Repository): readonly string[] | undefined {
  return MAKERS[p.manager]?.(p, repo);
}
