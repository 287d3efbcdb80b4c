import { definePractice, type Evidence } from '../practice';
import { basename, isSample, isVendored, repoFacts, type Repository } from '../../repository';
import { ciJobs, whyNotGuarding, type CiStep } from '../shared/ci';
import { evidenceOfStep } from '../shared/deployments';
import { linesOf, type Line } from '../shared/lines';
import { ratio, unique } from '../shared/verdict';
import { breakingScaffold } from './scaffolds/breaking';

/** What others build on, and whose change can break them. */
export interface Surface { readonly kind: 'openapi' | 'protobuf' | 'graphql' | 'crate' | 'migrations'; readonly path: string }

const NAMES = { openapi: 'the HTTP interface', protobuf: 'the protocol buffers', graphql: 'the GraphQL schema', crate: 'the crate\'s interface', migrations: 'the SQL migrations' } as const;
export type Kind = keyof typeof NAMES;

/** One of each kind: the first file. */
export function surfaces(repo: Repository): Surface[] {
  const { stack } = repoFacts(repo), found: Surface[] = [];
  const first = (kind: Kind, path: string | undefined): void => { if (path !== undefined) found.push({ kind, path }); };
  const own = repo.files.filter(f => !isVendored(f) && !isSample(f) && !f.startsWith('.github/'));
  first('openapi', stack.openapi[0]);
  first('protobuf', own.find(f => /^buf\.ya?ml$/.test(basename(f))) ?? own.find(f => f.endsWith('.proto') && !/(?:^|[/_-])tests?[/_-]/.test(f) && /^service\s+\w+/m.test(repo.read(f) ?? '')));
  first('graphql', own.find(f => /^schema\.(?:graphql|gql|graphqls)$/.test(basename(f))));
  // A crate that is published: a library at the root that doesn't say that it isn't.
  const manifest = repo.read('Cargo.toml');
  if (manifest !== undefined && repo.has('src/lib.rs') && /^\s*\[package\]/m.test(manifest) && !/^\s*publish\s*=\s*(?:false|\[\s*\])/m.test(manifest)) first('crate', 'Cargo.toml');
  first('migrations', stack.migrations.find(m => m.endsWith('.sql')));
  return found;
}

const COMMANDS: readonly (readonly [Kind, RegExp])[] = [
  ['openapi', /^(?:oasdiff (?:breaking|changelog)|openapi-diff|openapi-changes|optic diff|bump diff|pb33f|swagger-diff|.*\boasdiff\S* (?:breaking|changelog)|.*openapitools\/openapi-diff)/],
  ['protobuf', /^(?:buf breaking|.*\bbufbuild\/buf\S* breaking|prototool break|protolock status)/],
  ['graphql', /^(?:graphql-inspector diff|rover (?:sub)?graph check|.*graphql-inspector\S* diff|gqldiff)/],
  ['crate', /^cargo (?:\+\S+ )?(?:semver-checks|public-api|breaking)/],
  ['migrations', /^(?:squawk|atlas migrate lint|.*squawk-cli|sqlfluff lint|eugene|strong_migrations|pgroll validate|schemalint|django-migration-linter|lintmigrations|.*manage\.py lintmigrations)/],
];
const ACTIONS: readonly (readonly [Kind, RegExp])[] = [
  ['openapi', /^(?:oasdiff\/oasdiff-action|tufin\/oasdiff-action|opticdev\/action|bump-sh\/github-action|mvegter\/openapi-diff-action|opendiffy\/|pb33f\/openapi-changes)/i],
  ['protobuf', /^bufbuild\/(?:buf-breaking-action|buf-action)/i],
  ['graphql', /^(?:kamilkisiela|graphql-hive|the-guild-org)\/graphql-inspector/i],
  ['crate', /^obi1kenobi\/cargo-semver-checks-action/i],
  ['migrations', /^(?:sbdchd\/squawk-action|ariga\/atlas-action\/migrate\/lint|ariga\/atlas-action)/i],
];

