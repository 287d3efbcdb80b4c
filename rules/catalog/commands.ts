/** Which scopes of the run's token a command of a script needs. */
import { ghApiScopes } from './rest-api';
import { mergeScopes, type Scopes } from './scopes';

interface GhGroup {
  readonly scope: string;
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** What a subcommand needs besides. */
  readonly also?: Readonly<Record<string, Scopes>>;
}

const GH: Readonly<Record<string, GhGroup>> = {
  pr: {
    scope: 'pull-requests', read: ['list', 'view', 'status', 'checks', 'diff', 'checkout'],
    write: ['comment', 'edit', 'close', 'create', 'merge', 'ready', 'reopen', 'review', 'lock', 'unlock', 'update-branch', 'revert'],
    also: {
      checkout: { contents: 'read' }, diff: { contents: 'read' }, checks: { checks: 'read', statuses: 'read' },
      create: { contents: 'read' }, merge: { contents: 'write' }, 'update-branch': { contents: 'write' }, revert: { contents: 'write' },
    },
  },
  issue: {
    scope: 'issues', read: ['list', 'view', 'status'],
    write: ['create', 'close', 'comment', 'delete', 'develop', 'edit', 'lock', 'pin', 'reopen', 'transfer', 'unlock', 'unpin'],
    also: { develop: { contents: 'write' } },
  },
  label: { scope: 'issues', read: ['list'], write: ['create', 'edit', 'delete', 'clone'] },
  release: {
    scope: 'contents', read: ['list', 'view', 'download', 'verify', 'verify-asset'], write: ['create', 'upload', 'edit', 'delete', 'delete-asset'],
    also: { 'verify': { attestations: 'read' }, 'verify-asset': { attestations: 'read' } },
  },
  run: {
    scope: 'actions', read: ['list', 'view', 'watch', 'download'], write: ['cancel', 'rerun', 'delete'],
    also: { watch: { checks: 'read' } },
  },
  workflow: { scope: 'actions', read: ['list', 'view'], write: ['run', 'enable', 'disable'] },
  cache: { scope: 'actions', read: ['list'], write: ['delete'] },
  repo: { scope: 'contents', read: ['view', 'clone'], write: ['sync'] },
  attestation: { scope: 'attestations', read: ['verify', 'download'], write: [] },
};
/** Parts of the GitHub command line that ask nothing of the repository. */
const GH_LOCAL = new Set(['auth', 'version', 'help', 'completion', 'config', 'alias', 'extension', 'ext', 'search', 'status', 'browse']);

/** Commands that run another one, given as their first plain word. */
const WRAPPERS = new Set(['npx', 'bunx', 'pnpx', 'uvx', 'pipx', 'sudo', 'time', 'env', 'nice', 'command', 'exec', 'xvfb-run', 'retry']);

/** Options of git that take a value of their own before the subcommand. */
const GIT_VALUED = new Set(['-C', '-c', '--git-dir', '--work-tree', '--namespace', '--exec-path']);

const isFlag = (a: string): boolean => a.startsWith('-');
const has = (args: readonly string[], ...names: string[]): boolean => args.some(a => names.some(n => a === n || a.startsWith(`${n}=`)));

function words(args: readonly string[], valued: ReadonlySet<string>): string[] {
  const out: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const a = args[i] ?? '';
    if (valued.has(a)) i++;
    else if (!isFlag(a)) out.push(a);
  }
  return out;
}

function git(args: readonly string[]): Scopes | undefined {
  const [sub, second] = words(args, GIT_VALUED);
  switch (sub) {
    case 'push': return has(args, '--dry-run', '-n') ? { contents: 'read' } : { contents: 'write' };
    case 'fetch': case 'pull': case 'clone': case 'ls-remote': return { contents: 'read' };
    case 'submodule': return second === 'update' || second === 'add' ? { contents: 'read' } : {};
    case 'lfs': return second === 'push' ? { contents: 'write' } : second === 'pull' || second === 'fetch' ? { contents: 'read' } : {};
    case 'remote': return second === 'update' || second === 'show' ? { contents: 'read' } : {};
    default: return {};
  }
}

function gh(args: readonly string[]): Scopes | undefined {
  const [group, sub] = words(args, new Set(['-R', '--repo', '--hostname']));
  if (group === undefined) return {};
  if (GH_LOCAL.has(group)) return {};
  if (group === 'api') return ghApiScopes(args.slice(args.indexOf('api') + 1));
  const known = GH[group];
  if (!known || sub === undefined) return undefined;
  const access = known.read.includes(sub) ? 'read' : known.write.includes(sub) ? 'write' : undefined;
  return access && { [known.scope]: access, ...known.also?.[sub] };
}

