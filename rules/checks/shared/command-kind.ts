import type { JobKind } from './kinds';
import { nameKinds } from './name-kind';
import { unshared } from '../../workflow/unshared';

/** Words of a command; undefined where one is known only at run time. */
export type Argv = readonly (string | undefined)[];

const set = (names: string): ReadonlySet<string> => new Set(names.trim().split(/\s+/));

/** Programs that have one purpose, whatever their arguments. */
const PROGRAMS: readonly (readonly [JobKind, ReadonlySet<string>])[] = [
  ['test', set('pytest py.test jest vitest mocha ava karma phpunit rspec ctest bats behat unittest nosetests gotestsum cucumber minitest tap nyc c8 k6 newman xctest pest ginkgo')],
  ['lint', set(`eslint ruff flake8 pylint mypy pyright pyre rubocop golangci-lint gofmt shellcheck yamllint hadolint actionlint markdownlint markdownlint-cli2 stylelint clang-tidy
    ktlint swiftlint oxlint tflint ansible-lint codespell typos phpstan psalm phpcs commitlint vale staticcheck pydocstyle standard xo jshint ec cspell kubeconform kubeval
    yamlfmt taplo dprint shfmt nixfmt alejandra gersemi cmake-format goimports gci php-cs-fixer pint rector sqlfluff djlint markdown-link-check lychee htmlproofer textlint vulture
    deptry knip publint attw check-jsonschema yamale deadcode`)],
  ['scan', set('semgrep bandit gosec gitleaks trufflehog checkov tfsec kics osv-scanner pip-audit govulncheck zizmor poutine bundle-audit bundler-audit nuclei sonar-scanner grype scorecard')],
  ['build', set('sphinx-build build pyproject-build')],
  ['notify', set('sendmail mail')],
];
const BY_PROGRAM = new Map<string, JobKind>();
for (const [kind, names] of PROGRAMS) for (const name of names) BY_PROGRAM.set(name, kind);