interface Seen { readonly kind: Kind; readonly step: CiStep; readonly what: string; readonly why?: string }

/** Commands that compare and succeed whatever they find. */
function quiet(kind: Kind, line: Line): string | undefined {
  if (kind === 'openapi' && /\boasdiff\b/.test(line.raw) && !/\b(?:-o|--fail-on|fail-on)\b/.test(line.raw)) return 'without --fail-on oasdiff succeeds whatever it finds';
  return undefined;
}

function seen(repo: Repository): Seen[] {
  return ciJobs(repo).flatMap(j => j.steps).flatMap((step): Seen[] => {
    const uses = step.step.uses?.text;
    const action = uses === undefined ? undefined : ACTIONS.find(([, re]) => re.test(uses));
    if (action) return [{ kind: action[0], step, what: uses!.split('@')[0]!, why: whyNotGuarding(step) }];
    return linesOf(repo, step).flatMap(line => COMMANDS.filter(([, re]) => re.test(unwrapped(line))).map(([kind]) =>
      ({ kind, step, what: unwrapped(line).split(' ').slice(0, 2).join(' '), why: whyNotGuarding(step) ?? line.soft ?? quiet(kind, line) })));
  });
}

/** Without `npx`, `go run …@v1` and `docker run …` ahead of the tool. */
function unwrapped(line: Line): string {
  return line.text.replace(/^(?:npx|bunx|pnpm exec|pnpm dlx|yarn dlx|uvx|pipx run|poetry run|uv run)(?: -\S+)* /, '').replace(/^go run \S*\/([\w-]+)(?:@\S+)? /, '$1 ');
}

/** What is compared already is there to be compared, also where it lies in a folder of a workspace or is made by the build. */
function wantedBy(repo: Repository, all: readonly Seen[]): Surface[] {
  const found = surfaces(repo), kinds = new Set(found.map(s => s.kind));
  const compared = all.filter(x => !x.why && !kinds.has(x.kind) && kinds.add(x.kind));
  return [...found, ...compared.map(x => ({ kind: x.kind, path: x.step.document.path }))];
}

export default definePractice({
  id: 'breaking-change-check',
  title: 'Breaking-change check',
  category: 'Reliability',
  level: 5,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'A change that breaks those who build on an interface or a schema is found on the pull request.',
    why: 'Tests of a program pass when it changes together with its interface; its callers find out after the release.',
    references: ['https://www.oasdiff.com/', 'https://buf.build/docs/breaking/', 'https://github.com/obi1kenobi/cargo-semver-checks', 'https://squawkhq.com/'],
  },
  applies: repo => surfaces(repo).length > 0 || wantedBy(repo, seen(repo)).length > 0,
  evidence(repo) {
    const all = seen(repo), wanted = wantedBy(repo, all).map(s => ({ s, good: all.find(x => x.kind === s.kind && !x.why) }));
    const open = wanted.filter(w => !w.good);
    return ratio(wanted.length - open.length, wanted.length,
      wanted.flatMap(({ s, good }): Evidence[] => (good ? [evidenceOfStep(good.step, `${good.what} compares ${NAMES[s.kind]} on pull requests`)] : [])),
      [...open.map(({ s }) => `a check of ${NAMES[s.kind]} (${s.path}) against the base branch, on pull requests: ${EXAMPLES[s.kind]}`),
        ...unique(open.flatMap(({ s }) => all.filter(x => x.kind === s.kind).map(x => `${x.what} in ${x.step.document.path} doesn't count: ${x.why!}`)))]);
  },
  scaffold: breakingScaffold(repo => { const all = seen(repo); return surfaces(repo).filter(s => !all.some(x => x.kind === s.kind && !x.why)); }),
});

const EXAMPLES: Readonly<Record<Kind, string>> = {
  openapi: 'oasdiff breaking', protobuf: 'buf breaking', graphql: 'graphql-inspector diff', crate: 'cargo semver-checks', migrations: 'squawk or atlas migrate lint',
};
