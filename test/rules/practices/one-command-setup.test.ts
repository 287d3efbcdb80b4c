import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository } from '../../../rules/repository';
import { practice, practiceCases, repository, workflow, type Files } from './support';

const NODE: Files = { 'package.json': '{}', 'package-lock.json': '{}' };

function script(files: Files): string {
  const made = practice('one-command-setup').scaffold!.plan(repository(files));
  assert.ok(!('refused' in made));
  return made.changes[0]!.newText;
}

describe('one-command-setup', () => {
  practiceCases('one-command-setup', {
    met: {
      'a development container': { ...NODE, '.devcontainer/devcontainer.json': '{"image":"x"}' },
      'a script': { ...NODE, 'scripts/bootstrap': '#!/bin/sh\nnpm ci\n' },
      'a target of Make': { ...NODE, Makefile: 'all:\n\techo\n\nsetup: deps\n\tnpm ci\n' },
      'a recipe of just': { ...NODE, justfile: 'bootstrap:\n    npm ci\n' },
      'a task': { ...NODE, 'Taskfile.yml': 'version: 3\ntasks:\n  setup:\n    cmds: [npm ci]\n' },
      'a script of package.json': { 'package.json': '{"scripts":{"setup":"node setup.js"}}' },
      'a target of an included file, which CI calls': { ...NODE, Makefile: 'include mk/dev.mk\n', '.github/workflows/ci.yml': workflow('- run: make bootstrap\n') },
      'a shell of Nix': { 'go.mod': '', 'flake.nix': '{ outputs = { devShells = {}; }; }' },
    },
    partial: 'there is one command, or there is none',
    missing: {
      'nothing': NODE,
      'a script that does nothing': { ...NODE, 'scripts/setup.sh': '#!/bin/sh\nset -e\necho Setting up\nexit 0\n' },
      'a target without a recipe': { ...NODE, Makefile: 'setup:\n\ntest:\n\tmake\n' },
      'a target without a recipe that CI calls': { ...NODE, Makefile: 'setup:\n', '.github/workflows/ci.yml': workflow('- run: make setup\n') },
      'a target of another folder': { ...NODE, Makefile: 'include x.mk\n', '.github/workflows/ci.yml': workflow('- run: make setup\n  working-directory: web\n- run: make -C web setup\n') },
      'make install, which is for users': { ...NODE, Makefile: 'PREFIX = /usr/local\ninstall:\n\tcp x $(PREFIX)/bin\n' },
      'versions alone': { ...NODE, '.tool-versions': 'nodejs 24\n' },
      'an example’s container (decoy)': { ...NODE, 'examples/.devcontainer/devcontainer.json': '{"image":"x"}' },
    },
    notApplicable: { 'there is nothing to install': { 'README.md': '' } },
  });

  it('takes the word of CI for a file that can’t be read, and else doesn’t know', () => {
    const at = (run: string): number | 'unknown' => {
      const files: Files = { ...NODE, '.github/workflows/ci.yml': workflow(`- run: ${run}\n`) };
      const repo = createRepository([...Object.keys(files), 'Taskfile.yml'], path => files[path]);
      return practice('one-command-setup').evidence(repo).result;
    };
    assert.equal(at('task setup'), 1);
    assert.equal(at('task build'), 'unknown');
    assert.equal(at('echo task setup'), 'unknown');
    assert.match(practice('one-command-setup').evidence(createRepository(['package.json', 'Makefile'], () => undefined)).lookedFor[0]!, /whether Makefile, package\.json, which could not be read/);
    assert.equal(practice('one-command-setup').evidence(createRepository(['requirements.txt', 'docs/Makefile'], () => undefined)).result, 0);
  });

  it('doesn’t know the scripts of a package.json that can’t be read', () => {
    const v = practice('one-command-setup').evidence(createRepository(['package.json', 'package-lock.json'], () => undefined));
    assert.deepEqual([v.result, v.lookedFor], ['unknown', ['whether package.json, which could not be read, has a target or a script such as setup, bootstrap or install-dev']]);
  });
  it('adds a script that POSIX shells understand, whatever folders are called', () => {
    const text = script({ ...NODE, "it's/go.mod": '', '-x/requirements.txt': '', 'a b/Cargo.toml': '', 'web/yarn.lock': '', 'web/package.json': '{}' });
    for (const shell of ['sh', 'bash']) execFileSync(shell, ['-n'], { input: text });
    assert.match(text, /\(cd '\.\/it'\\''s' && go mod download\)/);
  });

  it('says what is missing, and installs in each folder', () => {
    const root = mkdtempSync(path.join(tmpdir(), 'setup-'));
    try {
      for (const d of ['scripts', 'bin', 'api']) mkdirSync(path.join(root, d));
      const file = path.join(root, 'scripts/setup.sh'), log = path.join(root, 'log');
      writeFileSync(file, script({ ...NODE, 'api/go.mod': 'module x\n' }));
      const run = () => spawnSync('/bin/sh', [file], { encoding: 'utf8', cwd: tmpdir(), env: { PATH: `${path.join(root, 'bin')}:/usr/bin:/bin`, LOG: log } });
      const tool = (name: string): void => {
        writeFileSync(path.join(root, 'bin', name), '#!/bin/sh\necho "$(basename "$PWD") $(basename "$0") $*" >> "$LOG"\n');
        chmodSync(path.join(root, 'bin', name), 0o755);
      };
      tool('npm');
      // Only what this test has made may count as installed.
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll('for tool in go npm', 'for tool in go-of-this-test npm'));
      const without = run();
      assert.equal(without.status, 1);
      assert.match(without.stderr, /Install first: go-of-this-test\n/);
      tool('go-of-this-test');
      tool('go');
      const whole = run();
      assert.equal(whole.status, 0, whole.stderr);
      assert.equal(readFileSync(log, 'utf8'), `${path.basename(root)} npm ci\napi go mod download\n`);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
