/** Commands as people mean them: `uv run pytest`, `npx eslint .`, `docker run --rm img scan` and `npm test` are the tools inside. */
import type { Repository } from '../../repository';
import { repoFacts } from '../../repository';
import { scalarText } from '../../workflow/nodes';
import { defaultShell, parseScript, shellOf, type AndOr, type Command, type Compound, type Pipeline, type WordPart } from '../../workflow/scripts';
import type { CiStep } from './ci';

export interface ToolCall {
  /** The tool itself, lower case, without path, wrapper or version: `pytest`, `gitleaks`. */
  readonly tool: string;
  /** Arguments behind it as far as they are literal; a computed one is `$`. */
  readonly args: readonly string[];
  /** Offsets of the command in the script's text. */
  readonly start: number;
  readonly end: number;
  /** Why its failure fails nothing. */
  readonly soft?: string;
}

const cache = new WeakMap<Repository, WeakMap<CiStep['step'], readonly ToolCall[]>>();

/** The tools that a step's script calls, in order; scripts of package.json are followed. */
export function toolCalls(repo: Repository, s: CiStep): readonly ToolCall[] {
  const script = s.step.run?.scalar.value;
  if (script === undefined) return [];
  let known = cache.get(repo);
  if (!known) cache.set(repo, known = new WeakMap());
  let calls = known.get(s.step);
  if (!calls) {
    const { shell } = shellOf(s.step, s.outer ? undefined : defaultShell(s.document.workflow?.defaults));
    known.set(s.step, calls = parseScript(script, shell).commands.flatMap(c => expand(repo, wordsOf(c, s), c, swallowed(c, script), 0)));
  }
  return calls;
}

function wordsOf(command: Command, s?: CiStep): string[] {
  const container = s !== undefined && /(?:^|\/)(?:docker|podman)$/.test(command.name ?? '');
  return command.words.map(w => w.literal ?? (container ? fromEnvironment(w.parts, s) : undefined) ?? '$');
}

/**
 * A word that variables of the step make up: which image runs is often said there. An input of an action is what it is by default, which
 * holds for all who call it: another image there is a mirror of the same.
 */
function fromEnvironment(parts: readonly WordPart[], s: CiStep): string | undefined {
  let text = '';
  for (const p of parts) {
    const value = p.kind === 'text' || p.kind === 'single' ? p.value : p.kind === 'double' ? fromEnvironment(p.parts, s)
      : p.kind === 'parameter' && p.simple ? variable(p.name, s) : undefined;
    if (value === undefined) return undefined;
    text += value;
  }
  return text;
}

function variable(name: string, s: CiStep): string | undefined {
  const value = s.step.env?.variables.find(v => v.name === name)?.value?.value;
  const input = value === undefined ? undefined : /^\s*\$\{\{\s*inputs\.([\w-]+)\s*\}\}\s*$/.exec(value)?.[1]?.toLowerCase();
  if (input === undefined) return value?.includes('${{') ? undefined : value;
  return scalarText(s.document.action?.inputs.find(i => i.name.toLowerCase() === input)?.default);
}

