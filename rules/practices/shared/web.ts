/** Web front ends and services: what is there to be opened in a browser or asked over HTTP, and how a job starts it. */
import { basename, dirname, isSample, isVendored, repoFacts, type Repository } from '../../repository';
import { recipe, type Recipe } from './recipes';
import { runStep, shellText } from './snippets';

const FRAMEWORK = /^(?:next|nuxt|svelte|astro|remix|vue|gatsby|react-router|rsbuild)[.-]config\.[cm]?[jt]s$|^angular\.json$/;

/** The frame of all pages of an application that makes them on the server: Rails, Laravel, Symfony, and Django beside its `manage.py`. */
const LAYOUT =
  /^(?:.*\/)?(?:app\/views\/layouts\/application\.html\.(?:erb|haml|slim)|resources\/views\/layouts\/[^/]+\.blade\.php|templates\/base\.html\.twig)$/;

/** Pages of applications that tests, examples and generators bring along; `templates` itself is where the real ones are. */
const OF_OTHERS =
  /(?:^|\/)(?:tests?|specs?|dummy|docs?|fixtures?|examples?|samples?|testdata|demos?|playgrounds?|generators?|skeletons?)\//i;

function isLayout(repo: Repository, path: string): boolean {
  if (isVendored(path) || OF_OTHERS.test(path)) return false;
  return LAYOUT.test(path) || (/(?:^|\/)templates\/base\.html$/.test(path) && repo.has('manage.py'));
}