/** `program words…` that count where the arguments begin with these words, options between them left out. */
const PHRASES: readonly (readonly [JobKind, string])[] = [
  ['test', 'go test|cargo test|cargo nextest|dotnet test|swift test|bazel test|bazelisk test|deno test|flutter test|dart test|mix test|rails test|zig test|bun test|sbt test|stack test|cabal test|meson test|coverage run|node --test|composer test|forge test|helm unittest|terraform test|tofu test|nx test|nx affected:test|xcodebuild test|pre-commit try-repo|cargo llvm-cov|cargo tarpaulin|cargo miri|cross test|opa test|conftest test'],
  ['e2e', 'playwright test|cypress run|wdio run|maestro test'],
  ['lint', 'go vet|cargo clippy|cargo fmt|helm lint|ct lint|pre-commit run|biome check|biome ci|biome lint|buf lint|buf breaking|terraform validate|tofu validate|deno lint|deno fmt|dart analyze|flutter analyze|dotnet format|mix format|mix credo|nx lint|cargo deny|uv lock|cargo check|cargo machete|cue vet|opa check|reuse lint|redocly lint|spectral lint|cargo semver-checks|cargo check-external-types|prek run|git diff --exit-code'],
  ['scan', 'trivy image|trivy fs|trivy config|trivy repo|trivy rootfs|trivy sbom|snyk test|snyk code|snyk container|npm audit|pnpm audit|yarn audit|yarn npm audit|cargo audit|safety check|safety scan|docker scout|codeql database|composer audit|ggshield secret|licensed status|go-licenses check|cargo vet'],
  ['build', 'docker build|docker buildx build|docker buildx bake|docker compose build|podman build|buildah bud|buildah build|go build|cargo build|dotnet build|dotnet publish|dotnet pack|bazel build|bazelisk build|swift build|cmake --build|meson compile|hugo|next build|vite build|astro build|ng build|mkdocs build|jekyll build|goreleaser build|poetry build|uv build|hatch build|flit build|python build|npm pack|zig build|xcodebuild|webpack|rollup|tsup|esbuild|ninja|electron-builder|packer build|maturin build|wasm-pack build|flutter build|stack build|cabal build|gem build|cargo doc|cross build|vsce package|mdbook build|docusaurus build|vitepress build|nix build'],
  ['publish', 'npm publish|pnpm publish|yarn publish|yarn npm publish|bun publish|lerna publish|changeset publish|twine upload|poetry publish|uv publish|hatch publish|flit publish|maturin publish|cargo publish|gem push|dotnet nuget push|nuget push|docker push|docker compose push|podman push|buildah push|crane push|crane copy|skopeo copy|oras push|helm push|vsce publish|ovsx publish|dart pub publish|flutter pub publish|mix hex.publish|jsr publish|deno publish|docker manifest push|docker buildx imagetools create|wingetcreate submit|wingetcreate update'],
  ['release', 'gh release create|gh release upload|gh release edit|goreleaser release|semantic-release|release-it|jreleaser full-release'],
  ['deploy', 'kubectl apply|kubectl create|kubectl replace|kubectl patch|kubectl set image|kubectl rollout restart|helm upgrade|helm install|helm rollback|helmfile apply|helmfile sync|skaffold run|skaffold deploy|argocd app sync|terraform apply|terraform destroy|tofu apply|tofu destroy|terragrunt apply|terragrunt run-all apply|pulumi up|pulumi destroy|cdk deploy|sam deploy|serverless deploy|sls deploy|copilot deploy|copilot svc deploy|aws ecs update-service|aws cloudformation deploy|aws cloudformation update-stack|aws lambda update-function-code|aws deploy create-deployment|gcloud run deploy|gcloud app deploy|gcloud functions deploy|az webapp deploy|az webapp up|az containerapp update|az containerapp up|az functionapp deploy|az deployment|firebase deploy|flyctl deploy|fly deploy|vercel deploy|vercel --prod|netlify deploy|wrangler deploy|wrangler publish|wrangler pages deploy|wrangler pages publish|heroku container:release|eb deploy|ansible-playbook|kamal deploy|kamal redeploy|cap deploy|surge|gh-pages|mkdocs gh-deploy|mike deploy|railway up|clever deploy|cf push|supabase functions deploy|docker stack deploy|nomad job run'],
  ['housekeeping', 'gh issue create|gh issue edit|gh issue close|gh issue lock|gh pr create|gh pr edit|gh pr merge|gh pr close|gh pr review|gh label create|gh label edit'],
  ['migrate', 'prisma migrate deploy|alembic upgrade|flyway migrate|liquibase update|rails db:migrate|rake db:migrate|knex migrate:latest|sequelize db:migrate|sequelize-cli db:migrate|typeorm migration:run|manage.py migrate|artisan migrate|dbmate up|dbmate migrate|atlas migrate apply|atlas schema apply|goose up|drizzle-kit migrate|drizzle-kit push|dotnet ef database update|supabase db push|sqlx migrate run|diesel migration run|mix ecto.migrate'],
];
const BY_FIRST = new Map<string, { kind: JobKind; words: readonly string[] }[]>();
for (const [kind, phrases] of PHRASES) {
  for (const phrase of phrases.split('|')) {
    const words = phrase.split(' ');
    const known = BY_FIRST.get(words[0]!);
    if (known) known.push({ kind, words }); else BY_FIRST.set(words[0]!, [{ kind, words }]);
  }
}

/** Programs that run what follows, with how many words of their own stand between (`timeout 5m make`). */
const WRAPPERS: Readonly<Record<string, number>> = { sudo: 0, env: 0, time: 0, nice: 0, exec: 0, command: 0, nohup: 0, npx: 0, bunx: 0, uvx: 0, pnpx: 0, dotenv: 0, 'xvfb-run': 0, retry: 0, timeout: 1, doppler: 0, xargs: 0 };
const RUN_WRAPPERS = new Set(['poetry run', 'uv run', 'pipenv run', 'pdm run', 'hatch run', 'rye run', 'pipx run', 'bundle exec', 'pnpm exec', 'pnpm dlx', 'yarn exec', 'yarn dlx', 'npm exec', 'doppler run', 'bun x', 'uv tool', 'op run']);
const PACKAGE_MANAGERS = new Set(['npm', 'yarn', 'pnpm', 'bun']);
const TASK_RUNNERS = new Set(['make', 'gmake', 'just', 'task', 'mage', 'invoke', 'rake', 'gulp', 'turbo', 'nx', 'lerna', 'moon', 'wireit', 'ant', 'hatch']);

