/** Lockfiles of the checkout, asked from inside a job. */
import { defineQuery } from '../../engine/rule';
import { ancestors, type Repository } from '../../repository';
import { defaultFolder } from './package-commands';

export type LockManager = 'npm' | 'yarn' | 'bun' | 'bundle' | 'pipenv' | 'uv' | 'dotnet';

const FILES: Readonly<Record<Exclude<LockManager, 'dotnet'>, readonly string[]>> = {
  npm: ['package-lock.json', 'npm-shrinkwrap.json'], yarn: ['yarn.lock'], bun: ['bun.lock', 'bun.lockb'], bundle: ['Gemfile.lock'],
  pipenv: ['Pipfile.lock'], uv: ['uv.lock'],
};

/** Settings of a project that have the lockfile kept to. */
const SETTINGS: Readonly<Record<string, readonly [string, RegExp]>> = {
  bun: ['bunfig.toml', /^\s*frozenLockfile\s*=\s*true/m], yarn: ['.yarnrc', /frozen-lockfile/], bundle: ['.bundle/config', /BUNDLE_(?:FROZEN|DEPLOYMENT)/],
};

export interface LockFacts {
  readonly path: string;
  /** The lockfile is known to hold what the manifest asks for, so that a locked install works. */
  readonly inStep: boolean;
  /** `lockfileVersion` of npm; 0 where it isn't known. */
  readonly version: number;
}

const at = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);

/** The lockfile that counts for a folder; null where there is none, or where it isn't meant to be kept to. */
export const lockfileOf = defineQuery('lockfiles.of', ({ repository }, manager: string, folder: string): LockFacts | null => {
  if (!repository) return null;
  if (manager === 'dotnet') return dotnet(repository, folder);
  const names = FILES[manager as keyof typeof FILES];
  // Workspaces of uv have one lockfile at their head.
  const folders = manager === 'uv' ? ancestors(folder) : [folder];
  const path = folders.flatMap(f => names.map(n => at(f, n))).find(p => repository.has(p));
  if (path === undefined) return null;
  if (manager === 'yarn' && isBerry(repository, folder, path)) return null;
  if (SETTINGS[manager]?.[1].test(read(repository, folder, SETTINGS[manager][0]))) return null;
  if (manager !== 'npm') return { path, inStep: false, version: 0 };
  if (/^\s*package-lock\s*=\s*false/m.test(read(repository, folder, '.npmrc'))) return null;
  return { path, ...npmFacts(read(repository, folder, 'package.json'), repository.read(path) ?? '') };
});

function read(repository: Repository, folder: string, name: string): string {
  return repository.read(at(folder, name)) ?? '';
}

/** Yarn 2 and later refuse to change the lockfile where `CI` is set: an install is a locked one there. */
function isBerry(repository: Repository, folder: string, lockfile: string): boolean {
  const text = repository.read(lockfile);
  if (text !== undefined && text !== '') return text.includes('__metadata:');
  if (ancestors(folder).some(f => repository.has(at(f, '.yarnrc.yml')))) return true;
  return !/^(?!.*"packageManager"\s*:\s*"yarn@[2-9])/s.test(read(repository, folder, 'package.json'));
}

function dotnet(repository: Repository, folder: string): LockFacts | null {
  const prefix = folder === '' ? '' : `${folder}/`;
  const path = repository.files.find(f => f.startsWith(prefix) && /(?:^|\/)packages\.lock\.json$/.test(f));
  if (path === undefined) return null;
  // A property may have turned the locked mode on for CI already.
  const told = repository.files.filter(f => /(?:^|\/)(?:Directory\.Build\.(?:props|targets)|Directory\.Packages\.props)$|\.(?:cs|fs|vb)proj$/.test(f));
  const texts = told.map(f => repository.read(f));
  if (texts.some(t => t === undefined || t.includes('RestoreLockedMode'))) return null;
  return { path, inStep: false, version: 0 };
}

const GROUPS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const;
let last: { readonly manifest: string; readonly lock: string; readonly facts: Pick<LockFacts, 'inStep' | 'version'> } | undefined;

/** Lockfiles are long: one is read once as long as it is the one asked for. */
function npmFacts(manifest: string, lock: string): Pick<LockFacts, 'inStep' | 'version'> {
  if (last?.manifest !== manifest || last.lock !== lock) last = { manifest, lock, facts: compare(manifest, lock) };
  return last.facts;
}

function compare(manifest: string, lock: string): Pick<LockFacts, 'inStep' | 'version'> {
  const wanted = json(manifest), locked = json(lock);
  const version = typeof locked?.lockfileVersion === 'number' ? locked.lockfileVersion : 0;
  const root = record(record(locked?.packages)?.['']);
  if (!wanted || !root || wanted.workspaces !== undefined || root.workspaces !== undefined) return { inStep: false, version };
  const same = GROUPS.every(g => sorted(wanted[g]) === sorted(root[g])) && wanted.overrides === undefined;
  return { inStep: same && isComplete(record(locked?.packages)!), version };
}

/** Every package finds there what it needs: `npm install` adds what is missing, and `npm ci` fails. */
function isComplete(packages: Record<string, unknown>): boolean {
  for (const [path, value] of Object.entries(packages)) {
    const entry = record(value);
    if (!entry || entry.link !== undefined) return false;
    const optional = record(entry.peerDependenciesMeta) ?? {};
    const names = [entry.dependencies, entry.optionalDependencies, path === '' ? entry.devDependencies : undefined].flatMap(g => Object.keys(record(g) ?? {}));
    const peers = Object.keys(record(entry.peerDependencies) ?? {}).filter(n => record(optional[n])?.optional !== true);
    if (![...names, ...peers].every(name => isInstalled(packages, path, name))) return false;
  }
  return true;
}

/** As Node looks for it: in the package's own `node_modules`, then in each one above. */
function isInstalled(packages: Record<string, unknown>, path: string, name: string): boolean {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    if (Object.hasOwn(packages, `${at === '' ? '' : `${at}/`}node_modules/${name}`)) return true;
    if (at === '') return false;
  }
}

function sorted(group: unknown): string {
  return JSON.stringify(Object.entries(record(group) ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function json(text: string): Record<string, unknown> | undefined {
  try { return record(JSON.parse(text.replace(/^\uFEFF/, ''))); } catch { return undefined; }
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : undefined;
}

/** `defaults.run.working-directory` of the workflow; null where it has none. */
export const workflowFolder = defineQuery('lockfiles.workflow-folder', ({ document }) => defaultFolder(document.workflow?.defaults) ?? null);