/** Files that say that a front end is built or served here; documentation sites are somebody else's product. */
export function frontends(repo: Repository): readonly string[] {
  return memo(FRONTENDS, repo, () => {
    const { packages } = repoFacts(repo).stack;
    return repo.files.filter(f => {
      if (isLayout(repo, f)) return true;
      const base = basename(f), dir = dirname(f);
      if (!FRAMEWORK.test(base) && base !== 'index.html') return false;
      if (isVendored(f) || isSample(f) || f.startsWith('.')
        || /(?:^|\/)(?:docs?|website|site|storybook|\.storybook|coverage|dist|build|templates?-[\w-]+)\//.test(f)) return false;
      if (FRAMEWORK.test(base)) return true;
      const root = /(?:^|\/)(?:public|src)$/.test(dir) ? dirname(dir) : dir;
      const beside = (name: string): boolean => repo.has(root === '' ? name : `${root}/${name}`);
      return dir === '' || packages.has(root) || beside('package.json') || beside('vite.config.ts') || beside('vite.config.js');
    });
  });
}

const SHIPS = /^(?:Procfile|fly\.toml|render\.ya?ml|vercel\.json|netlify\.toml|serverless\.ya?ml|app\.yaml|Chart\.yaml|railway\.(?:json|toml)|heroku\.yml|captain-definition)$/;
const FRAMEWORKS = new RegExp([
  /\b(?:flask|fastapi|django|starlette|aiohttp|sanic|litestar|falcon|gunicorn|uvicorn)\b/,
    /"(?:express|fastify|koa|@nestjs\/core|hono|@hapi\/hapi|next|nuxt)"/,
  /^\s*gem ['"](?:rails|sinatra|puma|hanami)/, /gin-gonic\/gin|labstack\/echo|gofiber\/fiber|go-chi\/chi|gorilla\/mux/,
  /spring-boot-starter-web|quarkus-rest|quarkus-resteasy|micronaut-http-server|io\.ktor/,
    /laravel\/framework|symfony\/framework-bundle|slim\/slim/,
  /^\s*(?:actix-web|axum|rocket|warp|poem)\s*=/, /Microsoft\.NET\.Sdk\.Web/,
].map(r => `(?:${r.source})`).join('|'), 'im');
const MANIFEST = /^(?:package\.json|requirements[\w-]*\.txt|pyproject\.toml|Pipfile|go\.mod|Cargo\.toml|pom\.xml|build\.gradle(?:\.kts)?|Gemfile|composer\.json|.+\.csproj)$/;

/** Manifests and what is beside them that name what the code needs to run, as far as they can be read. */
export function manifestTexts(repo: Repository): readonly { readonly path: string; readonly text: string }[] {
  return memo(TEXTS, repo, () => repo.files
    .filter(f => (MANIFEST.test(basename(f)) || isCompose(f)
      || /(?:^|\/)(?:schema\.prisma|config\/database\.yml|knexfile\.[cm]?[jt]s)$/.test(f))
      && !isVendored(f) && !isSample(f)).slice(0, 200)
    .flatMap(path => { const text = repo.read(path)?.slice(0, 200_000); return text === undefined ? [] : [{ path, text }]; }));
}

export function isCompose(path: string): boolean {
  return /^(?:docker-)?compose(?:\.[\w-]+)?\.ya?ml$/.test(basename(path));
}

/** The file `docker compose` takes by itself. */
export function composeFile(repo: Repository): string | undefined {
  return ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'].find(f => repo.has(f));
}

/** What says that something here answers over HTTP and is put somewhere. A library that can be used in servers is none. */
export function service(repo: Repository): string | undefined {
  return memo(SERVICES, repo, () => {
    const { stack } = repoFacts(repo);
    const api = stack.openapi.find(f => !isVendored(f) && !isSample(f));
    const shipped = stack.dockerfiles.find(f => !/(?:^|[./_-])(?:dev|test|tests|lint|ci|docs|\.devcontainer|\.github)(?:$|[./_-])/i.test(f))
      ?? repo.files.find(f => SHIPS.test(basename(f)) && !isVendored(f) && !isSample(f));
    if (shipped === undefined) return undefined;
    if (api !== undefined) return api;
    return manifestTexts(repo).find(m => FRAMEWORKS.test(m.text))?.path;
  });
}

export interface Site {
  /** Steps that build it and start it in the background, after the recipe's. */
  readonly steps: readonly string[];
  readonly recipe?: Recipe;
  /** Where it answers then. */
  readonly url: string;
  readonly how: string;
}

const PORTS: readonly (readonly [RegExp, number])[] = [[/^next|^nuxt|^remix|^react-router|^rsbuild/, 3000], [/^astro/, 4321], [/^angular/, 4200],
  [/^gatsby/, 9000]];

/** How the front end is started for a test; undefined where nothing says how. */
export function frontendSite(repo: Repository): Site | undefined {
  for (const file of frontends(repo)) {
    const dir = /(?:^|\/)(?:public|src)$/.test(dirname(file)) ? dirname(dirname(file)) : dirname(file);
    const project = repoFacts(repo).stack.projects.find(p => p.dir === dir && /^(?:npm|pnpm|yarn|bun)$/.test(p.manager));
    const pkg = repoFacts(repo).stack.packages.get(dir);
    if (!project || !pkg) {
      if (basename(file) !== 'index.html' || repo.has(dir === '' ? 'package.json' : `${dir}/package.json`)) continue;
      return { url: 'http://127.0.0.1:8080/', how: `Python's web server in ${dir === '' ? 'the root' : dir}`,
        steps: started([`python3 -m http.server 8080 --bind 127.0.0.1 --directory ${shellText(dir === '' ? '.' : dir)}`], '',
          'http://127.0.0.1:8080/') };
    }
    const script = ['preview', 'serve', 'start'].find(s => pkg.scripts[s] !== undefined);
    if (!script) continue;
    const port = PORTS.find(([name]) => name.test(basename(file)))?.[1] ?? (script === 'preview' ? 4173 : script === 'serve' ? 8080 : 3000);
    const url = `http://127.0.0.1:${port}/`;
    return {
      url, recipe: recipe(project, repo), how: `${project.manager} run ${script}`,
      steps: [...(pkg.scripts.build === undefined ? [] : runStep('Build', [`${project.manager} run build`], dir)),
        ...started([`${project.manager} run ${script}`], dir, url)],
    };
  }
  return undefined;
}

/** How the service is started for a test, preferably as it is shipped. */
export function serviceSite(repo: Repository): Site | undefined {
  const compose = composeFile(repo);
  const composed = compose === undefined ? undefined
    : /^\s*-\s*["']?(?:127\.0\.0\.1:)?(\d{2,5}):\d{2,5}["']?\s*$/m.exec(repo.read(compose) ?? '')?.[1];
  if (composed) {
    const url = `http://127.0.0.1:${composed}/`;
    return { url, how: 'docker compose up', steps: runStep('Start the service', ['docker compose up --detach --wait', waitFor(url)]) };
  }
  const dockerfile = repoFacts(repo).stack.dockerfiles.find(f => /^EXPOSE\s+\d+/m.test(repo.read(f) ?? ''));
  const port = dockerfile && /^EXPOSE\s+(\d{2,5})/m.exec(repo.read(dockerfile) ?? '')?.[1];
  if (dockerfile && port) {
    const url = `http://127.0.0.1:${port}/`, dir = dirname(dockerfile);
    return { url, how: `the image of ${dockerfile}`, steps: runStep('Start the service', [
      `docker build --tag service:ci --file ${shellText(dockerfile)} ${shellText(dir === '' ? '.' : dir)}`,
      `docker run --detach --name service --publish 127.0.0.1:${port}:${port} service:ci`, waitFor(url)]) };
  }
  return frontendSite(repo);
}

/** Any answer will do: what is asked for later decides. */
function waitFor(url: string): string {
  return `curl --silent --show-error --output /dev/null --retry 30 --retry-delay 2 --retry-all-errors ${url}`;
}

function started(commands: readonly string[], dir: string, url: string): string[] {
  return runStep('Start the site', [...commands.map(c => `${c} > "$RUNNER_TEMP/site.log" 2>&1 &`), waitFor(url)], dir);
}

const FRONTENDS = new WeakMap<Repository, readonly string[]>();
const TEXTS = new WeakMap<Repository, readonly { readonly path: string; readonly text: string }[]>();
const SERVICES = new WeakMap<Repository, string | undefined>();

function memo<T>(cache: WeakMap<Repository, T>, repo: Repository, make: () => T): T {
  if (!cache.has(repo)) cache.set(repo, make());
  return cache.get(repo)!;
}
