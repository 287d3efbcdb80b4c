import { definePractice, type Evidence, type Verdict } from '../practice';
import { basename, isSample, isVendored, repoFacts, type Project, type Repository } from '../../repository';
import { ciJobs } from '../shared/ci';
import { toolCalls } from '../shared/commands';
import { shellText } from '../shared/snippets';
import { met, missing } from '../shared/verdict';

const TARGET = /^(?:setup|set-up|bootstrap|install|install-dev|dev-install|dev-setup|setup-dev|install-deps|deps|init|develop|dev|devenv|venv|env|prepare|start|up|get-started)$/;
const SCRIPT = /^(?:(?:scripts?|bin|tools?|dev|hack|contrib|\.github\/scripts)\/)?(?:setup|bootstrap|install-dev|dev-?setup|setup-dev|init-dev|dev-?env|install-deps|install_dev|setup_dev)(?:\.(?:sh|bash|py|rb|ps1|js|mjs|ts))?$/i;
const NIX = /^(?:flake\.nix|shell\.nix|devenv\.nix|devbox\.json|manifest\.scm|\.gitpod\.ya?ml|\.tool-versions|mise\.toml|\.mise\.toml)$/;

/** Targets that can mean nothing else where only their name is known. */
const CERTAIN = /^(?:setup|set-up|bootstrap|install-dev|dev-install|dev-setup|setup-dev|install-deps|dev-deps)$/;
/** Files of task runners at the root, by the command that reads them. */
const RUNNERS: Readonly<Record<string, RegExp>> = {
  make: /^(?:GNU)?[Mm]akefile$/, gmake: /^(?:GNU)?[Mm]akefile$/, just: /^\.?justfile$/i, task: /^[Tt]askfile\.ya?ml$/,
};

interface Way { readonly path: string; readonly start?: number; readonly end?: number; readonly text: string; /** Why it doesn't count. */ readonly but?: string }

/** Every way to a working checkout that the repository offers by itself. */
function ways(repo: Repository): Way[] {
  return [...repo.files.filter(f => !isVendored(f) && !isSample(f)).flatMap(f => {
    const way = wayOf(f, repo);
    return way ? [way] : [];
  }), ...usedInCi(repo)];
}

/** A target that CI calls is there, even where the file that holds it can't be read, or includes others. */
function usedInCi(repo: Repository): Way[] {
  const hidden = new Map(Object.entries(RUNNERS).flatMap(([tool, file]) => {
    const path = repo.files.find(f => file.test(f)), text = path === undefined ? undefined : repo.read(path);
    return path !== undefined && (text === undefined || /^[ \t]*(?:-?include|import|mod|includes:)\b/m.test(text)) ? [[tool, path] as const] : [];
  }));
  if (hidden.size === 0) return [];
  return ciJobs(repo).flatMap(j => j.steps).filter(s => s.step.run && !s.step.workingDirectory).flatMap(s => toolCalls(repo, s).flatMap((c): Way[] => {
    const path = hidden.get(c.tool), target = c.args[0] ?? '';
    if (path === undefined || !CERTAIN.test(target)) return [];
    return [{ path: s.document.path, ...s.document.range(s.step.run!.entry.key), text: `${c.tool} ${target} of ${path} sets everything up` }];
  })).slice(0, 1);
}

