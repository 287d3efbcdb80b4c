import { definePractice, type Evidence, type Verdict } from '../practice';
import { repoFacts, type Repository } from '../../repository';
import { checkNames } from '../shared/check-names';

const PLACE = '.github/rulesets/default-branch.json';
/** GitHub Actions' own id as an app: a check of that name that somebody else reports doesn't count. */
const ACTIONS_APP = 15368;

interface Rule { readonly type?: unknown; readonly parameters?: { readonly required_status_checks?: unknown } }
interface Stored { readonly path: string; readonly types: readonly string[]; readonly checks: readonly string[] }

/** Rulesets that are kept in the repository, as GitHub exports and imports them. */
function stored(repo: Repository): Stored[] {
  return repo.files.filter(f => /^(?:\.github\/)?(?:rulesets?|branch-protection)\/[^/]+\.json$/.test(f)).flatMap(path => {
    const text = repo.read(path);
    if (text === undefined || text.length > 200_000) return [];
    let data: unknown;
    try { data = JSON.parse(text.replace(/^\uFEFF/, '')); } catch { return []; }
    const set = data as { target?: unknown; rules?: unknown } | null;
    if (typeof set !== 'object' || set === null || !Array.isArray(set.rules) || (set.target !== undefined && set.target !== 'branch')) return [];
    const rules = set.rules.filter((r): r is Rule => typeof r === 'object' && r !== null);
    const checks = rules.flatMap(r => Array.isArray(r.parameters?.required_status_checks) ? r.parameters.required_status_checks : [])
      .map(c => typeof c === 'object' && c !== null ? (c as { context?: unknown }).context : undefined).filter(c => typeof c === 'string');
    return [{ path, types: rules.map(r => String(r.type)), checks }];
  });
}

/** Files alone say nothing: what counts is set at GitHub. */
function evidence(repo: Repository): Verdict {
  const found = stored(repo), settings = repo.files.find(f => /^\.github\/settings\.ya?ml$/.test(f));
  const seen: Evidence[] = [
    ...found.map(s => ({ path: s.path, text: `a ruleset that can be applied: ${s.types.slice(0, 8).join(', ')}` })),
    ...(settings !== undefined && /^branches:|^rulesets:/m.test(repo.read(settings) ?? '') ? [{ path: settings, text: 'settings that an app applies' }] : []),
  ];
  const gone = stale(repo, found);
  return { result: 'unknown', evidence: seen, lookedFor: [
    'a ruleset or protection on the default branch with reviews, required checks, resolved conversations, a linear history and no bypass: needs a GitHub token, or a look at Settings → Rules',
    ...gone.map(name => `the required check “${name}” is none that a job reports: every pull request would wait for it`),
  ] };
}

/** Checks that are required and that no job reports any more. */
function stale(repo: Repository, found: readonly Stored[]): string[] {
  const names = checkNames(repo);
  if (names.unclear.length > 0) return [];
  return found.flatMap(s => s.checks).filter(c => !names.checks.includes(c));
}

function ruleset(repo: Repository, checks: readonly string[]): string {
  const owners = repoFacts(repo).codeowners?.rules?.some(r => r.owners.length > 0) ?? false;
  return `${JSON.stringify({
    name: 'Default branch',
    target: 'branch',
    enforcement: 'active',
    conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
    // Empty: administrators are held to it, too.
    bypass_actors: [],
    rules: [
      { type: 'deletion' },
      { type: 'non_fast_forward' },
      { type: 'required_linear_history' },
      { type: 'pull_request', parameters: { required_approving_review_count: 1, dismiss_stale_reviews_on_push: true,
        require_code_owner_review: owners, require_last_push_approval: true, required_review_thread_resolution: true } },
      ...(checks.length > 0 ? [{ type: 'required_status_checks', parameters: { strict_required_status_checks_policy: true,
        required_status_checks: checks.map(context => ({ context, integration_id: ACTIONS_APP })) } }] : []),
    ],
  }, null, 2)}\n`;
}

export default definePractice({
  id: 'branch-protection',
  title: 'Branch protection',
  category: 'Organisation',
  level: 2,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'The default branch takes reviewed pull requests whose checks have passed, from administrators as well.',
    why: 'Without it every test, scan and review in this repository is a suggestion.',
    references: [
      'https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/about-rulesets',
      'https://docs.github.com/en/rest/repos/rules#create-a-repository-ruleset',
    ],
  },
  applies: () => true,
  evidence,
  scaffold: {
    kind: 'file',
    title: 'Add a ruleset for the default branch',
    last: true,
    plan(repo) {
      const { checks, unclear } = checkNames(repo), there = stored(repo), own = there.find(s => s.path === PLACE);
      const gone = stale(repo, there);
      if (there.length > 0 && (gone.length === 0 || !own)) return { refused: `${there[0]!.path} is a ruleset already; whether it is applied is shown under Settings → Rules.` };
      if (!own && repo.has(PLACE)) return { refused: `${PLACE} is there already, and could not be read as a ruleset.` };
      return {
        changes: [{ path: PLACE, created: !repo.has(PLACE), newText: ruleset(repo, checks) }],
        explanation: `Adds a ruleset for the default branch: one review, no force pushes, resolved conversations, a linear history, nobody exempt${checks.length > 0 ? `; required are the checks that there are: ${checks.slice(0, 8).join(', ')}` : ''}.`,
        todo: [
          'Apply it, as an administrator: gh api --method POST repos/{owner}/{repo}/rulesets --input .github/rulesets/default-branch.json',
          ...(own ? ['Update the one that is applied instead: gh api repos/{owner}/{repo}/rulesets shows its id; then --method PUT repos/{owner}/{repo}/rulesets/ID.'] : []),
          'Where only one person has write access, set required_approving_review_count to 0 and require_last_push_approval to false: nobody can approve their own change.',
          ...(checks.length === 0 ? ['Add required checks once there is a job that runs on every pull request.'] : []),
          ...(unclear.length > 0 ? [`Add by hand the checks whose names are known only when they run: ${unclear.slice(0, 6).join(', ')}.`] : []),
        ],
      };
    },
  },
});