/** What the shell does with the command's failure, where that is to forget it. */
export function swallowed(command: Command, script: string): string | undefined {
  // Who turns errors off to look at the result later hasn't forgotten it; nor has who asks in an `if`.
  if (command.options.errexit === false && !/\$\?|\$\{?PIPESTATUS|\bexit\s+["']?\$/.test(script)) return 'set +e stands before it';
  for (let pipeline: Pipeline | undefined = command.pipeline; pipeline;) {
    const reason = forgotten(pipeline);
    if (reason) return reason;
    const parent: AndOr['parent'] = pipeline.list.parent;
    pipeline = parent && isCompound(parent) ? parent.pipeline : undefined;
  }
  return undefined;
}

function isCompound(parent: NonNullable<AndOr['parent']>): parent is Compound { return 'pipeline' in parent; }

function forgotten(pipeline: Pipeline): string | undefined {
  const { list } = pipeline;
  if (list.background) return 'it runs in the background';
  const at = list.pipelines.indexOf(pipeline);
  if (list.operators[at] !== '||') return undefined;
  const next = list.pipelines[at + 1]?.parts[0];
  if (next?.kind !== 'command') return undefined;
  if (next.name === 'true' || next.name === ':' || next.name === 'echo' || next.name === 'printf') return `|| ${next.name} follows it`;
  return next.name === 'exit' && next.words[1]?.literal === '0' ? '|| exit 0 follows it' : undefined;
}

/** Wrappers: what to skip. Options that take a value are named, so that the value isn't taken for the tool. */
const WRAPPERS: Readonly<Record<string, { readonly sub?: readonly string[]; readonly valued?: readonly string[] }>> = {
  npx: { valued: ['-p', '--package'] }, bunx: {}, pnpx: {}, uvx: { valued: ['--from', '--with', '--python', '-p'] },
    sudo: { valued: ['-u', '-g'] }, time: {}, nice: { valued: ['-n'] },
  command: {}, exec: {}, xvfb: {}, 'xvfb-run': { valued: ['-s', '-n', '--server-args'] }, env: { valued: ['-u'] }, timeout: {}, retry: {},
    nohup: {}, wait: {}, 'cross-env': {},
  dotenv: {}, ddev: { sub: ['exec'] }, mise: { sub: ['exec', 'x'] }, rtx: { sub: ['exec'] }, nix: { sub: ['develop', 'shell'] },
    hatch: { sub: ['run'], valued: ['-e'] }, pdm: { sub: ['run'] },
  poetry: { sub: ['run'] }, pipenv: { sub: ['run'] }, uv: { sub: ['run'],
    valued: ['--with', '--extra', '--group', '--python', '-p', '--package', '--only-group', '--directory'] },
  rye: { sub: ['run'] }, pipx: { sub: ['run'], valued: ['--spec'] }, bundle: { sub: ['exec'] }, rbenv: { sub: ['exec'] },
    'wp-env': { sub: ['run'] }, doppler: { sub: ['run'] },
};

function expand(repo: Repository, words: readonly string[], command: Command, soft: string | undefined, depth: number): ToolCall[] {
  const at = { start: command.start, end: command.end, soft };
  const w = unwrap(words);
  const tool = toolName(w[0]);
  // The shell's own `test` compares files and strings.
  if (tool === undefined || w[0] === 'test') return [];
  const args = w.slice(1);
  // `node --run test` is `npm run test`.
  const run = tool === 'node' ? args.findIndex(a => a === '--run' || a.startsWith('--run=')) : -1;
  if (run >= 0) return expand(repo, ['npm', 'run', ...args.slice(run).flatMap(a => a === '--run' ? [] : [a.replace(/^--run=/, '')])], command, soft, depth);
  if (depth < 3) {
    const script = packageScript(repo, tool, args);
    if (script) {
      const inner = parseScript(script.text, 'bash').commands.flatMap(c => expand(repo, wordsOf(c), command,
        soft ?? swallowed(c, script.text), depth + 1));
      return [{ tool: `script:${script.name}`, args, ...at }, ...inner];
    }
  }
  if (tool === 'docker' || tool === 'podman') {
    const image = dockerImage(args);
    if (image) return [{ tool, args, ...at }, { tool: image.tool, args: image.args, ...at }];
  }
  const inside = depth < 3 ? insideContainer(tool, args) : undefined;
  // There `test` with a path is a program of the image: the shell's own asks something with an option.
  if (inside) return [{ tool, args, ...at }, ...(inside[0] === 'test' && inside[1] !== undefined && !inside[1].startsWith('-')
    ? [{ tool: 'test', args: inside.slice(1), ...at }] : expand(repo, inside, command, soft, depth + 1))];
  if (/^python[\d.]*$/.test(tool) && args[0] === '-m' && args[1]) return [{ tool: args[1].toLowerCase(), args: args.slice(2), ...at }];
  // A script that is given a command to run: `python3 retry.py --attempts 3 -- pytest`.
  const behind = args.indexOf('--');
  if (depth < 3 && behind > 0 && /^(?:python[\d.]*|bash|sh|node)$/.test(tool) && !args[0]!.startsWith('-'))
    return [{ tool, args, ...at }, ...expand(repo, args.slice(behind + 1), command, soft, depth + 1)];
  if (tool === 'go' && args[0] === 'run' && args[1]) return [{ tool, args, ...at }, { tool: goTool(args[1]), args: args.slice(2), ...at }];
  if (tool === 'go' && args[0] === 'tool' && args[1]) return [{ tool, args, ...at }, { tool: goTool(args[1]), args: args.slice(2), ...at }];
  if (tool === 'cargo' && args[0] && !args[0].startsWith('-')) return [{ tool, args: args[0].startsWith('+') ? args.slice(1) : args,
    ...at }];
  return [{ tool, args, ...at }];
}

function unwrap(words: readonly string[]): readonly string[] {
  let w = words;
  for (let guard = 0; guard < 8; guard++) {
    const wrapper = WRAPPERS[toolName(w[0]) ?? ''];
    if (!wrapper) break;
    let i = 1;
    if (wrapper.sub) {
      while (i < w.length && w[i]!.startsWith('-')) i++;
      if (!wrapper.sub.includes(w[i] ?? '')) break;
      i++;
    }
    while (i < w.length && (w[i]!.startsWith('-') || /^[A-Za-z_]\w*=(?!=)/.test(w[i]!)
      || (toolName(w[0]) === 'timeout' && /^[\d.]+[smhd]?$/.test(w[i]!))))
      i += wrapper.valued?.includes(w[i]!) ? 2 : 1;
    if (i >= w.length) break;
    w = w.slice(i);
  }
  // `pnpm exec`, `yarn dlx`, `npm exec --`.
  const first = toolName(w[0]);
  if ((first === 'npm' || first === 'pnpm' || first === 'yarn' || first === 'bun') && ['exec', 'dlx', 'x'].includes(w[1] ?? '')) {
    const rest = w.slice(2).filter((x, i, all) => x !== '--' && !(x.startsWith('-') && all.slice(0, i).every(y => y.startsWith('-'))));
    if (rest.length > 0) return rest;
  }
  return w;
}

function toolName(word: string | undefined): string | undefined {
  if (!word || word === '$') return undefined;
  const base = word.slice(word.replaceAll('\\', '/').lastIndexOf('/') + 1).toLowerCase().replace(/\.(?:exe|cmd|bat|ps1|phar)$/, '');
  // `eslint@9`, `ruff==0.5`; scoped names keep their scope.
  return (word.startsWith('@') ? word.toLowerCase() : base).replace(/(?!^)(?:@|==).*$/, '') || undefined;
}

/** `github.com/org/tool/cmd/tool@v1` → `tool`; a major version suffix is no name. */
function goTool(path: string): string {
  const parts = path.split('@')[0]!.split('/').filter(p => p !== '' && p !== '.' && p !== '...' && !/^v\d+$/.test(p));
  return (parts.at(-1) ?? '').toLowerCase();
}

const DOCKER_VALUED = new Set(['-v', '--volume', '-e', '--env', '-w', '--workdir', '-u', '--user', '--name', '--network', '--net',
  '--entrypoint', '-p', '--publish', '--mount',
  '--env-file', '--platform', '--add-host', '-m', '--memory', '--cpus', '-l', '--label', '--pull', '--hostname', '-h', '--ulimit',
    '--shm-size', '--cap-add', '--security-opt']);

/** `docker run … zricethezav/gitleaks detect` → gitleaks. */
function dockerImage(args: readonly string[]): { tool: string; args: readonly string[] } | undefined {
  if (args[0] !== 'run') return undefined;
  let i = 1;
  while (i < args.length && args[i]!.startsWith('-')) i += DOCKER_VALUED.has(args[i]!) ? 2 : 1;
  const image = args[i];
  if (!image || image === '$') return undefined;
  const name = image.split('@')[0]!.split('/').at(-1)!.split(':')[0]!.toLowerCase();
  const rest = args.slice(i + 1);
  // Images that hold a tool of the same name may be called with or without it.
  return rest[0] && rest[0].toLowerCase() === name ? { tool: name, args: rest.slice(1) } : { tool: name, args: rest };
}

/** `docker compose exec -T app pytest` → what is run in a container that a service is started in. */
function insideContainer(tool: string, args: readonly string[]): readonly string[] | undefined {
  const composed = /^(?:docker|podman)-compose$/.test(tool) || args[0] === 'compose';
  if (!composed && !/^(?:docker|podman)$/.test(tool)) return undefined;
  const skip = (from: number): number => {
    let i = from;
    while (i < args.length && args[i]!.startsWith('-')) i += CONTAINER_VALUED.has(args[i]!) ? 2 : 1;
    return i;
  };
  const at = composed ? skip(args[0] === 'compose' ? 1 : 0) : 0;
  if (args[at] !== 'exec' && !(composed && args[at] === 'run')) return undefined;
  const rest = args.slice(skip(at + 1) + 1);
  return rest.length > 0 && rest[0] !== '$' ? rest : undefined;
}

const CONTAINER_VALUED = new Set([...DOCKER_VALUED, '-f', '--file', '--profile', '--project-name', '--project-directory', '--index', '--user']);

/** The text of a package.json script that is called, where it can be read. */
function packageScript(repo: Repository, tool: string, args: readonly string[]): { name: string; text: string } | undefined {
  if (tool !== 'npm' && tool !== 'pnpm' && tool !== 'yarn' && tool !== 'bun') return undefined;
  const name = scriptName(tool, args);
  if (!name) return undefined;
  for (const p of repoFacts(repo).stack.packages.values()) {
    const text = p.scripts[name];
    if (text !== undefined) return { name, text };
  }
  return undefined;
}

/** The script that `npm run x`, `yarn x`, `npm test` name; undefined for other subcommands. */
export function scriptName(tool: string, args: readonly string[]): string | undefined {
  const words = args.filter((a, i) => !a.startsWith('-') && !['-w', '--workspace', '--filter', '-F', '-C', '--prefix', '--cwd',
    '--dir'].includes(args[i - 1] ?? ''));
  const [first, second, third] = words;
  if (first === 'workspace') return third === 'run' ? words[3] : third;
  if (first === 'workspaces' && second === 'run') return third;
  if (first === 'run' || first === 'run-script' || first === 'rum') return second;
  if (first === 'test' || first === 't' || first === 'tst') return 'test';
  if (first === '$' || first === undefined) return undefined;
  const builtin = ['install', 'i', 'ci', 'add', 'audit', 'publish', 'pack', 'exec', 'dlx', 'x', 'config', 'version', 'login', 'whoami',
    'link', 'ls', 'cache', 'update', 'upgrade', 'set',
    'dedupe', 'store', 'create', 'init', 'view', 'info', 'sbom', 'outdated', 'rebuild', 'prune', 'root', 'bin', 'up', 'pm', 'remove',
      'why', 'patch', 'help', 'import', 'deploy'];
  return tool === 'npm' || builtin.includes(first) ? undefined : first;
}