function wayOf(path: string, repo: Repository): Way | undefined {
  const base = basename(path), top = !path.includes('/');
  if (/^\.devcontainer(?:\/[^/]+)?\/devcontainer\.json$|^\.?devcontainer\.json$/.test(path)) return judged(repo, path, 'a development container',
    t => /"(?:image|build|dockerFile|dockerComposeFile|features)"\s*:/.test(t) ? undefined : 'it names no image');
  if (top && /^(?:GNU)?[Mm]akefile$/.test(base)) return task(repo, path, makeTargets, 'make');
  if (top && /^\.?justfile$/i.test(base)) return task(repo, path, makeTargets, 'just');
  if (top && /^[Tt]askfile\.ya?ml$/.test(base)) return task(repo, path, taskTargets, 'task');
  if (top && base === 'Rakefile') return task(repo, path, t => matches(t, /^[ \t]*task:?[ \t(]+:?["']?([\w-]+)/gm), 'rake');
  // setup.py at the root is a manifest.
  if (SCRIPT.test(path) && path !== 'setup.py') return judged(repo, path, 'a script that sets everything up',
    t => t.split('\n').some(l => /^\s*[^#\s]/.test(l) && !/^\s*(?:set|echo|exit|printf|:|import|'use strict')\b/.test(l)) ? undefined : 'it does nothing');
  // What isn't read of these may be versions alone.
  if (NIX.test(path) && (repo.read(path) !== undefined || !/tool-versions$|mise\.toml$/.test(base))) return judged(repo, path, /^(?:flake|shell|devenv)\.nix$/.test(base) ? 'a development shell' : 'a development environment', t =>
    base === 'flake.nix' && !/devShells?|mkShell/.test(t) ? 'it has no development shell'
      : /tool-versions$|mise\.toml$/.test(base) && !/\[(?:tasks|hooks)/.test(t) ? 'it names versions, and installs nothing of the project' : undefined);
  if (base === 'package.json' && top) {
    const scripts = repoFacts(repo).stack.packages.get('')?.scripts ?? {};
    const name = Object.keys(scripts).find(s => /^(?:setup|bootstrap|dev:setup|setup:dev|init:dev)$/.test(s) && scripts[s]!.trim() !== '');
    return name === undefined ? undefined : { path, text: `the script ${name} sets everything up` };
  }
  return undefined;
}

function judged(repo: Repository, path: string, text: string, objection: (text: string) => string | undefined): Way {
  const content = repo.read(path);
  return { path, text, but: content === undefined ? undefined : content.trim() === '' ? 'it is empty' : objection(content) };
}

/** Files of task runners, at the root. */
const RECIPES = /^(?:(?:GNU)?[Mm]akefile|\.?justfile|[Tt]askfile\.ya?ml|Rakefile)$/;

/** A task runner's file; what isn't read is no way, and no reason to say that there is none. */
function task(repo: Repository, path: string, targets: (text: string) => string[], tool: string): Way | undefined {
  const content = repo.read(path);
  if (content === undefined) return undefined;
  const target = targets(content).find(t => TARGET.test(t));
  return target === undefined ? { path, text: tool, but: 'it has no target such as setup, bootstrap or install-dev' }
    : target === 'install' && tool === 'make' && /\$\(?\{?(?:DESTDIR|PREFIX|prefix)\b/.test(content)
      ? { path, text: tool, but: 'its target install copies the program into the system' }
    : { path, text: `${tool} ${target} sets everything up` };
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(m => m[1]!);
}

/** Names of rules that do something: a recipe or prerequisites. */
function makeTargets(text: string): string[] {
  const lines = text.split(/\r?\n/);
  return lines.flatMap((line, i) => {
    const m = /^@?([A-Za-z][\w.-]*)(?:\s+[^:=]{0,200})?\s*:(?!=)\s*([^=]*)$/.exec(line);
    if (!m) return [];
    const does = /^[ \t]+[^#\s]/.test(lines[i + 1] ?? '') || /^[^#\s]/.test(m[2]!.trim());
    return does ? [m[1]!] : [];
  });
}

function taskTargets(text: string): string[] {
  const at = /^tasks:\s*$/m.exec(text);
  return at ? matches(text.slice(at.index), /^ {2,4}['"]?([\w-]+)['"]?:/gm) : [];
}

function evidence(repo: Repository): Verdict {
  const all = ways(repo), good = all.filter(w => w.but === undefined);
  if (good.length > 0) return met(good.map(({ path, start, end, text }): Evidence => ({ path, start, end, text })));
  const closed = repo.files.filter(f => (RECIPES.test(f) || f === 'package.json') && repo.read(f) === undefined);
  if (closed.length > 0) return { result: 'unknown', evidence: [],
    lookedFor: [`whether ${closed.slice(0, 3).join(', ')}, which could not be read, has a target or a script such as setup, bootstrap or install-dev`] };
  return missing('a development container, a script such as scripts/setup.sh, or a target setup of Make, just or Task',
    ...all.slice(0, 6).map(w => `${w.path} doesn’t count: ${w.but!}`));
}

/** What fetches everything that a project needs, run in its folder. */
function install(p: Project, repo: Repository): { readonly needs: string; readonly commands: readonly string[] } | undefined {
  const at = (name: string): boolean => repo.has(p.dir === '' ? name : `${p.dir}/${name}`);
  const wrapper = (name: string, plain: string): string => at(name) ? `sh ./${name}` : plain;
  switch (p.manager) {
    case 'npm': return { needs: 'npm', commands: [p.lockfile ? 'npm ci' : 'npm install'] };
    case 'pnpm': return { needs: 'pnpm', commands: [p.lockfile ? 'pnpm install --frozen-lockfile' : 'pnpm install'] };
    case 'yarn': return { needs: 'yarn', commands: [p.lockfile ? (at('.yarnrc.yml') ? 'yarn install --immutable'
      : 'yarn install --frozen-lockfile') : 'yarn install'] };
    case 'bun': return { needs: 'bun', commands: [p.lockfile ? 'bun install --frozen-lockfile' : 'bun install'] };
    case 'uv': return { needs: 'uv', commands: ['uv sync'] };
    case 'poetry': return { needs: 'poetry', commands: ['poetry install'] };
    case 'pipenv': return { needs: 'pipenv', commands: ['pipenv install --dev'] };
    case 'pip': return { needs: 'python3', commands: ['python3 -m venv .venv', ...['requirements.txt', 'requirements-dev.txt'].filter(at)
      .map(f => `.venv/bin/pip install --requirement ${f}`), ...(at('pyproject.toml') || at('setup.py') ? ['.venv/bin/pip install --editable .'] : [])] };
    case 'go': return { needs: 'go', commands: ['go mod download'] };
    case 'cargo': return { needs: 'cargo', commands: [p.lockfile ? 'cargo fetch --locked' : 'cargo fetch'] };
    case 'maven': return { needs: at('mvnw') ? 'java' : 'mvn', commands: [`${wrapper('mvnw', 'mvn')} --batch-mode dependency:go-offline`] };
    case 'gradle': return { needs: at('gradlew') ? 'java' : 'gradle', commands: [`${wrapper('gradlew', 'gradle')} dependencies`] };
    case 'dotnet': return { needs: 'dotnet', commands: [p.lockfile ? 'dotnet restore --locked-mode' : 'dotnet restore'] };
    case 'bundler': return { needs: 'bundle', commands: ['bundle install'] };
    case 'composer': return { needs: 'composer', commands: ['composer install'] };
    case 'swift': return { needs: 'swift', commands: ['swift package resolve'] };
    case 'pub': return { needs: 'dart', commands: ['dart pub get'] };
    case 'mix': return { needs: 'mix', commands: ['mix deps.get'] };
  }
}

function script(repo: Repository, projects: readonly Project[]): string {
  const parts = projects.flatMap(p => {
    const how = install(p, repo);
    return how && how.commands.length > 0 ? [{ p, how }] : [];
  });
  const needs = [...new Set(parts.map(x => x.how.needs))].sort();
  return [
    '#!/bin/sh',
    '# Makes a fresh checkout ready to work in: sh scripts/setup.sh. It may be run again at any time.',
    'set -eu',
    '# From wherever it is called.',
    'cd "$(dirname "$0")/.."',
    '',
    'missing=',
    `for tool in ${needs.join(' ')}; do`,
    '  command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"',
    'done',
    'if [ -n "$missing" ]; then',
    '  echo "Install first:$missing" >&2',
    '  exit 1',
    'fi',
    '',
    ...parts.flatMap(({ p, how }) => [`echo ${shellText(`== ${p.manifest}`)}`,
      `(cd ${shellText(p.dir === '' ? '.' : `./${p.dir}`)} && ${how.commands.join(' && ')})`]),
    ...(repo.has('.pre-commit-config.yaml') ? ['if command -v pre-commit >/dev/null 2>&1; then', '  pre-commit install', 'fi'] : []),
    'echo "Ready."',
    '',
  ].join('\n');
}

function projectsOf(repo: Repository): readonly Project[] {
  return repoFacts(repo).stack.projects.filter(p => !p.member && install(p, repo) !== undefined);
}

export default definePractice({
  id: 'one-command-setup',
  title: 'One-command setup',
  category: 'Developer Experience',
  level: 3,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'One command makes a fresh checkout ready to work in: a development container, a script or a target.',
    why: 'A page of instructions is right for whoever wrote it, on the day it was written. A command is either right or fixed.',
    references: [
      'https://containers.dev/',
      'https://github.blog/engineering/infrastructure/scripts-to-rule-them-all/',
    ],
  },
  applies: repo => projectsOf(repo).length > 0,
  evidence,
  scaffold: {
    kind: 'file',
    title: 'Add a setup script',
    plan(repo) {
      if (evidence(repo).result === 1) return { refused: 'There is a setup of one command already.' };
      const projects = projectsOf(repo);
      if (projects.length === 0) return { refused: 'There is no manifest whose dependencies could be installed.' };
      if (repo.has('scripts/setup.sh')) return { refused: 'scripts/setup.sh is there already, and does nothing: write what it has to do.' };
      const shown = projects.slice(0, 10);
      return {
        changes: [{ path: 'scripts/setup.sh', created: true, newText: script(repo, shown) }],
        explanation: `Adds scripts/setup.sh, which says what is missing and installs the dependencies of ${shown.map(p => p.manifest).join(', ')}.`,
        todo: ['Add what else a checkout needs: a database, generated files, a copy of .env.example.',
          'Mention it where people look: sh scripts/setup.sh in README or CONTRIBUTING.'],
      };
    },
  },
});
