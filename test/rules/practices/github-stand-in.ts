/** Generated scripts, run as a workflow would run them, against a stand-in for GitHub on the loopback interface. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Asked { readonly method: string; readonly path: string; readonly body: unknown }
/** What the stand-in answers: a status and JSON, text, or undefined for 404. */
export type Answer = { readonly status?: number; readonly body?: unknown } | undefined;
export interface Ran { readonly code: number | null; readonly output: string; readonly summary: string; readonly asked: readonly Asked[] }

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? undefined : JSON.parse(text);
}

/** Runs a script with `answer` for each request below `/repos/o/r`. */
export async function runScript(script: string, args: readonly string[], env: Readonly<Record<string, string>>,
  answer: (asked: Asked) => Answer): Promise<Ran> {
  const folder = mkdtempSync(path.join(tmpdir(), 'script-')), asked: Asked[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then(body => {
      const one = { method: request.method ?? '', path: (request.url ?? '').replace('/repos/o/r', ''), body };
      asked.push(one);
      const found = answer(one);
      const status = found === undefined ? 404 : found.status ?? 200;
      const text = typeof found?.body === 'string' ? found.body : JSON.stringify(found?.body ?? {});
      response.writeHead(status, { 'content-type': typeof found?.body === 'string' ? 'text/plain' : 'application/json' });
      response.end(status === 204 ? undefined : text);
    });
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  try {
    const file = path.join(folder, 'script.mjs'), summary = path.join(folder, 'summary.md');
    writeFileSync(file, script);
    writeFileSync(summary, '');
    const child = spawn(process.execPath, [file, ...args], { cwd: folder, env: { PATH: process.env['PATH'], GITHUB_REPOSITORY: 'o/r',
      GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, GITHUB_STEP_SUMMARY: summary, GITHUB_TOKEN: 't',
      RETRY_SECONDS: '0', ...env } });
    let output = '';
    child.stdout.on('data', d => { output += String(d); });
    child.stderr.on('data', d => { output += String(d); });
    const code = await new Promise<number | null>(done => child.on('close', done));
    return { code, output, summary: readFileSync(summary, 'utf8'), asked };
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Throws where Node can't read the script. */
export function checkScript(script: string): void {
  execFileSync(process.execPath, ['--check', '--input-type=module', '-'], { input: script, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** What a script exports, for its plain functions. */
export async function exportsOf<T>(script: string): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'script-'));
  try {
    const file = path.join(folder, 'script.mjs');
    writeFileSync(file, script);
    return await import(pathToFileURL(file).href) as T;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