/** What a command is for; empty where that is unknown. Commands that only show or rehearse are for nothing. */
export function commandKinds(argv: Argv): readonly JobKind[] {
  if (isDull(argv[0])) return NO_KINDS;
  const words = unwrap(argv.map(w => w ?? ''));
  const program = words[0];
  if (program === undefined || program === '') return [];
  const args = words.slice(1);
  if (args.some(a => a === '--help' || a === '--version' || a === '-h' || a === '-V')) return [];
  // It repairs what it finds.
  if (args[0] === 'audit' && args[1] === 'fix') return [];
  const kinds = read(program, args);
  const rehearsal = args.some(a => /^--?(?:dry-?run(?:=.*)?|noop|snapshot|plan|preview|check|print)$/.test(a) && a !== '--dry-run=none');
  return rehearsal ? kinds.filter(k => k === 'test' || k === 'e2e' || k === 'lint' || k === 'scan' || k === 'build') : kinds;
}

const NO_KINDS: readonly JobKind[] = [];
/** Every other program that `read` knows by name. */
const PROGRAMS_OF_THEIR_OWN = set('tox nox copywrite black isort prettier clang-format terraform tsc vercel rsync aws docker xcodebuild ko migrate php ruby node bash sh');
const LEADS = new Set([...RUN_WRAPPERS].map(w => w.split(' ')[0]!));
const dull = new Map<string, boolean>();
const MAX_DULL = 2000;

/** True for a first word behind which no kind can come, whatever follows: that of most commands (`echo`, `cd`, `mkdir`). */
function isDull(word: string | undefined): boolean {
  if (word === undefined || word === '') return true;
  let known = dull.get(word);
  if (known === undefined) {
    if (dull.size >= MAX_DULL) dull.clear();
    dull.set(unshared(word), known = !mayHaveKind(base(word)));
  }
  return known;
}

function mayHaveKind(program: string): boolean {
  return BY_PROGRAM.has(program) || BY_FIRST.has(program) || LEADS.has(program) || PACKAGE_MANAGERS.has(program) || TASK_RUNNERS.has(program)
    || PROGRAMS_OF_THEIR_OWN.has(program) || Object.hasOwn(WRAPPERS, program)
    || /^python[\d.]*$|^(?:mvnw?|gradlew?)$|\.(?:sh|bash|py|js|mjs|ts|rb|ps1|php)$|^(?:deploy|publish|migrate)\b/.test(program);
}

/** Takes away what only runs something else, and the path of the program. */
function unwrap(words: readonly string[]): readonly string[] {
  let rest = words;
  for (let i = 0; i < 6 && rest.length; i++) {
    const program = base(rest[0]!);
    const two = `${program} ${rest[1] ?? ''}`;
    if (RUN_WRAPPERS.has(two)) rest = dropOptions(rest.slice(2));
    else if (Object.hasOwn(WRAPPERS, program)) rest = dropOptions(rest.slice(1)).slice(WRAPPERS[program]);
    else if (/^python[\d.]*$/.test(program) && rest[1] === '-m') rest = rest.slice(2);
    else if ((/^python[\d.]*$/.test(program) || program === 'node' || program === 'bash' || program === 'sh' || program === 'php' || program === 'ruby') && rest[1] && !rest[1].startsWith('-')) rest = rest.slice(1);
    else return [program, ...rest.slice(1)];
  }
  return rest;
}

function dropOptions(words: readonly string[]): readonly string[] {
  let i = 0;
  while (i < words.length && (words[i]!.startsWith('-') || /^[A-Za-z_]\w*=/.test(words[i]!))) i++;
  return words.slice(i);
}

function base(word: string): string {
  return word.slice(Math.max(word.lastIndexOf('/'), word.lastIndexOf('\\')) + 1).replace(/\.(?:exe|cmd|bat|phar)$/i, '').replace(/@.*$/, '');
}

