/** What a script for actions/github-script needs of the token, read from the calls it makes. */
import { mergeScopes, type Access, type Scopes } from './scopes';

/** Scope behind a group of REST calls. */
const GROUPS: Readonly<Record<string, string>> = {
  issues: 'issues', pulls: 'pull-requests', actions: 'actions', checks: 'checks', git: 'contents', reactions: 'issues',
  codeScanning: 'security-events', packages: 'packages', projects: 'repository-projects', dependencyGraph: 'contents',
};
const REPOS: readonly (readonly [RegExp, string])[] = [
  [/Status/, 'statuses'], [/Deployment/, 'deployments'], [/Pages/, 'pages'],
  [/(?:Content|Release|Commit|Branch|Tag|File|DispatchEvent|Ref|^get$|^merge$|^listContributors$)/, 'contents'],
];
/** Calls that ask nothing of the repository's scopes. */
const FREE = new Set(['users', 'rateLimit', 'meta', 'search', 'markdown', 'emojis', 'gitignore', 'licenses']);

/** GraphQL, raw requests, other clients, code from elsewhere. */
const UNREADABLE = /\bgithub\s*(?:\.\s*(?:graphql|request)\b|\[)|\bgetOctokit\b|\b(?:require|import|fetch)\s*\(|\bexec\s*\./;

/**
 * The scopes behind the REST calls of a script; `{}` for one that makes none, undefined for one that can't be read: GraphQL,
 * raw requests, clients of its own, code from elsewhere.
 */
export function scriptPermissions(script: string): Scopes | undefined {
  if (UNREADABLE.test(script)) return undefined;
  let scopes: Scopes = {};
  const calls = [...script.matchAll(/\bgithub\s*\.\s*(?:rest\s*\.\s*)?([A-Za-z]+)(?:\s*\.\s*([A-Za-z]+))?/g)];
  for (const [, group = '', method = ''] of calls) {
    if (group === 'paginate' || group === 'rest' || FREE.has(group)) continue;
    const scope = group === 'repos' ? REPOS.find(([p]) => p.test(method))?.[1] : GROUPS[group];
    if (!scope || method === '') return undefined;
    const access: Access = /^(?:get|list|compare|check|download)/.test(method) ? 'read' : 'write';
    // A comment or label on a pull request goes through the calls for issues, and either scope lets it pass.
    const also: Scopes = scope === 'issues' ? { 'pull-requests': access } : {};
    scopes = mergeScopes(scopes, { [scope]: access }, also);
  }
  // The client handed on, say to a helper, can do anything.
  if (/\(\s*\{?[^)]{0,200}\bgithub\s*[,)}]/.test(script)) return undefined;
  return scopes;
}
