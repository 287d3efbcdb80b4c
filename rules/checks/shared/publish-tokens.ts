/** Registries that trust a workflow's identity, and how publishing to them with a stored token looks. */
import type { Argv } from './command-kind';

export interface Registry {
  readonly name: string;
  /** Variables that hold the token. */
  readonly variables: readonly string[];
  /** The command, without its wrapper: every word from the beginning. */
  readonly commands: readonly (readonly string[])[];
  /** Options whose value is the token. */
  readonly options: RegExp;
  /** Options that name where to publish to. */
  readonly target: RegExp;
  /** Variables that do. */
  readonly targetVariables: RegExp;
  /** Places that are this registry itself. */
  readonly own: RegExp;
  /** Said only of commands that name the registry. */
  readonly namedOnly?: boolean;
  /** What to use instead. */
  readonly instead: string;
}

const words = (...commands: string[]): readonly (readonly string[])[] => commands.map(c => c.split(' '));

export const REGISTRIES: readonly Registry[] = [
  {
    name: 'npm', variables: ['NODE_AUTH_TOKEN', 'NPM_TOKEN', 'NPM_AUTH_TOKEN', 'NPM_CONFIG_TOKEN', 'YARN_NPM_AUTH_TOKEN'],
    commands: words('npm publish', 'pnpm publish', 'yarn npm publish', 'lerna publish', 'npx lerna publish'), options: /^--(?:\/\/registry\.npmjs\.org\/:)?_authToken/i,
    target: /^--registry$/, targetVariables: /^(?:NPM_CONFIG_REGISTRY|YARN_NPM_PUBLISH_REGISTRY)$/i, own: /registry\.npmjs\.org/i, instead: 'npm 11.5.1 or later publishes without one',
  },
  {
    name: 'PyPI',
    variables: ['TWINE_PASSWORD', 'UV_PUBLISH_TOKEN', 'UV_PUBLISH_PASSWORD', 'POETRY_PYPI_TOKEN_PYPI', 'POETRY_HTTP_BASIC_PYPI_PASSWORD', 'HATCH_INDEX_AUTH', 'FLIT_PASSWORD', 'PDM_PUBLISH_PASSWORD', 'MATURIN_PYPI_TOKEN'],
    commands: words('twine upload', 'python -m twine upload', 'python3 -m twine upload', 'uv publish', 'poetry publish', 'hatch publish', 'flit publish', 'pdm publish', 'maturin publish', 'maturin upload'),
    options: /^(?:-p|--password|-t|--token)$/, target: /^(?:--repository-url|--repository|-r|--publish-url|--index|-i)$/, targetVariables: /^(?:TWINE_REPOSITORY(?:_URL)?|UV_PUBLISH_URL|UV_PUBLISH_INDEX|HATCH_INDEX_REPO|FLIT_INDEX_URL|PDM_PUBLISH_REPO)$/,
    own: /^(?:https:\/\/(?:upload|test)\.pypi\.org\/|(?:test)?pypi$|main$)/, instead: '`pypa/gh-action-pypi-publish` and `uv publish` upload without one',
  },
  {
    name: 'crates.io', variables: ['CARGO_REGISTRY_TOKEN', 'CARGO_REGISTRIES_CRATES_IO_TOKEN'], commands: words('cargo publish', 'cargo release', 'cargo workspaces publish', 'cargo smart-release'),
    options: /^--token$/, target: /^(?:--registry|--index)$/, targetVariables: /^CARGO_REGISTRY_DEFAULT$/, own: /^crates-io$/, instead: '`rust-lang/crates-io-auth-action` gives a token for half an hour',
  },
  {
    name: 'RubyGems.org', variables: ['GEM_HOST_API_KEY', 'RUBYGEMS_API_KEY'], commands: words('gem push'), options: /^(?:-k|--key)$/,
    target: /^--host$/, targetVariables: /^RUBYGEMS_HOST$/, own: /^https:\/\/rubygems\.org/, instead: '`rubygems/configure-rubygems-credentials` gives a key for one job',
  },
  {
    name: 'NuGet.org', variables: ['NUGET_API_KEY', 'NUGET_KEY', 'NUGET_TOKEN'], commands: words('dotnet nuget push', 'nuget push'), options: /^(?:-k|--api-key|-ApiKey)$/i,
    target: /^(?:-s|--source|-Source)$/i, targetVariables: /^$/, own: /nuget\.org|^nuget$/i, namedOnly: true, instead: '`NuGet/login` gives a key for an hour',
  },
];

/** The registry that a command publishes to; undefined for a dry run and for another registry. Words not known before the run stand as `$`. */
export function publishesTo(argv: Argv): Registry | undefined {
  const plain = argv.map(w => w ?? '$');
  if (plain.some(w => /^(?:--dry-run|-n|--help|-h|--build-only)$/.test(w))) return undefined;
  const registry = REGISTRIES.find(r => r.commands.some(c => c.every((w, i) => (plain[i] ?? '').replace(/^.*\//, '') === w)));
  if (!registry) return undefined;
  for (const [i, word] of plain.entries()) {
    const [option, joined] = word.split('=', 2) as [string, string | undefined];
    if (registry.target.test(option)) return registry.own.test(joined ?? plain[i + 1] ?? '') ? registry : undefined;
  }
  return registry.namedOnly ? undefined : registry;
}
