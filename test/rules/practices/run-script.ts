/** Scripts that practices add, run for real: in folders of their own, with stand-ins for programs and servers on this machine. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { withTools } from '../../support/tools';
import { SCRIPT_TEXTS } from '../../../rules/practices/reliability/scripts';

export type ScriptName = keyof typeof SCRIPT_TEXTS;
export interface Outcome { readonly code: number | null; readonly out: string; readonly file: (name: string) => string }

/** A folder with the scripts at the place where they are added to, and `bin/` ahead of the path. */
export class Workbench {
  readonly dir = mkdtempSync(join(tmpdir(), 'scripts-'));

  constructor(...names: readonly ScriptName[]) {
    for (const n of names) this.write(`.github/scripts/${n}`, SCRIPT_TEXTS[n]);
    mkdirSync(join(this.dir, 'bin'));
  }

  write(name: string, text: string): void {
    const path = join(this.dir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  read(name: string): string {
    try { return readFileSync(join(this.dir, name), 'utf8'); } catch { return ''; }
  }

  /** A program of this name that says what it is called with in `calls`, and then does this. */
  standIn(name: string, body = ''): void {
    this.write(`bin/${name}`, `#!/usr/bin/env bash\nprintf '%s\\n' "${name} $*" >>"$STAND_IN_DIR/calls"\n${body}\n`);
    chmodSync(join(this.dir, 'bin', name), 0o755);
  }

  calls(): string[] { return this.read('calls').split('\n').filter(Boolean); }

  run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const child = spawn(command, args, {
        cwd: this.dir,
        env: { PATH: [join(this.dir, 'bin'), process.env['PATH']].join(delimiter), HOME: this.dir, STAND_IN_DIR: this.dir, GITHUB_STEP_SUMMARY: join(this.dir, 'summary'),
          GITHUB_OUTPUT: join(this.dir, 'output'), GITHUB_WORKSPACE: this.dir, ...env },
      });
      let out = '';
      child.stdout.on('data', d => { out += String(d); });
      child.stderr.on('data', d => { out += String(d); });
      child.on('error', reject);
      child.on('close', code => { resolve({ code, out, file: name => this.read(name) }); });
    });
  }

  script(name: ScriptName, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    return this.run(name.endsWith('.py') ? 'python3' : 'bash', [`.github/scripts/${name}`, ...args], env);
  }

  remove(): void { rmSync(this.dir, { recursive: true, force: true }); }
}

/** A server on this machine that answers each path as it is told: status and text. */
export async function serve(answer: (path: string) => readonly [number, string]): Promise<{ url: string; asked: string[]; close: () => Promise<void> }> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const [status, text] = answer(request.url ?? '');
    response.writeHead(status).end(text);
  });
  await new Promise<void>(ready => { server.listen(0, '127.0.0.1', ready); });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close: () => new Promise(done => { server.close(() => { done(); }); }) };
}

/** The scripts parse, and a linter has nothing to say where it is on this machine. */
export function wellFormed(...names: readonly ScriptName[]): void {
  for (const name of names) {
    const python = name.endsWith('.py'), program = python ? 'python3' : 'bash';
    withTools(program)(`${name} parses`, async () => {
      const bench = new Workbench(name);
      try {
        const { code, out } = await bench.run(program, python ? ['-m', 'py_compile', `.github/scripts/${name}`] : ['-n', `.github/scripts/${name}`]);
        if (code !== 0) throw new Error(out);
      } finally { bench.remove(); }
    });
    if (python) continue;
    withTools('shellcheck')(`${name} has nothing that ShellCheck warns of`, async () => {
      const bench = new Workbench(name);
      try {
        const { code, out } = await bench.run('shellcheck', ['--severity=warning', `.github/scripts/${name}`]);
        if (code !== 0) throw new Error(out);
      } finally { bench.remove(); }
    });
  }
}
