import { definePractice, type Evidence, type Verdict } from '../practice';
import { repoFacts, type Repository } from '../../repository';
import { sightings } from '../shared/sightings';
import { yamlText } from '../shared/snippets';
import { missing } from '../shared/verdict';

interface Hooks { readonly path: string; readonly tool: string; /** Undefined where it can't be read. */ readonly text: string | undefined; /** Nothing installs them. */ readonly idle?: string;
  /** What can't be told of them. */ readonly doubt?: string }

/** Something that also runs in CI: a linter, a formatter, a type checker, tests, a scanner. */
const CHECKS = /\b(?:lint(?:-staged|ers?)?|eslint|oxlint|biome|prettier|stylelint|ruff|flake8|pylint|black|isort|mypy|pyright|tsc|typecheck|type-check|check-types|test|tests|pytest|vitest|jest|clippy|rustfmt|cargo[ -](?:fmt|check|clippy|test)|gofmt|go[ -]vet|goimports|golangci-lint|rubocop|standardrb|phpstan|php-cs-fixer|phpcs|pint|ktlint|detekt|spotless\w*|checkstyle|swiftlint|swiftformat|shellcheck|shfmt|hadolint|yamllint|actionlint|zizmor|gitleaks|detect-secrets|trufflehog|terraform[_ ]\w+|tflint|clang-format|clang-tidy|codespell|typos|markdownlint|format|fmt|credo|check|compileall|validate)\b/i;

/** A hook that is kept among other scripts, and is no hook until something puts it into `.git/hooks`. */
const SCRIPT = /^(?:scripts?|tools?|hack|dev|utils?|contrib|bin)\/(?:(?:git-?)?hooks\/)?(?:pre-commit|pre-push)(?:[-_]hook)?(?:\.(?:sh|bash|py))?$/;
const INSTALLERS = /^(?:(?:GNU)?[Mm]akefile|\.?justfile|[Tt]askfile\.ya?ml|package\.json|(?:scripts?|tools?|hack|dev|utils?|contrib|bin)\/[^/]*(?:setup|bootstrap|install|init)[^/]*|(?:\.github\/|docs\/)?(?:CONTRIBUTING|DEVELOPMENT|HACKING)\.(?:md|rst|adoc))$/i;

function installed(repo: Repository, script: string): { readonly idle?: string; readonly doubt?: string } {
  const name = script.slice(script.lastIndexOf('/') + 1), folder = script.slice(0, script.lastIndexOf('/'));
  const closed: string[] = [];
  for (const f of repo.files.filter(x => INSTALLERS.test(x)).slice(0, 20)) {
    const text = repo.read(f);
    if (text === undefined) closed.push(f);
    else if (text.includes(name) || text.includes(`hooksPath ${folder}`)) return {};
  }
  return closed.length > 0 ? { doubt: `whether ${script} is installed as a hook: ${closed.slice(0, 3).join(', ')} could not be read` } : { idle: 'nothing installs it as a hook' };
}

function hooks(repo: Repository): Hooks[] {
  const found: Hooks[] = [];
  const add = (path: string, tool: string, idle?: string): void => { if (repo.has(path)) found.push({ path, tool, text: repo.read(path), idle }); };
  for (const f of ['.pre-commit-config.yaml', '.pre-commit-config.yml', 'prek.toml']) add(f, 'pre-commit');
  for (const dot of ['', '.']) for (const end of ['yml', 'yaml', 'toml', 'json']) add(`${dot}lefthook.${end}`, 'lefthook');
  add('.overcommit.yml', 'overcommit');
  for (const f of ['hk.pkl', 'hk.toml', 'hk.yaml', 'hk.yml', 'hk.json', '.config/hk.pkl']) add(f, 'hk');
  const packages = [...repoFacts(repo).stack.packages.values()];
  const scripts = packages.map(p => `${p.scripts.prepare ?? ''} ${p.scripts.postinstall ?? ''} ${p.scripts['husky:install'] ?? ''}`).join(' ');
  const idle = packages.length > 0 && !/husky|prepare-husky|\.husky/.test(scripts) ? 'no script prepare of package.json installs them' : undefined;
  for (const f of repo.files) if (/(?:^|\/)\.husky\/(?:pre-commit|pre-push)$/.test(f)) add(f, 'husky', idle);
  for (const f of repo.files) if (/^\.?(?:git-?hooks|githooks)\/(?:pre-commit|pre-push)(?:\.sh)?$/.test(f)) add(f, 'hooks of the repository');
  for (const f of repo.files) if (SCRIPT.test(f)) found.push({ path: f, tool: 'a script of the repository', text: repo.read(f), ...installed(repo, f) });
  for (const p of packages) {
    const text = repo.read(p.path) ?? '';
    const block = ['simple-git-hooks', 'pre-commit', 'pre-push', 'gitHooks', 'husky'].map(k => jsonBlock(text, k)).find(b => b !== '');
    if (block && (p.dependencies.has('simple-git-hooks') || p.dependencies.has('yorkie') || p.dependencies.has('husky')
      || p.dependencies.has('pre-commit'))) found.push({ path: p.path, tool: 'hooks in package.json', text: block });
  }
  return found;
}

