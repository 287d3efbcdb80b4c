import { defineQuery, defineRule } from '../../engine/rule';
import { repoFacts } from '../../repository';
import type { Job } from '../../workflow/model';
import { asMapping, scalarText } from '../../workflow/nodes';
import { mapsExactly, valueRangeSpan } from '../../workflow/scalar-map';
import type { Word } from '../../workflow/scripts';
import { inputEntry } from '../shared/artifact-uploads';
import { workflowFolder } from '../shared/lockfiles';
import { packageCommands, positionals, type PackageCommand } from '../shared/package-commands';
import { argvsOf } from '../shared/step-commands';
import { workflowShell } from '../shared/workflow-facts';

/** The packages that manifests of the repository name, and whether all of them could be read. */
const declaredPackages = defineQuery('install-adhoc-unpinned.declared', ({ repository }): { readonly all: readonly string[]; readonly complete: boolean } => {
  if (!repository) return { all: [], complete: false };
  const { packages } = repoFacts(repository).stack;
  const files = repository.files.filter(f => /(?:^|\/)package\.json$/.test(f));
  return { all: [...new Set([...packages.values()].flatMap(p => [...p.dependencies]))].sort(), complete: files.every(f => repository.read(f) !== undefined) };
});

interface Tool {
  /** Words between the program and what is installed: `['tool', 'run']`. */
  readonly verb: readonly string[];
  /** Takes what stands first alone; behind it come the tool's own arguments. */
  readonly runs?: boolean;
  readonly valued?: readonly string[];
  /** The words that say a version. */
  readonly version?: RegExp;
  readonly example: string;
}

const NODE = '{name}@<version>', PYTHON = '{name}==<version>';
const TOOLS: Readonly<Record<string, readonly Tool[]>> = {
  npx: [{ verb: [], runs: true, example: NODE }], bunx: [{ verb: [], runs: true, example: NODE }], pnpx: [{ verb: [], runs: true, example: NODE }],
  pnpm: [{ verb: ['dlx'], runs: true, example: NODE }, { verb: ['add', '-g'], example: NODE }],
  yarn: [{ verb: ['dlx'], runs: true, example: NODE }, { verb: ['global', 'add'], example: NODE }],
  bun: [{ verb: ['x'], runs: true, example: NODE }],
  npm: [{ verb: ['install'], example: NODE }, { verb: ['i'], example: NODE }, { verb: ['add'], example: NODE }],
  uvx: [{ verb: [], runs: true, example: '{name}@<version>', valued: ['--with', '--python', '-p', '--index', '--index-url'] }],
  uv: [{ verb: ['tool', 'run'], runs: true, example: '{name}@<version>', valued: ['--with', '--python', '-p'] },
    { verb: ['tool', 'install'], example: PYTHON, valued: ['--with', '--python', '-p'] }],
  pipx: [{ verb: ['run'], runs: true, example: PYTHON, valued: ['--python'] }, { verb: ['install'], example: PYTHON, valued: ['--python', '--pip-args'] }],
  pip: [{ verb: ['install'], example: PYTHON, valued: ['-i', '--index-url', '--extra-index-url', '--target', '-t', '--prefix', '--root', '--python-version', '--platform'] }],
  go: [{ verb: ['install'], example: '{name}@<version>' }],
  cargo: [{ verb: ['install'], example: '--version <version> --locked {name}', version: /^--(?:version|vers|git|path|rev|tag)(?:=|$)/,
    valued: ['--version', '--vers', '--features', '-F', '--root', '--target', '--profile', '--bin', '-j', '--jobs'] }],
  gem: [{ verb: ['install'], example: '{name}:<version>', version: /^(?:-v|--version)(?:=|$)/, valued: ['-v', '--version', '-s', '--source', '-n', '--bindir', '-i'] }],
  dotnet: [{ verb: ['tool', 'install'], example: '{name} --version <version>', version: /^--version$/, valued: ['--version', '--add-source', '--tool-path'] }],
};
/** What package managers bring up to date before anything else. */
const GROUND = new Set(['pip', 'setuptools', 'wheel', 'npm', 'corepack', 'bundler', 'rubygems-update', 'pre-commit-ci', 'build']);
const FLOATING = /^(?:latest|next|nightly|canary|beta|alpha|rc|main|master|HEAD|edge|insiders|\*|x)$/;

