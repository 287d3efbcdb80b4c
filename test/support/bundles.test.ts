import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import Module, { builtinModules, createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Metafile } from 'esbuild';

const ROOT = join(__dirname, '../..');
const PAIRS = [['server.js', 'server.browser.js'], ['extension.js', 'extension.browser.js']] as const;

describe('bundles', function () {
  this.timeout(120_000);
  let folder: string;
  let outputs: Map<string, Metafile['outputs'][string]>;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ci-hardening-bundles-'));
    const metafile = join(folder, 'meta.json');
    await promisify(execFile)(process.execPath, [
      join(ROOT, 'scripts/build.mjs'), '--dev', `--outdir=${folder}`, `--only=${PAIRS.flat().map(file => file.replace(/\.js$/, '')).join(',')}`, `--metafile=${metafile}`,
    ]);
    const metafiles = JSON.parse(readFileSync(metafile, 'utf8')) as Metafile[];
    outputs = new Map(metafiles.flatMap(one => Object.entries(one.outputs)).map(([file, output]) => [file.split('/').at(-1)!, output]));
  });
  after(() => { rmSync(folder, { recursive: true, force: true }); });

  for (const [, file] of PAIRS) {
    it(`${file} has nothing of Node in it`, () => {
      const { imports, inputs } = outputs.get(file)!;
      assert.deepEqual(imports.filter(one => one.external).map(one => one.path), file.startsWith('extension') ? imports.map(() => 'vscode') : []);
      assert.ok(Object.keys(inputs).length > 50);
      assert.deepEqual(Object.keys(inputs).filter(path => /\/lib\/node\//.test(path)), []);
      const source = readFileSync(join(folder, file), 'utf8');
      const names = [...source.matchAll(/require\("([^"]+)"\)/g)].map(match => match[1]!);
      assert.deepEqual(names.filter(name => name.startsWith('node:') || builtinModules.includes(name)), []);
    });
  }

  for (const [file, shared] of PAIRS) {
    it(`${file} takes from ${shared} nothing that isn't there`, () => {
      const source = readFileSync(join(folder, file), 'utf8');
      const holders = [...source.matchAll(/(\w+) = (?:__toESM\(|__importStar\()?require\("([^"]+)"\)/g)].filter(match => match[2] === `./${shared}`).map(match => match[1]!);
      assert.ok(holders.length > 0);
      const used = new Set(holders.flatMap(holder => [...source.matchAll(new RegExp(`\\b${holder}\\.(\\w+)`, 'g'))].map(match => match[1]!)));
      assert.ok(used.size > 1);
      const there = load(join(folder, shared));
      assert.deepEqual([...used].filter(name => !(name in there)), []);
    });

    it(`${file} bundles none of the rules and libraries a second time`, () => {
      const own = Object.entries(outputs.get(file)!.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
      assert.deepEqual(own.filter(path => path.startsWith('rules/') || /vscode-jsonrpc\/lib\/common\/connection/.test(path)), []);
    });
  }
});

/** Loads a bundle with something in the editor's place that has whatever it is asked for. */
function load(file: string): object {
  const anything: object = new Proxy(function () { /* Can be called, made new and extended. */ }, { get: (target, name): unknown => (name === 'prototype' ? target.prototype : anything) });
  const loader = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown };
  const before = loader._load;
  loader._load = (request, ...rest) => (request === 'vscode' ? anything : before(request, ...rest));
  try {
    return createRequire(file)(file) as object;
  } finally {
    loader._load = before;
  }
}