/** The text of an object or list under a key, as far as it is told without reading all of it. */
function jsonBlock(text: string, key: string): string {
  let data: unknown;
  try { data = JSON.parse(text.replace(/^\uFEFF/, '')); } catch { return ''; }
  const value = typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[key] : undefined;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : '';
}

/** Why hooks don't count; undefined where they do. */
function objection(h: Hooks): string | undefined {
  if (h.idle) return h.idle;
  if (h.text === undefined) return undefined;
  const lines = h.text.split(/\r?\n/).filter(l => !/^\s*#/.test(l)).join('\n');
  if (h.tool === 'pre-commit' && !/\bid\s*[:=]/.test(lines)) return 'it has no hooks';
  return lines.trim() === '' ? 'it is empty' : undefined;
}

function evidence(repo: Repository): Verdict {
  const all = hooks(repo), open = all.filter(h => h.doubt !== undefined), good = all.filter(h => !open.includes(h) && objection(h) === undefined);
  if (good.length === 0) {
    if (open.length > 0) return { result: 'unknown', evidence: open.map(h => ({ path: h.path, text: 'is called like a hook' })), lookedFor: open.map(h => h.doubt!) };
    const unread = repo.has('package.json') && repo.read('package.json') === undefined;
    if (unread && all.length === 0) return { result: 'unknown', evidence: [], lookedFor: ['whether package.json, which could not be read, sets hooks up (simple-git-hooks, husky)'] };
    return missing('.pre-commit-config.yaml, lefthook.yml or .husky with the checks that also run in CI',
      ...all.map(h => `${h.path} doesn’t count: ${objection(h)!}`));
  }
  const seen: Evidence[] = good.slice(0, 12).map(h => ({ path: h.path, text: h.text === undefined ? `hooks are set up (${h.tool}); which checks they run could not be read`
    : `${h.tool} runs checks before a commit or push` }));
  const known = good.filter(h => h.text !== undefined);
  const checking = known.length === 0 || known.some(h => CHECKS.test(h.text!.split(/\r?\n/).filter(l => !/^\s*#/.test(l)).join('\n')));
  return checking ? { result: 1, evidence: seen, lookedFor: [] }
    : { result: 0.5, evidence: seen, lookedFor: ['a linter, formatter, type checker or test among the hooks: what CI will ask for'] };
}

interface Hook { readonly id: string; readonly name: string; readonly entry: string }

/** What CI asks for, as far as it is one plain command that works on a checkout: linters and type checkers. */
function ciHooks(repo: Repository): Hook[] {
  const found = new Map<string, Hook>();
  for (const kind of ['lint', 'types'] as const) {
    for (const s of sightings(repo, kind)) {
      const script = s.step?.step.run?.scalar.value;
      if (script === undefined || s.problem !== undefined || s.step?.step.workingDirectory || s.step?.outer) continue;
      const line = script.split('\n').map(l => l.trim()).find(l => l.toLowerCase().includes(s.tool.split('/').at(-1)!));
      if (line === undefined || found.has(line) || !/^[\w./:@=,+ -]{2,120}$/.test(line) || line.startsWith('-')
        || /\b(?:build|bundle|package|dist)\b/.test(line)) continue;
      found.set(line, { id: idOf(line), name: line, entry: line });
    }
  }
  return [...found.values()].slice(0, 6);
}

const idOf = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 40);

/** What the manifests offer where CI asks for nothing that can be told. */
function stackHooks(repo: Repository): Hook[] {
  const { projects, packages } = repoFacts(repo).stack;
  const out: Hook[] = [];
  const add = (entry: string): void => { out.push({ id: idOf(entry), name: entry, entry }); };
  const root = packages.get(''), manager = projects.find(p => p.dir === '' && (p.ecosystem === 'npm' || p.ecosystem === 'bun'))?.manager ?? 'npm';
  for (const name of ['lint', 'typecheck', 'types', 'check', 'format:check', 'test']) if (root?.scripts[name]
    && !/no test specified/.test(root.scripts[name])) add(`${manager} run ${name}`);
  for (const p of projects.filter(x => x.dir === '')) {
    if (p.manager === 'go') add('go vet ./...');
    if (p.manager === 'cargo') { add('cargo fmt --check'); add('cargo clippy'); }
    if (p.manager === 'dotnet') add('dotnet format --verify-no-changes');
    if (p.manager === 'mix') add('mix format --check-formatted');
    if (p.manager === 'pub') add('dart analyze');
    if (p.manager === 'maven') add(repo.has('mvnw') ? './mvnw --batch-mode test' : 'mvn --batch-mode test');
    if (p.manager === 'gradle') add(repo.has('gradlew') ? './gradlew check' : 'gradle check');
    if (['pip', 'uv', 'poetry', 'pipenv'].includes(p.manager)) {
      const text = repo.read(p.manifest) ?? '', run = p.manager === 'uv' ? 'uv run ' : p.manager === 'poetry' ? 'poetry run ' : '';
      const tool = ['ruff', 'flake8', 'mypy', 'pytest'].find(t => new RegExp(`\\b${t}\\b`).test(text));
      add(tool === undefined ? 'python3 -m compileall -q .' : `${run}${tool === 'ruff' ? 'ruff check' : tool}`);
    }
    if (p.manager === 'bundler') add(/rubocop/.test(repo.read(p.manifest) ?? '') ? 'bundle exec rubocop' : 'bundle exec rake test');
    if (p.manager === 'composer') add('composer validate');
    if (p.manager === 'swift') add('swift test');
  }
  return out.slice(0, 6);
}

function config(list: readonly Hook[]): string {
  const known = new Map<string, number>();
  return [
    '# Checks that CI asks for, before they get there: pip install pre-commit, then pre-commit install.',
    'repos:',
    '  - repo: local',
    '    hooks:',
    ...list.flatMap(h => {
      const n = (known.get(h.id) ?? 0) + 1;
      known.set(h.id, n);
      return [`      - id: ${n > 1 ? `${h.id}-${n}` : h.id}`, `        name: ${yamlText(h.name)}`, `        entry: ${yamlText(h.entry)}`,
        '        language: system', '        pass_filenames: false',
        // What takes long is asked once, ahead of the push.
        ...(/\b(?:test|check|clippy|pytest)\b/.test(h.entry) && !/fmt|--check/.test(h.entry) ? ['        stages: [pre-push]'] : [])];
    }),
    '',
  ].join('\n');
}

export default definePractice({
  id: 'local-hooks',
  title: 'Local hooks',
  category: 'Developer Experience',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Hooks run the checks that CI asks for before a commit or push leaves the machine.',
    why: 'A missing semicolon that is found by CI has cost ten minutes and a second commit; found by a hook it costs a second.',
    references: ['https://pre-commit.com/', 'https://lefthook.dev/', 'https://typicode.github.io/husky/'],
  },
  applies: repo => repoFacts(repo).stack.projects.length > 0,
  evidence,
  scaffold: {
    kind: 'file',
    title: 'Add a pre-commit configuration',
    plan(repo) {
      const now = evidence(repo), there = hooks(repo)[0];
      if (now.result === 1) return { refused: `${there!.path} has hooks already.` };
      if (there) return { refused: `${there.path} is there already: ${now.lookedFor.at(-1)!}.` };
      const fromCi = ciHooks(repo), list = fromCi.length > 0 ? fromCi : stackHooks(repo);
      if (list.length === 0) return { refused: 'Neither the workflows nor the manifests at the root name a check that a hook could run.' };
      return {
        changes: [{ path: '.pre-commit-config.yaml', created: true, newText: config(list) }],
        explanation: `Adds .pre-commit-config.yaml, which runs ${list.map(h => h.entry).join(', ')} with the tools of the checkout: nothing is downloaded.`,
        todo: ['Everybody runs once: pip install pre-commit, then pre-commit install --hook-type pre-commit --hook-type pre-push.'],
      };
    },
  },
});
