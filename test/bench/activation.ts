/** What the extension's code costs an editor before its server runs. What its activation takes in a real one, the suite of its user interface prints. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { root, table } from './files';

/** In a process of its own, so that nothing is warm; the editor's stand-in has whatever it is asked for. */
const SCRIPT = `
  const Module = require('node:module');
  const anything = new Proxy(function () {}, { get: (target, name) => name === 'prototype' ? target.prototype : anything });
  const load = Module._load;
  Module._load = (request, ...rest) => request === 'vscode' ? anything : load(request, ...rest);
  const started = process.hrtime.bigint();
  require(process.argv[1]);
  process.stdout.write(String(Number(process.hrtime.bigint() - started) / 1e6));
`;

export function activationBench(): void {
  const times = Array.from({ length: 9 }, () => {
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', SCRIPT, path.join(root, 'dist/extension.js')], { encoding: 'utf8' });
    if (stdout === '') throw new Error(stderr.slice(-1000));
    return Number(stdout);
  }).sort((a, b) => a - b);
  console.log(table([['Extension', 'median of 9', 'slowest'], ['its code is read and run', `${times[4]!.toFixed(0)} ms`, `${times[8]!.toFixed(0)} ms`]]));
}