function read(program: string, args: readonly string[]): readonly JobKind[] {
  const plain = program === 'cargo' ? cargoWords(args) : args.filter(a => !a.startsWith('-'));
  if (PACKAGE_MANAGERS.has(program)) {
    const phrase = phraseKinds(program, args, plain);
    if (phrase.length) return phrase;
    const script = plain[0] === 'run' || plain[0] === 'run-script' || plain[0] === 'workspace' ? plain.at(plain[0] === 'workspace' ? 2 : 1) : plain[0];
    if (script === 't' || script === 'tst') return ['test'];
    if (script === undefined || /^(?:install|i|ci|add|config|set|cache|why|version|link|login|whoami|create|init|exec|dlx)$/.test(script)) return [];
    const kinds = taskKinds(script);
    // All but npm also run programs of the dependencies: `yarn prisma migrate deploy`.
    return kinds.length || program === 'npm' || args[0] !== script || PACKAGE_MANAGERS.has(script) ? kinds : read(script, args.slice(1));
  }
  // It writes the headers, unless it is asked what it would write.
  if (program === 'copywrite') return plain[0] === 'headers' && args.includes('--plan') ? ['lint'] : [];
  const known = BY_PROGRAM.get(program);
  if (known) return [known];
  if (program === 'tox' || program === 'nox') return sessionKinds(args);
  if (/^(?:mvnw?|gradlew?)$/.test(program)) return javaKinds(plain, args);
  if (program === 'black' || program === 'isort' || program === 'prettier' || program === 'clang-format') return ['lint'];
  if (program === 'terraform' && plain[0] === 'fmt') return ['lint'];
  if (program === 'tsc') return args.includes('--noEmit') ? ['lint'] : ['build'];
  if (program === 'vercel') return plain.length === 0 || args.includes('--prod') || plain[0] === 'deploy' ? ['deploy'] : [];
  if (program === 'rsync') return args.some(a => /^[\w.-]+@?[^/\s]*:/.test(a)) ? ['deploy'] : [];
  if (program === 'aws' && plain[0] === 's3' && plain[1] === 'sync') return /^(?:s3:|$)/.test(plain[3] ?? 'x') ? ['deploy'] : [];
  if (program === 'docker' && plain[0] === 'buildx' && args.some(a => a === '--push' || /type=registry|push=true/.test(a))) return ['build', 'publish'];
  // It pushes what it builds to wherever its environment says, a local cluster included: what gets tags is meant for others.
  if (program === 'ko') return !/^(?:build|publish)$/.test(plain[0] ?? '') ? []
    : (plain[0] === 'publish' || args.some(a => /^(?:-t|--tags|--image-refs)(?:=|$)/.test(a))) && !args.some(a => /^(?:-L|--local(?:=true)?|--push=false|--insecure-registry(?:=true)?)$/.test(a))
      ? BUILD_AND_PUBLISH : BUILD;
  if (program === 'xcodebuild' && plain.includes('test')) return ['test'];
  if (program === 'migrate' && plain.includes('up')) return ['migrate'];
  const phrase = phraseKinds(program, args, plain);
  if (phrase.length) return phrase;
  if (TASK_RUNNERS.has(program)) {
    // `make CFLAGS=-O3` sets a variable and makes what there is to make.
    const targets = plain.filter(t => !t.includes('='));
    return targets.length ? [...new Set(targets.flatMap(t => (t === 'check' ? TEST : taskKinds(t))))] : program === 'make' ? BUILD : [];
  }
  // A script of the repository says in its name what it does.
  return /\.(?:sh|bash|py|js|mjs|ts|rb|ps1|php)$/.test(program) || /^[a-z]+(?:[-_][a-z0-9]+)*$/.test(program) && /^(?:deploy|publish|migrate)\b/.test(program)
    ? nameKinds(program.replace(/\.\w+$/, '')) : [];
}

/** What a script of a package or a target of a Makefile is for, as its name says. */
function taskKinds(name: string): readonly JobKind[] {
  // A target that is a file is built, whatever it is called.
  if (/^[\w-]+\/\S*\.\w+$/.test(name)) return BUILD;
  // `licenses:generate` makes what it names.
  if (/\bgenerate$/.test(name)) return NO_KINDS;
  const kinds = nameKinds(name);
  return kinds.length ? kinds : name === 'all' ? BUILD : /^(?:check|verify|validate)(?![a-z])/.test(name) ? LINT : kinds;
}