export default defineRule({
  id: 'install-adhoc-unpinned',
  category: 'supply-chain',
  severity: 'low',
  confidence: 'medium',
  scope: 'job',
  profile: 'strict',
  level: 0,
  since: '0.1.0',
  fix: 'none',
  docs: {
    summary: 'Finds tools that a job installs in whatever version is newest, such as `npx tool@latest`.',
    why: 'A release of an hour ago runs in the job before anybody has looked at it, and a job that passed yesterday may fail today.',
    references: ['https://github.com/ossf/scorecard/blob/main/docs/checks.md#pinned-dependencies', 'https://docs.npmjs.com/cli/commands/npx'],
    standards: ['SEC-3'],
  },
  messages: {
    adhoc: '`{command}` takes the version of {name} that is newest when the job runs. Name one: `{example}`.',
    setup: '`{input}: {value}` takes the version that is newest when the job runs. Name one.',
  },
  aliases: { zizmor: ['adhoc-packages', 'unpinned-tools'] },
  create(context) {
    return {
      script(script) {
        for (const found of packageCommands(script, context.query(workflowShell), context.query(workflowFolder))) {
          const adhoc = readAdhoc(found);
          if (!adhoc) continue;
          const { job } = script.step;
          if (found.program === 'pip' && job && triesPythons(job)) continue;
          // What the project has installed is run in the version that its lockfile says.
          if (adhoc.tool.runs && /^(?:npx|bunx|pnpx|bun)$/.test(found.program) && !adhoc.floating && !fetches(found)) {
            const declared = context.query(declaredPackages);
            if (!declared.complete || !job || installs(job) || declared.all.length > 0) continue;
          }
          context.instance();
          if (adhoc.pinned || !mapsExactly(script.scalar)) continue;
          const { word, name } = adhoc;
          // The manifest says which versions of it will do.
          if (!adhoc.floating && adhoc.tool.example === NODE && context.query(declaredPackages).all.includes(name)) continue;
          context.report({
            at: valueRangeSpan(script.scalar, word.start, word.end), messageId: 'adhoc', step: script.step, job,
            data: { command: [found.program, ...adhoc.tool.verb].join(' '), name, example: adhoc.tool.example.replace('{name}', name) },
          });
        }
      },
      uses(uses, { step, job }) {
        // Xcode is one of those that the runner's image brings.
        if (!step || !uses.repo || uses.repo.toLowerCase() === 'setup-xcode' || !/^(?:setup|install)-/.test(uses.repo.toLowerCase())) return;
        for (const entry of asMapping(step.with?.value)?.entries ?? []) {
          const value = scalarText(entry.value);
          if (value === undefined || !/^(?:[\w-]+-)?version$/i.test(entry.key.value)) continue;
          context.instance();
          if (value !== 'latest' && value !== 'nightly') continue;
          context.report({ at: entry.value ?? entry.key, messageId: 'setup', data: { input: entry.key.value, value }, step, job });
        }
      },
    };
  },
});

interface Adhoc { readonly tool: Tool; readonly word: Word; readonly name: string; readonly pinned: boolean; readonly floating: boolean }

/** The first package of a command that has no version; else one that has. Undefined where nothing is installed by name. */
function readAdhoc(found: PackageCommand): Adhoc | undefined {
  for (const tool of TOOLS[found.program] ?? []) {
    const plain = positionals(found, new Set([...(tool.valued ?? []), '-p', '--package', '--from', '--spec', '-c', '--call', '--registry', '--prefix', '-C', '--cwd', '--dir']));
    const given = tool.verb.filter(v => !v.startsWith('-'));
    if (!given.every((v, i) => plain[i]?.literal === v)) continue;
    if (tool.verb.some(v => v.startsWith('-') && !found.args.includes(v))) continue;
    if (found.args.some(a => tool.version?.test(a ?? ''))) return undefined;
    if (found.args.some(a => /^(?:-r|-e|-c|--requirement|--editable|--constraint|--group|--no-index|--help|--list|--no-install|--no|--offline|--require-hashes)(?:=|$)/.test(a ?? ''))) return undefined;
    const option = found.words.findIndex(w => /^(?:-p|--package|--from|--spec)$/.test(w.literal ?? ''));
    const named = option >= 0 && tool.runs && found.program !== 'uv' ? found.words[option + 1] : undefined;
    const words = named ? [named] : plain.slice(given.length);
    const first = tool.runs ? words.slice(0, 1) : words;
    const read = first.map(w => readPackage(w, found.program, tool));
    if (read.length === 0 || read.some(r => r === undefined)) return undefined;
    const all = (read as Adhoc[]).filter(r => !GROUND.has(r.name.toLowerCase()));
    return all.find(r => !r.pinned) ?? all[0];
  }
  return undefined;
}

/** Undefined for what is no package of a registry: a path, an address, a word that only the shell knows. */
function readPackage(word: Word, program: string, tool: Tool): Adhoc | undefined {
  const text = word.literal;
  if (text === undefined || text === '' || /[\s*$]|^[./~\\]|^-|:\/\/|^git\+|\.(?:whl|tgz|gz|zip|gem|nupkg)$/.test(text)) return undefined;
  if (program === 'pip' || (tool.example === PYTHON && /[=<>~!@]/.test(text))) {
    const parts = /^([\w.-]+)(?:\[[\w,.-]*\])?(.*)$/.exec(text);
    if (!parts || parts[2]!.trim().startsWith('@')) return undefined;
    return { tool, word, name: parts[1]!, pinned: parts[2] !== '', floating: false };
  }
  const at = text.indexOf('@', 1), name = at > 0 ? text.slice(0, at) : text.split(':')[0]!, version = at > 0 ? text.slice(at + 1) : '';
  if (program === 'go') return version === '' ? undefined : { tool, word, name, pinned: !FLOATING.test(version), floating: true };
  const bare = name.replace(/\[[\w,.-]*\]$/, '');
  if (!/^(?:@[\w.-]+\/)?[\w.-]+$/.test(bare)) return undefined;
  const pinned = program === 'gem' ? text.includes(':') : version !== '' && !FLOATING.test(version);
  return { tool, word, name: bare, pinned, floating: FLOATING.test(version) };
}

/** `npx --yes tool` says that it isn't there yet. */
function fetches({ args }: PackageCommand): boolean {
  return args.some(a => /^(?:-y|--yes|-p|--package(?:=.*)?)$/.test(a ?? ''));
}

/** What a package needs of Python changes with its versions: no single one is there for all that the matrix tries. */
function triesPythons(job: Job): boolean {
  return job.steps.some(s => scalarText(inputEntry(s, 'python-version')?.value)?.includes('matrix.'));
}

/** A step may have put the tool into `node_modules`. */
function installs(job: Job): boolean {
  return job.steps.some(s => (s.uses && s.uses.kind !== 'docker' && !/^(?:checkout|setup-node|cache|upload-artifact)$/i.test(s.uses.repo ?? ''))
    || argvsOf(s).some(([program, verb]) => /^(?:npm|pnpm|yarn|bun)$/.test(program ?? '') && !/^(?:publish|config|login|dlx|x)$/.test(verb ?? '')));
}
