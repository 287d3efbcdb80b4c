/** What a script for actions/github-script needs of the token, read from the calls it makes. */
import { graphqlScopes, restScopes } from './rest-api';
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

/** Other clients, code from elsewhere. */
const UNREADABLE = /\bgithub\s*\[|\bgetOctokit\b|\b(?:import|fetch)\s*\(|\bexec\s*\.|\brequire\s*\(\s*(?!['"](?:node:)?(?:fs|path|os|util|url|crypto|fs\/promises)['"]\s*\))/;

/**
 * The scopes behind the calls of a script; `{}` for one that makes none, undefined for one that can't be read: clients of its
 * own, code from elsewhere, requests whose path isn't there.
 */
export function scriptPermissions(text: string): Scopes | undefined {
  // In an expression `github` is the context, not the client.
  const script = text.replace(/\$\{\{[^}]{0,1000}\}\}/g, '0');
  if (UNREADABLE.test(script)) return undefined;
  let scopes: Scopes = {};
  const calls = [...script.matchAll(/\bgithub\s*\.\s*(?:rest\s*\.\s*)?([A-Za-z]+)(?:\s*\.\s*([A-Za-z]+))?/g)];
  for (const [, group = '', method = ''] of calls) {
    if (group === 'graphql' || group === 'request') {
      const found = group === 'graphql' ? graphqlScopes(script) : requests(script);
      if (!found) return undefined;
      scopes = mergeScopes(scopes, found);
      continue;
    }
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

/** Requests by path: each must say it, as `GET /repos/{owner}/{repo}/issues`. */
function requests(script: string): Scopes | undefined {
  const count = [...script.matchAll(/\bgithub\s*\.\s*request\b/g)].length;
  const said = [...script.matchAll(/\bgithub\s*\.\s*request\s*\(\s*['"`]([A-Z]{3,7}) (\/[^'"`\s]{1,200})['"`]/g)];
  const found = said.map(([, method = '', path = '']) => restScopes(method, path));
  return said.length === count && found.every(f => f !== undefined) ? mergeScopes(...found) : undefined;
}
