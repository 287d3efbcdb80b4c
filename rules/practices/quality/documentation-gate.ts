import { definePractice, type Evidence, type Verdict } from '../practice';
import { isSample, type Project, type Repository } from '../../repository';
import { ciJobs, whyNotGuarding } from '../shared/ci';
import { toolCalls } from '../shared/commands';
import { dotnetSays } from '../shared/dotnet-settings';
import { linterOf, settings, type Setting } from '../shared/linter-settings';
import { buildTool, mainProjects, recipe } from '../shared/recipes';
import { jobScaffold, type JobPlan } from '../shared/scaffold';
import { evidenceOf, sightings, where } from '../shared/sightings';
import { checkoutStep, jobHead, runStep } from '../shared/snippets';
import { cut, distinct, met, missing, unique } from '../shared/verdict';

const SETTINGS: readonly Setting[] = [
  { linters: /^(?:ruff|pre-commit|prek|pre-commit\/action)$/, file: /^(?:ruff|\.ruff|pyproject)\.toml$/,
    says: /(?:select|extend-select)\s{0,4}=\s{0,4}\[[^\]]{0,2000}["'](?:D|D1|D10\d|ALL)["']/ },
  { linters: /^(?:flake8|pre-commit)$/, file: /^(?:\.flake8|setup\.cfg|tox\.ini)$/,
    says: /(?:^|\n)\s{0,8}(?:docstring-convention|extend-select\s{0,4}=.{0,80}\bD)\b/ },
  { linters: /^(?:eslint|xo)$/, file: /^(?:eslint\.config\.[cm]?[jt]s|\.eslintrc(?:\.(?:json|[cm]?js|ya?ml))?)$/,
    says: /["']jsdoc\/require-jsdoc["']\s{0,4}:\s{0,4}\[?\s{0,4}["']?(?:error|2)/ },
  { linters: /golangci|^revive$/, file: /^(?:\.golangci\.(?:ya?ml|toml|json)|revive\.toml)$/,
    says: /name:\s{0,4}exported|\[rule\.exported\]|\bgodoclint\b/ },
  { linters: /^(?:mvnw?|gradlew?)$/, file: /^checkstyle[\w-]*\.xml$/, says: /(?:MissingJavadocMethod|JavadocMethod|MissingJavadocType)/ },
  { linters: /^swiftlint$/, file: /^\.swiftlint\.yml$/, says: /\bmissing_docs\b/ },
  { linters: /^rubocop$/, file: /^\.rubocop\.yml$/, says: /Style\/Documentation:\s{1,40}Enabled:\s{0,4}true/ },
];

const LOOKED_FOR = 'a limit to what may stay undocumented, on pull requests: interrogate, docstr-coverage, D rules of Ruff, missing_docs of Rust, typedoc with notDocumented, revive’s exported, -Xdoclint, …';

const DOTNET = /\bdotnet_diagnostic\.CS1591\.severity\s{0,4}=\s{0,4}error\b|<WarningsAsErrors>[^<]{0,500}CS1591/;
const CARGO = /^\s{0,8}missing_docs\s{0,4}=\s{0,4}(?:"(?:deny|forbid)"|\{[^}\n]{0,80}level\s{0,4}=\s{0,4}"(?:deny|forbid)")/m;

const cargoTexts = (repo: Repository): (string | undefined)[] => repo.files.filter(f => /(?:^|\/)Cargo\.toml$/.test(f) && !isSample(f))
  .slice(0, 100).map(f => repo.read(f)?.slice(0, 50_000));

/** Compilers and generators that are told to fail on what is undocumented. */
function told(repo: Repository): Evidence[] {
  const found: Evidence[] = [];
  const denies = CARGO.test(cargoTexts(repo).join('\n')) || repo.files.some(f => /(?:^|\/)src\/lib\.rs$/.test(f) && !isSample(f)
    && /#!\[(?:deny|forbid)\([^)]{0,200}missing_docs/.test(repo.read(f)?.slice(0, 20_000) ?? ''));
  const typedoc = repo.files.some(f => /^typedoc\.(?:json|[cm]?js)$/.test(f)
    && /notDocumented["']?\s{0,4}:\s{0,4}true/.test(repo.read(f) ?? '')
    && /treat(?:Validation)?WarningsAsErrors["']?\s{0,4}:\s{0,4}true/.test(repo.read(f) ?? ''));
  for (const s of ciJobs(repo).flatMap(j => j.steps)) {
    if (!s.step.run || whyNotGuarding(s)) continue;
    const environment = [...s.step.env?.variables ?? [], ...s.job.job.env?.variables ?? [], ...s.job.workflow.env?.variables ?? []];
    const flags = environment.filter(v => v.name === 'RUSTDOCFLAGS' || v.name === 'RUSTFLAGS').map(v => v.value?.value ?? '').join(' ');
    for (const { tool, args, soft } of toolCalls(repo, s)) {
      const all = args.join(' ');
      const counts = (tool === 'cargo' && /^(?:doc|rustdoc|build|check|test|clippy)\b/.test(all)
        && (denies || /-D\s?missing[_-]docs/.test(`${flags} ${all}`)))
        || (tool === 'typedoc' && (typedoc || (/--validation\.notDocumented/.test(all) && /WarningsAsErrors/.test(all))))
        || (/^mvnw?$/.test(tool) && /javadoc/.test(all) && /-Ddoclint=(?:all|missing)/.test(all) && /failOnWarnings=true/.test(all))
        || (tool === 'dotnet' && /^build\b/.test(all) && /warnaserror[:=].{0,200}CS1591|TreatWarningsAsErrors=true/i.test(all)
          && /GenerateDocumentationFile=true/.test(all))
        || (tool === 'revive' && args.includes('-set_exit_status'))
        || (tool === 'swift' && /generate-documentation/.test(all) && /--warnings-as-errors/.test(all)
          && /--experimental-documentation-coverage/.test(all));
      if (counts && !soft) found.push({ path: s.document.path, ...s.document.range(s.step.run.entry.key),
        text: `${tool} fails on what is undocumented` });
    }
  }
  return found;
}

function evidence(repo: Repository): Verdict {
  const seen = sightings(repo, 'docs'), good = seen.filter(s => !s.problem), compiled = told(repo);
  if (good.length + compiled.length > 0) return met([...distinct(good)
    .map(s => evidenceOf(s, `${s.tool} runs on pull requests and can fail`)), ...compiled]);
  if (cargoTexts(repo).includes(undefined) && ciJobs(repo).some(j => j.steps.some(s => !whyNotGuarding(s)
    && toolCalls(repo, s).some(c => c.tool === 'cargo'))))
    return { result: 'unknown', evidence: [], lookedFor: ['missing_docs among the lints of Cargo.toml, which could not be read'] };
  const linters = sightings(repo, 'lint').filter(s => !s.problem), { found, unread } = settings(repo, SETTINGS);
  const runs = (names: RegExp) => linterOf(linters, names);
  const held = found.find(f => runs(f.linters));
  if (held) return met([held.evidence, evidenceOf(runs(held.linters)!, `${runs(held.linters)!.tool} runs on pull requests`)]);
  const closed = unread.filter(u => runs(u.linters));
  if (closed.length > 0) return { result: 'unknown', evidence: [],
    lookedFor: [`rules about documentation in ${unique(closed.map(c => c.path)).slice(0, 3).join(', ')}, which could not be read`] };
  const dotnet = dotnetSays(repo, DOTNET, 'the compiler fails on what is undocumented');
  if (dotnet.found) return met([dotnet.found]);
  if (dotnet.unread !== undefined) return { result: 'unknown', evidence: [], lookedFor: [`CS1591 as an error in ${dotnet.unread}, which could not be read`] };
  return missing(LOOKED_FOR, ...cut(unique([...seen.map(s => `${where(s)} doesn't count: ${s.problem!}`),
    ...found.map(f => `${f.evidence.path} asks for documentation, and no linter runs on pull requests that would hold to it`)])));
}

const DOCUMENTED = /^(?:pip|poetry|pipenv|uv|cargo|go|maven|dotnet)$/;
const candidates = (repo: Repository): Project[] => mainProjects(repo).filter(p => DOCUMENTED.test(p.manager)
  || (/^(?:npm|pnpm|yarn)$/.test(p.manager) && repo.has(p.dir === '' ? 'tsconfig.json' : `${p.dir}/tsconfig.json`)));

export default definePractice({
  id: 'documentation-gate',
  title: 'Documentation gate',
  category: 'Quality',
  level: 5,
  severity: 'low',
  since: '0.1.0',
  docs: {
    summary: 'Public functions and types have to be documented, and a check holds to it.',
    why: 'What a function promises is known to its author for about a month.',
    references: [
      'https://interrogate.readthedocs.io/',
      'https://doc.rust-lang.org/rustdoc/lints.html#missing_docs',
      'https://typedoc.org/documents/Options.Validation.html',
    ],
  },
  applies: repo => candidates(repo).length > 0,
  evidence,
  scaffold: jobScaffold({
    title: 'Add a docs-coverage job',
    there: repo => evidence(repo).result === 1 ? 'Documentation is checked on pull requests already.' : undefined,
    plan,
  }),
});

function plan(repo: Repository): JobPlan | { readonly refused: string } {
  const p = candidates(repo)[0];
  if (!p) return { refused: 'There is no Python, Rust, Go, TypeScript, Java or .NET project here whose documentation could be measured.' };
  const r = recipe(p, repo)!;
  const job = (steps: readonly string[], env: readonly string[], todo: readonly string[]): JobPlan => ({
    jobs: [{ id: 'docs-coverage', yaml: [...jobHead('Documentation', 15), ...(env.length > 0 ? ['env:', ...env] : []), 'steps:',
      ...checkoutStep(), ...steps] }],
    explanation: `Adds a job that fails when public parts of ${p.manifest} are undocumented.`, todo,
  });
  const begin = 'If the job fails at first, document what it names, beginning with what others call.';
  switch (p.manager) {
    case 'cargo': return job([...r.setup, ...runStep('Document', [`cargo doc --workspace --no-deps${p.lockfile ? ' --locked' : ''}`],
      p.dir)], ['  RUSTDOCFLAGS: -D missing_docs -D rustdoc::broken_intra_doc_links'], [begin]);
    case 'go': {
      const made = job([...r.setup, ...runStep('Look for what is undocumented',
        ['go run github.com/mgechev/revive@v1.9.0 -set_exit_status -config "$GITHUB_WORKSPACE/.github/revive-docs.toml" ./...'], p.dir)],
        [], [begin]);
      return { ...made, files: [{ path: '.github/revive-docs.toml', text: REVIVE }] };
    }
    case 'maven': return job([...r.setup, ...runStep('Document',
      [`${buildTool(p, repo)} --batch-mode org.apache.maven.plugins:maven-javadoc-plugin:3.11.2:javadoc -Ddoclint=all -DfailOnWarnings=true`], p.dir)], [], [begin, ...r.todo]);
    case 'dotnet': return job([...r.setup, ...runStep('Build with documentation',
      ['dotnet build -p:GenerateDocumentationFile=true -warnaserror:CS1591'], p.dir)], [], [begin]);
    case 'npm': case 'pnpm': case 'yarn': return job([...r.setup, ...runStep('Look for what is undocumented', [
      'npx --yes typedoc@0.28.14 --entryPointStrategy expand --entryPoints src --emit none --validation.notDocumented --treatValidationWarningsAsErrors'], p.dir)], [],
      [begin, 'Name the entry points of the package instead of src, so that only what is exported is asked for.', ...r.todo]);
    default: return job(runStep('Measure docstrings',
      ['pipx run interrogate==1.7.0 --fail-under 80 --ignore-init-method --ignore-private --verbose .'], p.dir), [],
      ['If the job fails at first, begin with the number that it prints and raise it step by step.',
        'Leave out what isn’t yours with --exclude.']);
  }
}

const REVIVE = `# Only whether exported names have comments: other linters look at the rest.
severity = "error"
confidence = 0.8

[rule.exported]
`;
