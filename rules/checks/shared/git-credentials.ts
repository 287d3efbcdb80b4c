/** Whether the steps behind a checkout use the credentials that it leaves in the working copy. */
import { lookupAction } from '../../catalog';
import type { Step } from '../../workflow/model';
import { inputsOf } from './inferred-permissions';
import { opaqueCommand } from './opaque-command';
import { plainScript, type PlainCommand } from './script-commands';

/**
 * `pushes`: a later step needs them. `might`: one could use them in a way that can't be seen. `no`: none can, as far as the
 * workflow shows all that they do.
 */
export type CredentialUse = 'pushes' | 'might' | 'no';

const set = (names: string): ReadonlySet<string> => new Set(names.trim().split(/\s+/));

/** Actions that push with what the checkout left. */
const PUSHING_ACTIONS = set(`
  stefanzweifel/git-auto-commit-action endbug/add-and-commit changesets/action helm/chart-releaser-action github-actions-x/commit
  devops-infra/action-commit-push anothrnick/github-tag-action cycjimmy/semantic-release-action codfish/semantic-release-action
  python-semantic-release/python-semantic-release release-plz/action commitizen-tools/commitizen-action phips28/gh-action-bump-version
  tj-actions/auto-doc terraform-docs/gh-actions cirrus-actions/rebase ad-m/github-push-action peter-evans/create-pull-request`);
/** Actions that fetch more history with it, which only matters where the repository is private. */
const FETCHING_ACTIONS = set(`
  tj-actions/changed-files tj-actions/branch-names dorny/paths-filter nrwl/nx-set-shas super-linter/super-linter golangci/golangci-lint-action
  trufflesecurity/trufflehog gitleaks/gitleaks-action helm/chart-testing-action goreleaser/goreleaser-action`);
/** Tools that push by themselves. */
const PUSHING_TOOLS = set('semantic-release release-it lerna changeset standard-version np gh-pages mike cr bump2version');

const COMMANDS = ['run', 'command', 'script', 'args', 'commands', 'build', 'start'];

/** What the steps behind a checkout do with its credentials. `workflowShell`: `defaults.run.shell` of the file. */
export function credentialUse(later: readonly Step[], workflowShell: string | null): CredentialUse {
  let use: CredentialUse = 'no';
  for (const step of later) {
    const own = step.uses ? ofAction(step) : step.run ? ofScript(step, workflowShell) : 'no';
    if (own === 'pushes') return own;
    if (own === 'might') use = own;
  }
  return use;
}

function ofAction(step: Step): CredentialUse {
  const { uses } = step;
  if (!uses || uses.kind === 'docker') return 'might';
  if (uses.kind !== 'repository' || !uses.owner || !uses.repo) return 'might';
  const name = uses.slug;
  if (PUSHING_ACTIONS.has(name)) return 'pushes';
  if (name === 'actions/checkout') return 'no';
  if (FETCHING_ACTIONS.has(name)) return 'might';
  const known = lookupAction(uses.owner, uses.repo, uses.path);
  if (!known || known.using === 'docker') return 'might';
  // Inputs with commands: what they run is not in the workflow's scripts.
  const inputs = inputsOf(step);
  return COMMANDS.some(n => inputs[n] !== undefined && /\bgit\b|\bgh\b/.test(inputs[n])) ? 'might' : 'no';
}

function ofScript(step: Step, workflowShell: string | null): CredentialUse {
  const { commands, complete } = plainScript(step, workflowShell);
  const text = step.run?.scalar.value ?? '';
  if (commands.some(pushes) || (!complete && /\bgit\b[^\n|;&]{0,200}\bpush\b/.test(text))) return 'pushes';
  // `git` in a text without a `git` command: a variable, an alias, a string for another program.
  const hidden = /\bgit\b/.test(text) && !commands.some(c => c.name === 'git');
  return !complete || hidden || commands.some(c => remote(c) || opaqueCommand(c)) ? 'might' : 'no';
}

/** The program without its folder. */
const baseOf = ({ name = '' }: PlainCommand): string => name.slice(name.lastIndexOf('/') + 1);

const words = (c: PlainCommand): readonly string[] => c.args.filter(a => !a.startsWith('-'));

/** Programs that may start one of those that push. */
const STARTERS = set('npx pnpm yarn npm bunx mkdocs');

function pushes(command: PlainCommand): boolean {
  const base = baseOf(command);
  if (PUSHING_TOOLS.has(base)) return true;
  if (base === 'git') return command.args.includes('push');
  if (STARTERS.has(base)) {
    return command.args.some(a => PUSHING_TOOLS.has(a.replace(/(.)@.*$/, '$1')) || a === 'gh-deploy');
  }
  // `gh pr create` pushes the branch, and `gh repo sync` writes to one.
  return base === 'gh' && ['pr create', 'pr checkout', 'repo sync'].includes(words(command).slice(0, 2).join(' '));
}

/** Git commands that only look at the working copy, or change it without asking the remote. */
const LOCAL_GIT = set(`
  --version add apply archive blame branch checkout cherry-pick clean commit config describe diff diff-index diff-tree for-each-ref
  format-patch grep hash-object init log ls-files ls-tree merge merge-base mv rebase reset restore rev-list rev-parse rm shortlog show
  show-ref stash status switch symbolic-ref tag update-index version`);

function remote(command: PlainCommand): boolean {
  const base = baseOf(command);
  if (base === 'gh' || base === 'hub') return true;
  if (base !== 'git') return false;
  const sub = command.args.find((a, i) => !a.startsWith('-') && !['-C', '-c', '--git-dir', '--work-tree'].includes(command.args[i - 1] ?? ''));
  return sub !== undefined && !LOCAL_GIT.has(sub);
}
