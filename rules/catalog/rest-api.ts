/** Which scopes of the run's token a call of GitHub's interfaces needs. */
import { mergeScopes, type Access, type Scopes } from './scopes';

/** Scope behind the first word below `repos/{owner}/{repo}/`. */
const AREAS: Readonly<Record<string, string>> = {
  'issues': 'issues', 'labels': 'issues', 'milestones': 'issues', 'assignees': 'issues', 'pulls': 'pull-requests', 'actions': 'actions',
  'contents': 'contents', 'git': 'contents', 'releases': 'contents', 'branches': 'contents', 'commits': 'contents', 'tags': 'contents',
  'compare': 'contents', 'merges': 'contents', 'dispatches': 'contents', 'tarball': 'contents', 'zipball': 'contents', 'readme': 'contents',
  'merge-upstream': 'contents', 'statuses': 'statuses', 'check-runs': 'checks', 'check-suites': 'checks', 'deployments': 'deployments',
  'pages': 'pages', 'code-scanning': 'security-events', 'dependency-graph': 'contents', 'attestations': 'attestations',
};
/** What every token may read. */
const METADATA = new Set(['', 'collaborators', 'languages', 'topics', 'contributors', 'stargazers', 'forks', 'subscribers', 'license', 'stats']);
/** Calls that are about no repository and that anybody may read. */
const PUBLIC = new Set(['users', 'rate_limit', 'search', 'meta', 'zen', 'licenses', 'emojis', 'gitignore', 'octocat', 'versions']);

/**
 * The scopes behind a call: `GET`, `/repos/{owner}/{repo}/issues`. The path may hold variables and `${{ }}`. Undefined where the
 * path doesn't tell, or where the run's token can't do it at all.
 */
export function restScopes(method: string, path: string): Scopes | undefined {
  const access: Access = /^(?:GET|HEAD)$/i.test(method) ? 'read' : 'write';
  const words = path.replace(/^https:\/\/api\.github\.com/i, '').replace(/[?#].*$/, '').split('/').filter(w => w !== '');
  const [first = '', ...rest] = words;
  if (first !== 'repos') return PUBLIC.has(first) && access === 'read' ? {} : undefined;
  // `repos/$REPOSITORY/issues` has the owner in the variable.
  const whole = /\$|\{\{/.test(rest[0] ?? '') && (rest.length === 1 || Object.hasOwn(AREAS, rest[1] ?? '') || METADATA.has(rest[1] ?? '-'));
  const [area = '', ...below] = rest.slice(whole ? 1 : 2);
  if (METADATA.has(area)) return access === 'read' ? {} : undefined;
  const scope = Object.hasOwn(AREAS, area) ? AREAS[area] : undefined;
  if (!scope) return undefined;
  if (area === 'pulls' && access === 'write' && ['merge', 'update-branch'].includes(below[1] ?? '')) return { 'contents': 'write', 'pull-requests': 'write' };
  if (area === 'commits' && /^status(?:es)?$/.test(below[1] ?? '')) return { statuses: access };
  if (area === 'commits' && /^check-/.test(below[1] ?? '')) return { checks: access };
  if (area === 'releases' && below[0] === 'generate-notes') return { contents: 'write' };
  // A comment or label on a pull request goes through the calls for issues, and either scope lets it pass.
  return scope === 'issues' && area === 'issues' ? { 'issues': access, 'pull-requests': access } : { [scope]: access };
}

const MUTATIONS: readonly (readonly [RegExp, Scopes])[] = [
  [/\b(?:addComment|updateIssueComment|minimizeComment|unminimizeComment|addLabelsToLabelable|removeLabelsFromLabelable|addReaction|lockLockable|addAssigneesToAssignable)\b/,
    { 'issues': 'write', 'pull-requests': 'write' }],
  [/\b(?:createIssue|closeIssue|reopenIssue|updateIssue|pinIssue|deleteIssue)\b/, { issues: 'write' }],
  [/\b(?:enablePullRequestAutoMerge|mergePullRequest|updatePullRequestBranch)\b/, { 'contents': 'write', 'pull-requests': 'write' }],
  [/\b(?:createPullRequest|updatePullRequest|closePullRequest|reopenPullRequest|markPullRequestReadyForReview|convertPullRequestToDraft|addPullRequestReview|requestReviews|resolveReviewThread)\b/,
    { 'pull-requests': 'write' }],
  [/\b(?:createCommitOnBranch|createRef|updateRef|deleteRef)\b/, { contents: 'write' }],
  [/\b(?:createDiscussion|addDiscussionComment|updateDiscussion|closeDiscussion|markDiscussionCommentAsAnswer)\b/, { discussions: 'write' }],
];
const READS: readonly (readonly [RegExp, Scopes])[] = [
  [/\bpullRequests?\b|\bassociatedPullRequests\b/, { 'pull-requests': 'read' }], [/\bissues?\b/, { issues: 'read' }],
  [/\bdiscussions?\b/, { discussions: 'read' }], [/\b(?:object|ref|refs|releases?|defaultBranchRef)\b/, { contents: 'read' }],
];

/** The scopes behind a GraphQL text; undefined where it holds a mutation that isn't known, or nothing that could be told. */
export function graphqlScopes(text: string): Scopes | undefined {
  const mutates = /\bmutation\b/.test(text);
  if (mutates && /\b(?:\w*ProjectV2\w*|\w*Sponsor\w*|\w*Enterprise\w*)\b/.test(text)) return undefined;
  const found = [...READS, ...(mutates ? MUTATIONS : [])].filter(([p]) => p.test(text));
  if (mutates && !found.some(([, s]) => Object.values(s).includes('write'))) return undefined;
  return found.length === 0 ? undefined : mergeScopes(...found.map(([, s]) => s));
}

/** Options of `gh api` that are followed by a value. */
const VALUED = new Set(['-X', '--method', '-H', '--header', '-f', '-F', '--field', '--raw-field', '--input', '-q', '--jq', '-t', '--template', '-p', '--preview', '--hostname', '--cache']);

/** `gh api` with its arguments, `api` left out. */
export function ghApiScopes(args: readonly string[]): Scopes | undefined {
  let method: string | undefined, path: string | undefined, sends = false;
  for (let i = 0; i < args.length; i++) {
    const a = args[i] ?? '';
    const [name = a, inline] = a.startsWith('--') ? a.split(/=(.*)/s) : [a];
    if (/^(?:-f|-F|--field|--raw-field|--input)$/.test(name) || /^-[fF]./.test(a)) sends = true;
    if (name === '-X' || name === '--method') method = inline ?? args[i + 1];
    else if (/^-X./.test(a)) method = a.slice(2);
    if (VALUED.has(name) && inline === undefined) i++;
    else if (!a.startsWith('-')) path ??= a;
  }
  if (path === undefined) return undefined;
  if (path === 'graphql') return graphqlScopes(args.join('\n'));
  if (method !== undefined && !/^[A-Za-z]+$/.test(method)) return undefined;
  return restScopes(method ?? (sends ? 'POST' : 'GET'), path);
}
