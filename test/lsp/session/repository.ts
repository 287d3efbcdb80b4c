import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FileChangeType, type FileEvent } from 'vscode-languageserver';
import { generatedWorkflow } from '../../bench/files';
import { corpusFiles } from '../../support/corpus';
import { TemporaryFolder } from '../folder';

const WORKFLOWS = '.github/workflows';
const SHA = '3d3c42e5aac5ba805825da76410c181273ba90b1';

/** What stands in the repository beside its ten workflows. */
const BESIDE: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "sample", "scripts": { "test": "node --test" } }\n', 'package-lock.json': '{}\n', 'README.md': '# Sample\n', 'src/index.js': 'export {};\n',
  '.github/actions/local/action.yml': 'name: local\ndescription: x\ninputs:\n  title: { description: x }\nruns:\n  using: composite\n  steps:\n    - run: echo "${{ inputs.title }}"\n      shell: bash\n',
  '.github/dependabot.yml': 'version: 2\nupdates:\n  - package-ecosystem: npm\n    directory: /\n    schedule: { interval: weekly }\n',
};

/** Called by another workflow and calling an action of the repository: what one file says alters what another one shows. */
const CALLING: Readonly<Record<string, string>> = {
  'caller.yml': `name: Caller
on:
  pull_request_target:
    types: [opened]
jobs:
  one:
    uses: ./.github/workflows/called.yml
    with: { title: "\${{ github.event.pull_request.title }}" }
    secrets: inherit
`,
  'called.yml': `name: Called
on:
  workflow_call:
    inputs:
      title: { type: string }
jobs:
  two:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: ./.github/actions/local
        with: { title: "\${{ inputs.title }}" }
      - run: echo "\${{ inputs.title }}"
`,
};

/** Where there is no corpus: ten of many kinds and sizes. */
function written(): [string, string][] {
  const plain = (name: string, on: string, steps: string): string => `name: ${name}\non: ${on}\njobs:\n  ${name}:\n    runs-on: ubuntu-latest\n    steps:\n${steps}`;
  return [
    ['large.yml', generatedWorkflow(16)], ['middle.yml', generatedWorkflow(5)], ['small.yml', generatedWorkflow(2)],
    ['ci.yml', plain('ci', '[push, pull_request]', '      - uses: actions/checkout@v4\n      - run: npm ci && npm test\n')],
    ['issues.yml', plain('issues', 'issues', '      - run: echo "${{ github.event.issue.title }}"\n      - uses: some/labeler@main\n        with: { token: "${{ secrets.TOKEN }}" }\n')],
    ['target.yml', plain('target', 'pull_request_target', '      - uses: actions/checkout@v4\n        with: { ref: "${{ github.head_ref }}" }\n      - run: make\n')],
    ['release.yml', plain('release', '{ push: { tags: [v*] } }', `      - uses: actions/checkout@${SHA} # v7.0.1\n      - run: npm publish\n        env: { NODE_AUTH_TOKEN: "\${{ secrets.NPM }}" }\n`)],
    ['windows.yml', plain('windows', 'push', '      - uses: actions/setup-node@v4\n      - run: echo "::set-output name=a::b"\n').replaceAll('\n', '\r\n')],
    ['nightly.yml', plain('nightly', '{ schedule: [{ cron: "0 0 * * *" }] }', '      - run: |\n          curl https://example.org/x.sh | sh\n          echo "A=${{ github.ref_name }}" >> "$GITHUB_ENV"\n')],
    ['after.yml', plain('after', '{ workflow_run: { workflows: [ci] } }', '      - uses: actions/download-artifact@v4\n      - run: ./build.sh\n')],
  ];
}

/** Ten workflows by file name: real ones where there are any, the largest of all and nine of all sizes below 20 KB; else those written for it. */
export function tenWorkflows(): [string, string][] {
  const real = corpusFiles().filter(f => f.kind === 'workflow').sort((a, b) => b.text.length - a.text.length || (`${a.repository}/${a.path}` < `${b.repository}/${b.path}` ? -1 : 1));
  const [largest] = real;
  if (!largest) return written();
  const others = real.filter(f => f.text.length < 20_000 && f.repository !== largest.repository);
  const chosen = [largest, ...Array.from({ length: 9 }, (_, i) => others[Math.floor(others.length * (i / 9) ** 2)]!)];
  return chosen.map((f, i) => [`${String(i).padStart(2, '0')}-${f.path.slice(f.path.lastIndexOf('/') + 1)}`, f.text]);
}

/** A git repository with ten workflows and what goes with them, and branches that differ in all that can differ. */
export class SessionRepository extends TemporaryFolder {
  readonly branches = ['main', 'feature', 'old'];
  /** The ten, relative to the root. */
  readonly workflows: readonly string[];
  #known = new Map<string, string>();