/** Tox and Nox test, unless the environments or sessions that are asked for are called after something else. */
export function sessionKinds(args: readonly string[]): readonly JobKind[] {
  const names = args.flatMap((a, i) => (/^(?:-e|-s|--sessions?)$/.test(a) ? (args[i + 1] ?? '').split(',') : /^--sessions?=/.test(a) ? a.slice(a.indexOf('=') + 1).split(',') : []));
  if (names.length === 0) return TEST;
  return [...new Set(names.flatMap(n => { const kinds = nameKinds(n); return kinds.length ? kinds : /^(?:docs?|update|generate|gen|bump|pins?|upgrade|requirements|lock|run)\b/.test(n.replace(/_/g, '-')) ? [] : TEST; }))];
}

/** `make check` is how many a Makefile calls its tests. */
const TEST: readonly JobKind[] = ['test'];
const BUILD: readonly JobKind[] = ['build'];
const BUILD_AND_PUBLISH: readonly JobKind[] = ['build', 'publish'];
const LINT: readonly JobKind[] = ['lint'];

/** Without the toolchain (`+nightly`) and `hack`, which only repeats a command for each feature. */
function cargoWords(args: readonly string[]): readonly string[] {
  const plain = args.filter(a => !a.startsWith('-') && !a.startsWith('+'));
  // The toolchain may be a variable's.
  return plain[0] === 'hack' || plain[0] === '' ? plain.slice(1) : plain;
}

function phraseKinds(program: string, args: readonly string[], plain: readonly string[]): readonly JobKind[] {
  for (const { kind, words } of BY_FIRST.get(program) ?? []) {
    const from = words.some(w => w.startsWith('--')) ? args : plain;
    if (words.slice(1).every((w, i) => w === from[i] || (i > 0 && from.includes(w)))) return kind === 'e2e' ? ['test', 'e2e'] : [kind];
  }
  return [];
}

/** Tests are part of a build unless they are left out. */
const WITHOUT_TESTS = /^-D(?:skipTests|maven\.test\.skip)(?:=true)?$/;

function javaKinds(goals: readonly string[], args: readonly string[]): readonly JobKind[] {
  const last = (g: string) => g.slice(g.lastIndexOf(':') + 1);
  const kinds = new Set<JobKind>();
  for (const g of goals.map(last)) {
    if (/^(?:test|check|verify|integrationTest|connectedCheck|connectedAndroidTest)$/i.test(g)) kinds.add('test');
    else if (/^(?:package|install|compile|build|assemble\w*|bootJar|jar)$/i.test(g)) kinds.add(g === 'build' || g === 'install' || g === 'package' ? 'test' : 'build');
    else if (/^(?:deploy|publish\w*|uploadArchives|jib)$/.test(g) && !/ToMavenLocal$/.test(g)) kinds.add('publish');
    if (/^(?:package|install|build)$/.test(g)) kinds.add('build');
  }
  const at = args.findIndex(a => a === '-x' || a === '--exclude-task');
  if (args.some(a => WITHOUT_TESTS.test(a)) || (at >= 0 && /^(?:\S*:)?(?:test|check)$/.test(args[at + 1] ?? ''))) kinds.delete('test');
  return [...kinds];
}

const CLUSTER_TOOL = /(?:^|[\\/])(?:kind|k3d|minikube|ctlptl)/;

/** Commands that change a Kubernetes cluster, which may be one of the job's own. */
export function isClusterCommand(argv: Argv): boolean {
  return /^(?:kubectl|helm|helmfile|skaffold|argocd|kustomize)$/.test(unwrap(argv.map(w => w ?? ''))[0] ?? '');
}

export function startsLocalCluster(argv: Argv): boolean {
  // `sudo minikube start`: the program is among the words, with or without a path.
  if (!argv.some(w => w !== undefined && CLUSTER_TOOL.test(w))) return false;
  const [program, ...args] = unwrap(argv.map(w => w ?? ''));
  return ((program === 'kind' || program === 'k3d') && args[0] === 'create' && args[1] === 'cluster') || (program === 'k3d' && args[0] === 'cluster')
    || (program === 'minikube' && args[0] === 'start') || (program === 'ctlptl' && args[0] === 'create');
}