/** Packages pushed to GitHub's registry; undefined where the place is only known at run time. */
function push(targets: readonly string[]): Scopes | undefined {
  if (targets.some(t => /(?:^|\/\/|=)ghcr\.io\//i.test(t))) return { packages: 'write' };
  return targets.some(t => /^["']?\$/.test(t)) || targets.length === 0 ? undefined : {};
}

function docker(args: readonly string[]): Scopes | undefined {
  const [sub, second] = words(args, new Set(['-H', '--host', '--context', '-c', '--config', '-l', '--log-level']));
  if (sub === 'push' || (sub === 'image' && second === 'push')) {
    return push(args.slice(args.indexOf('push') + 1).filter(a => !isFlag(a)));
  }
  if (sub === 'login') return args.some(a => /^ghcr\.io/i.test(a)) ? { packages: 'write' } : {};
  if ((sub === 'build' || (sub === 'buildx' && (second === 'build' || second === 'bake'))) && has(args, '--push')) {
    const tags = args.filter((a, i) => /^(?:--tag=|-t=)/.test(a) || ['-t', '--tag'].includes(args[i - 1] ?? ''));
    return push(tags);
  }
  return {};
}

/** Publishing that asks for an identity of the run. */
function publish(args: readonly string[]): Scopes {
  if (!args.includes('publish') || args.includes('--dry-run')) return {};
  const registry: Scopes = args.some(a => a.includes('npm.pkg.github.com')) ? { packages: 'write' } : {};
  const off = args.includes('--provenance=false') || args.includes('--no-provenance');
  return has(args, '--provenance') && !off ? mergeScopes(registry, { 'id-token': 'write' }) : registry;
}

/**
 * The scopes that one command needs: `{}` for a command that doesn't touch the token by itself, undefined for one that does in
 * a way that can't be told (`gh api`, `semantic-release`). `name` is the command's word, with or without a directory, `args` the
 * words behind it with their quotes removed; words that only the shell knows stay as written (`$IMAGE`).
 */
export function commandPermissions(name: string, args: readonly string[]): Scopes | undefined {
  const command = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1).replace(/\.exe$/i, '');
  switch (command) {
    case 'git': return git(args);
    case 'gh': return gh(args);
    case 'hub': return undefined;
    case 'docker': case 'podman': case 'nerdctl': case 'buildah': return docker(args);
    case 'npm': case 'pnpm': case 'yarn': case 'bun': {
      const inner = args[0] === 'exec' || args[0] === 'dlx' || args[0] === 'x' ? args.slice(1).findIndex(a => !isFlag(a)) : -1;
      return inner >= 0 ? commandPermissions(args[inner + 1] ?? '', args.slice(inner + 2)) : publish(args);
    }
    case 'cosign': return ['sign', 'sign-blob', 'attest', 'attest-blob'].includes(args[0] ?? '') && !has(args, '--key', '--sk', '--identity-token')
      ? { 'id-token': 'write' } : {};
    case 'helm': case 'oras': case 'crane': case 'skopeo': case 'ko':
      return args.some(a => /^(?:push|copy|cp|publish)$/.test(a)) ? push(args.filter(a => !isFlag(a)).slice(1)) : {};
    case 'goreleaser': return args[0] === 'release' && !has(args, '--snapshot', '--skip') ? { contents: 'write' } : {};
    case 'mkdocs': return args[0] === 'gh-deploy' ? { contents: 'write' } : {};
    case 'mike': return has(args, '--push', '-p') ? { contents: 'write' } : {};
    case 'gh-pages': return { contents: 'write' };
    case 'uv': return args[0] === 'publish' && has(args, '--trusted-publishing') ? { 'id-token': 'write' } : {};
    case 'semantic-release': case 'release-please': case 'release-it': case 'auto': case 'reviewdog': case 'danger': case 'renovate':
      return undefined;
    case 'curl': case 'wget': case 'http': case 'Invoke-RestMethod': case 'Invoke-WebRequest': case 'irm': case 'iwr':
      return args.some(a => /(?:api|uploads)\.github\.com|GITHUB_API_URL/.test(a)) && args.some(a => /authorization|token/i.test(a))
        ? undefined : {};
    default: {
      if (!WRAPPERS.has(command)) return {};
      const at = args.findIndex(a => !isFlag(a) && !/^[A-Za-z_]\w*=/.test(a) && a !== 'run');
      return at < 0 ? {} : commandPermissions((args[at] ?? '').replace(/(.)@.*$/, '$1'), args.slice(at + 1));
    }
  }
}