  constructor() {
    super(BESIDE);
    const ten = tenWorkflows();
    this.workflows = ten.map(([name]) => `${WORKFLOWS}/${name}`);
    for (const [name, text] of [...ten, ...Object.entries(CALLING)]) this.write(`${WORKFLOWS}/${name}`, text);
    this.#git('init', '-q', '-b', 'main');
    this.#commit();
    const at = (i: number): string => this.workflows[i]!;
    this.#git('checkout', '-q', '-b', 'feature');
    for (const i of [0, 2, 4, 6]) this.write(at(i), this.text(at(i))!.replace(/^on:/m, '# another branch\non:').replace(/@[\w.]+/, '@main').replaceAll('ubuntu-latest', 'ubuntu-24.04'));
    this.remove(at(3));
    this.move(at(5), `${WORKFLOWS}/moved.yml`);
    this.write(`${WORKFLOWS}/new.yml`, CALLING['called.yml']!.replace('workflow_call:', 'issue_comment:').replaceAll('inputs.title', 'github.event.comment.body'));
    this.write('.github/ci-hardening.yml', `profile: strict\nrules:\n  unpinned-action: low\nignore:\n  - rule: "*"\n    path: ${at(1)}\n    reason: generated\n`);
    this.write('Dockerfile', 'FROM node:20\n');
    this.write('SECURITY.md', 'Write to us.\n');
    this.#commit();
    this.#git('checkout', '-q', '-b', 'old', 'main');
    for (const i of [1, 7, 8, 9]) this.remove(at(i));
    this.remove(`${WORKFLOWS}/called.yml`);
    rmSync(join(this.path, '.github/actions'), { recursive: true });
    rmSync(join(this.path, '.github/dependabot.yml'));
    this.write('.github/CODEOWNERS', '* @owner\n');
    this.#commit();
    this.#git('checkout', '-q', 'main');
    this.changes();
  }

  /** Text of a file on disk; undefined where there is none. */
  text(path: string): string | undefined { return this.#now().get(path); }

  get files(): string[] { return [...this.#now().keys()]; }

  move(from: string, to: string): void {
    mkdirSync(dirname(join(this.path, to)), { recursive: true });
    renameSync(join(this.path, from), join(this.path, to));
  }

  /** Everything as the branch has it; what was written since is lost. */
  checkout(branch: string): void {
    this.#git('checkout', '-q', '-f', branch);
    this.#git('clean', '-fdq');
  }

  /** What a watcher would tell of since the last time, and the paths. */
  changes(): { path: string; event: FileEvent }[] {
    const now = this.#now(), before = this.#known;
    this.#known = now;
    const of = (path: string, type: FileChangeType) => ({ path, event: { uri: this.uri(path), type } });
    return [
      ...[...now].flatMap(([path, text]) => (!before.has(path) ? [of(path, FileChangeType.Created)] : before.get(path) !== text ? [of(path, FileChangeType.Changed)] : [])),
      ...[...before.keys()].filter(path => !now.has(path)).map(path => of(path, FileChangeType.Deleted)),
    ];
  }

  #now(): Map<string, string> {
    const out = new Map<string, string>();
    const visit = (folder: string): void => {
      for (const entry of readdirSync(join(this.path, folder), { withFileTypes: true })) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory()) { if (entry.name !== '.git') visit(path); } else out.set(path, readFileSync(join(this.path, path), 'utf8'));
      }
    };
    visit('');
    return out;
  }

  #commit(): void {
    this.#git('add', '-A');
    this.#git('commit', '-q', '-m', 'state');
  }

  #git(...args: string[]): void {
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false', '-c', 'core.autocrlf=false', '-c', 'core.hooksPath=/dev/null', ...args],
      { cwd: this.path, stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

/** Writes a configuration file, or takes it away. */
export const CONFIGS: readonly (string | undefined)[] = [
  undefined, 'profile: strict\n', 'rules:\n  unpinned-action: off\n  missing-timeout: high\n', 'ignore:\n  - rule: "*"\n    path: .github/workflows/0*\n    reason: later\n',
  'profile: [\n', 'rules:\n  no-such-rule: high\ntrusted-owners: [actions]\n', 'trustedOwners: [actions, docker]\n', '',
];
export const SETTINGS: readonly unknown[] = [
  {}, { profile: 'strict' }, { rules: { 'unpinned-action': 'off' } }, { rules: { 'unpinned-action': 'critical' }, trustedOwners: ['actions'] }, { missingPractices: false }, { officialExtension: true },
];

